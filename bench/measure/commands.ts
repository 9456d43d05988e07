import { after } from './notice.ts';

/** What is given to WebGPU: noted while somebody gives it, and given again. */

export interface Dispatch {
  pipeline: GPUComputePipeline;
  groups: readonly (GPUBindGroup | null)[];
  workgroups: readonly [x: number, y?: number, z?: number];
}

/** What is submitted together: compute passes. */
export interface Submitted {
  passes: Dispatch[][];
}

/**
 * The commands that some work submits.
 *
 * @throws Error where it submits anything but dispatches: then giving it again would be less than it did.
 */
export function noteCommands(work: () => void): Submitted[] {
  const submitted: Submitted[] = [];
  const pending: Dispatch[][] = [];
  const passes = new WeakMap<GPUComputePassEncoder, { dispatches: Dispatch[]; pipeline?: GPUComputePipeline }>();
  const groups: (GPUBindGroup | null)[] = [];
  const of = (pass: GPUComputePassEncoder) => passes.get(pass)!;
  const restore = [
    after(GPUCommandEncoder.prototype, 'beginComputePass', (_, __, pass) => {
      const dispatches: Dispatch[] = [];
      passes.set(pass, { dispatches });
      pending.push(dispatches);
      groups.length = 0;
    }),
    after(GPUComputePassEncoder.prototype, 'setPipeline', (pass, [pipeline]) => void (of(pass).pipeline = pipeline)),
    after(GPUComputePassEncoder.prototype, 'setBindGroup', (_, [index, group]) => void (groups[index] = group ?? null)),
    after(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', (pass, workgroups) => {
      const { dispatches, pipeline } = of(pass);
      dispatches.push({ pipeline: pipeline!, groups: [...groups], workgroups });
    }),
    // Each is submitted by itself then. The library has replaced the queue's own `submit` where an encoder is the app's.
    after(GPUCommandEncoder.prototype, 'finish', () => void submitted.push({ passes: pending.splice(0) })),
    ...(['copyBufferToBuffer', 'clearBuffer'] as const).map((name) =>
      after(GPUCommandEncoder.prototype, name, () => {
        throw new Error(`the call has a command besides its dispatches: ${name}`);
      }),
    ),
  ];
  try {
    work();
  } finally {
    for (const undo of restore) undo();
  }
  return submitted;
}

/** Gives the same commands again, as shortly as WebGPU lets one say them. */
export function replay(device: GPUDevice, commands: readonly Submitted[]): void {
  for (const { passes } of commands) {
    const encoder = device.createCommandEncoder();
    for (const dispatches of passes) {
      const pass = encoder.beginComputePass();
      for (const { pipeline, groups, workgroups } of dispatches) {
        pass.setPipeline(pipeline);
        for (let index = 0; index < groups.length; index++) pass.setBindGroup(index, groups[index]);
        pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
      }
      pass.end();
    }
    device.queue.submit([encoder.finish()]);
  }
}
