import type { ContextOptions } from '../../src/index.ts';
import type { Case, OutputName } from '../cases/case.ts';
import type { Arrays, OwnDevice } from './device.ts';
import { closeDevice, openDevice } from './device.ts';
import type { Data, Library, Opened, Subject } from './library.ts';

/** What a subject on our own device is made of. */
export interface Recorded {
  /** Records a call on a copy of x. */
  record(encoder: GPUCommandEncoder, copy: number): void;
  /** A call on its own; unless told, it is recorded and submitted. */
  call?(copy: number): void;
  /** What the call on copy 0 gave. */
  read(): Promise<Partial<Record<OutputName, Float32Array>>>;
  /** After each wait. */
  tidy?(): void;
  destroy?(): void;
}

/** A library on our own device, or on one with other options; `prepare` as {@link Opened} has it. */
export function ownLibrary(
  name: string,
  prepare: (own: OwnDevice, ...call: Parameters<Opened['prepare']>) => Promise<Subject | null>,
  options?: ContextOptions,
): Library {
  return {
    name,
    open: async () => {
      const own = await openDevice(options);
      return { prepare: async (...call) => prepare(own, ...call), destroy: async () => closeDevice(options) };
    },
  };
}

/** A subject on our own device: all calls of a run are recorded into one encoder, and submitted at once. */
export async function subjectOf(
  own: OwnDevice,
  of: Case,
  data: Data,
  make: (arrays: Arrays) => Recorded | Promise<Recorded>,
): Promise<Subject> {
  const arrays = own.take(of, data);
  let recorded: Recorded;
  try {
    recorded = await make(arrays);
  } catch (cause) {
    own.release(data);
    throw cause;
  }
  const { device, timer } = own;
  let turn = 0;
  const next = (): number => turn++ % data.copies;
  const submit = (record: (encoder: GPUCommandEncoder) => void): void => {
    const encoder = device.createCommandEncoder();
    record(encoder);
    device.queue.submit([encoder.finish()]);
  };
  const call = (copy: number): void => {
    if (recorded.call) recorded.call(copy);
    else submit((encoder) => recorded.record(encoder, copy));
  };

  return {
    call: () => call(next()),
    run: async (calls) => {
      submit((encoder) => {
        timer?.begin(encoder);
        for (let i = 0; i < calls; i++) recorded.record(encoder, next());
        timer?.end(encoder);
      });
      await own.wait();
      recorded.tidy?.();
    },
    ...(timer && { gpuMs: async () => timer.read() }),
    read: async () => {
      call(0);
      const results = await recorded.read();
      await own.wait();
      return results;
    },
    destroy: () => {
      recorded.destroy?.();
      own.release(data);
    },
  };
}

/** Workgroups in two dimensions, where one would be beyond the device's limit; the last row may be partly beyond the end. */
export function inTwoDimensions(workgroups: number, device: GPUDevice): [x: number, y: number] {
  const rows = Math.ceil(workgroups / device.limits.maxComputeWorkgroupsPerDimension);
  return [Math.ceil(workgroups / rows), rows];
}
