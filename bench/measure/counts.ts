import { after } from './notice.ts';

/** What a piece of work asked of WebGPU, whichever library did it, and what WebGPU refused. */
export interface Counts {
  dispatches: number;
  allocatedBytes: number;
  /** Compute pipelines, compiled at once or in the background. */
  pipelines: number;
}

const NONE: Counts = { dispatches: 0, allocatedBytes: 0, pipelines: 0 };

/** The queues of the page so far: what has to be waited for until its GPU is idle. */
const queues = new Set<GPUQueue>();
let counts: Counts = { ...NONE };
let refused: string | null = null;
let lost = false;
/** Told of the next device that is lost. */
let onLoss: (() => void) | null = null;
let patched = false;

/** Begins to notice what the libraries do, before any of them opens a device; what was noticed earlier is forgotten. */
export function watchGpu(): void {
  refused = null;
  lost = false;
  if (patched) return;
  patched = true;
  const pass = GPUComputePassEncoder.prototype;
  after(pass, 'dispatchWorkgroups', () => counts.dispatches++);
  after(pass, 'dispatchWorkgroupsIndirect', () => counts.dispatches++);
  after(GPUDevice.prototype, 'createBuffer', (_, [{ size }]) => (counts.allocatedBytes += size));
  after(GPUDevice.prototype, 'createComputePipeline', () => counts.pipelines++);
  after(GPUDevice.prototype, 'createComputePipelineAsync', () => counts.pipelines++);
  after(GPUQueue.prototype, 'submit', (queue) => queues.add(queue));
  const adapter = GPUAdapter.prototype;
  const original = adapter.requestDevice;
  adapter.requestDevice = async function (descriptor) {
    const device = await original.call(this, descriptor);
    device.addEventListener('uncapturederror', (event) => {
      refused ??= (event as GPUUncapturedErrorEvent).error.message;
    });
    void device.lost.then(({ reason }) => {
      if (reason === 'destroyed') return;
      lost = true;
      onLoss?.();
    });
    return device;
  };
}

/** @throws Error with what a device found wrong since this was last asked: most libraries do not look. */
export function throwRefused(): void {
  const problem = refused;
  refused = null;
  if (problem !== null) throw new Error(problem);
}

/** @throws Error where a device was lost since watching began: what was measured since then means nothing. */
export function throwLost(): void {
  if (lost) throw new Error(LOST);
}

/** Rejects with the same as soon as a device is lost: who waits for work on it may wait long. */
export async function deviceLoss(): Promise<never> {
  return new Promise((_, reject) => (onLoss = () => reject(new Error(LOST))));
}

const LOST = 'the device was lost';

/** What is asked for from the beginning of the work to its end. */
export async function countDuring(work: () => void | Promise<void>): Promise<Counts> {
  counts = { ...NONE };
  await work();
  return counts;
}

/** Until the GPU has done all that anybody gave it. */
export async function idle(): Promise<void> {
  await Promise.all([...queues].map(async (queue) => queue.onSubmittedWorkDone().catch(() => queues.delete(queue))));
}
