import type { Library } from './library.ts';
import { ownLibrary, subjectOf } from './recorded.ts';

/** The copy that WebGPU itself has. */
export const copyBuffer: Library = ownLibrary('copy-buffer', async (own, of, pass, data) => {
  if (pass !== 'forward') return null;
  return subjectOf(own, of, data, ({ x, y }) => ({
    record: (encoder, which) => {
      const [from, to] = [x[which]!, y[which]!];
      encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 0, from.byteLength);
    },
    read: async () => ({}),
  }));
});
