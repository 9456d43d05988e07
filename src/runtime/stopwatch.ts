import { MAP_MODE_READ, Usage } from './usage.ts';

/** Takes the milliseconds that the passes recorded by `record` take on a device. */
export type Stopwatch = (record: (pass: GPUComputePassEncoder) => void) => Promise<number>;

/** By the GPU's own clock where it can be read, else by ours, which has the way to the GPU and back in it. */
export function stopwatchOf(device: GPUDevice): Stopwatch {
  return device.features.has('timestamp-query') ? gpuClock(device) : wallClock(device);
}

const label = 'webgpu-norm stopwatch';

function gpuClock(device: GPUDevice): Stopwatch {
  return async (record) => {
    const querySet = device.createQuerySet({ label, type: 'timestamp', count: 2 });
    const resolved = device.createBuffer({ label, size: 16, usage: Usage.QUERY_RESOLVE | Usage.COPY_SRC });
    const staging = device.createBuffer({ label, size: 16, usage: Usage.MAP_READ | Usage.COPY_DST });
    try {
      const encoder = device.createCommandEncoder({ label });
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
      const pass = encoder.beginComputePass({ label, timestampWrites });
      record(pass);
      pass.end();
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_MODE_READ);
      const [begin, end] = new BigUint64Array(staging.getMappedRange());
      return Number(end! - begin!) / 1e6;
    } finally {
      querySet.destroy();
      resolved.destroy();
      staging.destroy();
    }
  };
}

function wallClock(device: GPUDevice): Stopwatch {
  return async (record) => {
    const encoder = device.createCommandEncoder({ label });
    const pass = encoder.beginComputePass({ label });
    record(pass);
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
}
