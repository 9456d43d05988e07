import { describe, expect, it } from 'vitest';
import { boundOf } from './support/bounds.ts';
import { openContexts } from './support/contexts.ts';
import { modes } from './support/modes.ts';
import type { Size } from './support/modes.ts';
import { Random } from './support/random.ts';
import { AFFINE, callGpu, callReference, fill, relativeError } from './support/run.ts';
import type { Place } from './support/run.ts';

/** Tensors as parts of one buffer of the app's, the first at byte 256, with gaps between them. */

const contexts = await openContexts();
const kinds = Object.keys(AFFINE) as (keyof typeof AFFINE)[];
const SIZES: Size[] = [
  { N: 3, C: 8, L: 24 },
  { N: 2, C: 3, L: 35 },
];
const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;
const UNTOUCHED = -77;

describe.each(modes)('$name', (mode) => {
  it.each(mode.layouts)('%s in parts of one buffer, whose rest stays as it was', async (layout) => {
    for (const { context, size, affine } of Object.values(contexts).flatMap((each) =>
      SIZES.flatMap((size) => kinds.map((affine) => ({ context: each, size, affine }))),
    )) {
      const { device } = context;
      const filled = fill(mode, mode.call(size, layout), affine, new Random(51));
      const mirror = new Float32Array(1 << 14).fill(UNTOUCHED);
      let end = 256;
      const buffer = device.createBuffer({ size: mirror.byteLength, usage: STORAGE_AND_COPIES });
      const place: Place = ({ data, shape }) => {
        const byteOffset = end;
        device.queue.writeBuffer(buffer, byteOffset, data);
        mirror.set(data, byteOffset / 4);
        end = Math.ceil((byteOffset + data.byteLength + 256) / 256) * 256;
        return context.wrap(buffer, { shape, byteOffset });
      };
      device.queue.writeBuffer(buffer, 0, mirror);
      const out = place(filled.x, 'out');
      const y = callGpu(filled, place, { out });
      expect(y).toBe(out);
      const error = relativeError(
        await y.read(),
        callReference(filled),
        filled.arrays['weight'],
        filled.arrays['bias'],
      );
      expect(error).toBeLessThanOrEqual(boundOf(mode));
      const after = await context.wrap(buffer, { shape: [mirror.length] }).read();
      after.set(filled.x.data, out.byteOffset / 4);
      expect(after).toEqual(mirror);
      buffer.destroy();
    }
  });
});
