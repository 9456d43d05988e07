import { MAP_MODE_READ, Usage } from '../../../src/runtime/usage.ts';
import { DISPATCHES, FAULTS, NOTED, watched } from './watched-program.ts';

/** `GPUShaderStage.COMPUTE`. */
const COMPUTE = 0x4;
/** Bytes between numbers that are bound by an offset. */
const APART = 256;

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
    if (number >= FAULTS) throw new Error('more faults than are told apart');
    numbers.set(label, number);
    return number;
  };
  const seen = device.createBuffer({
    size: 4 * (FAULTS + NOTED + 1),
    usage: Usage.STORAGE | Usage.COPY_SRC | Usage.COPY_DST,
  });
  const dispatches = device.createBuffer({ size: APART * (DISPATCHES + 1), usage: Usage.UNIFORM | Usage.COPY_DST });
  const counting = Uint32Array.from({ length: dispatches.size / 4 }, (_, index) => (index * 4) / APART);
  device.queue.writeBuffer(dispatches, 0, counting);
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: COMPUTE, buffer: { type: 'storage' } },
      { binding: 1, visibility: COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } },
    ],
  });
  const group = device.createBindGroup({
    layout,
    entries: [
      { binding: 0, resource: { buffer: seen } },
      { binding: 1, resource: { buffer: dispatches, size: 16 } },
    ],
  });
  let dispatched = 0;

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
          const { dispatchWorkgroups } = pass;
          return Object.assign(pass, {
            dispatchWorkgroups: (...sizes: [number, number?, number?]) => {
              if (dispatched === DISPATCHES) throw new Error('more dispatches than are told apart');
              pass.setBindGroup(1, group, [APART * ++dispatched]);
              dispatchWorkgroups.apply(pass, sizes);
            },
          });
        },
      });
    },
  });

  return async () => {
    const size = Math.max(4 * numbers.size, 4);
    const copy = device.createBuffer({ size, usage: Usage.COPY_DST | Usage.MAP_READ });
    const encoder = createCommandEncoder.call(device);
    encoder.copyBufferToBuffer(seen, 0, copy, 0, size);
    encoder.clearBuffer(seen);
    dispatched = 0;
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(MAP_MODE_READ);
    const counts = new Uint32Array(copy.getMappedRange());
    const found = [...numbers].flatMap(([label, number]) =>
      counts[number]! > 0 ? [`${label}, ${counts[number]} times`] : [],
    );
    copy.destroy();
    return found;
  };
}
