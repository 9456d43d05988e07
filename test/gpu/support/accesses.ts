import { watched } from './watched-program.ts';

/** Faults that may be told apart. */
const MOST = 1 << 16;
const STORAGE = 0x80;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const COMPUTE = 0x4;

/**
 * Has each program of a device look at each index before it is used. The function that is returned tells what was seen since it was last asked, by the label
 * of its program: who reached beyond an array, and who did not wait for others. `planted` changes programs before: to see whether the watch sees.
 */
export function watchAccesses(
  device: GPUDevice,
  planted: (code: string) => string = (code) => code,
): () => Promise<string[]> {
  const numbers = new Map<string, number>();
  const numberOf = (label: string): number => {
    const number = numbers.get(label) ?? numbers.size;
    if (number >= MOST) throw new Error('more faults than are told apart');
    numbers.set(label, number);
    return number;
  };
  const seen = device.createBuffer({ size: 4 * MOST, usage: STORAGE | COPY_SRC | COPY_DST });
  const layout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: COMPUTE, buffer: { type: 'storage' } }],
  });
  const group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: seen } }] });

  const { createShaderModule, createPipelineLayout, createCommandEncoder } = device;
  Object.assign(device, {
    createShaderModule: ({ code, label = '' }: GPUShaderModuleDescriptor) => {
      const numbered = (fault: string): number => numberOf(`${label}: ${fault}`);
      return createShaderModule.call(device, { label, code: watched(planted(code), numbered) });
    },
    createPipelineLayout: (descriptor: GPUPipelineLayoutDescriptor) =>
      createPipelineLayout.call(device, {
        ...descriptor,
        bindGroupLayouts: [...descriptor.bindGroupLayouts, layout],
      }),
    createCommandEncoder: (descriptor?: GPUCommandEncoderDescriptor) => {
      const encoder = createCommandEncoder.call(device, descriptor);
      const { beginComputePass } = encoder;
      return Object.assign(encoder, {
        beginComputePass: (given?: GPUComputePassDescriptor) => {
          const pass = beginComputePass.call(encoder, given);
          pass.setBindGroup(1, group);
          return pass;
        },
      });
    },
  });

  return async () => {
    const size = Math.max(4 * numbers.size, 4);
    const copy = device.createBuffer({ size, usage: COPY_DST | 1 });
    const encoder = createCommandEncoder.call(device);
    encoder.copyBufferToBuffer(seen, 0, copy, 0, size);
    encoder.clearBuffer(seen, 0, size);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(1);
    const counts = new Uint32Array(copy.getMappedRange());
    const found = [...numbers].flatMap(([label, number]) =>
      counts[number]! > 0 ? [`${label}, ${counts[number]} times`] : [],
    );
    copy.destroy();
    return found;
  };
}
