import { NormError } from '../errors.ts';
import type { NormErrorCode } from '../errors.ts';

/** The error that the device finds in work, some time after it was handed over; null where there is none. */
export type Failure = Promise<NormError | null>;

/**
 * Does work, and asks the device for errors in it, which whoever reads the results is to hear of: `memory`, `destroyed` where it mentions a
 * buffer or texture that the app destroyed, which WebGPU does not tell before, or `device`.
 */
export function failureOf(device: GPUDevice, filter: GPUErrorFilter, label: string, work: () => void): Failure {
  device.pushErrorScope(filter);
  let answer: Promise<GPUError | null>;
  try {
    work();
  } finally {
    answer = device.popErrorScope();
  }
  return answer.then(
    (error) => error && new NormError(codeOf(filter, error), `${label}: ${error.message}`),
    () => null, // The device was lost; whoever uses it next is told.
  );
}

function codeOf(filter: GPUErrorFilter, { message }: GPUError): NormErrorCode {
  if (filter === 'out-of-memory') return 'memory';
  return /\bdestroyed\b/i.test(message) ? 'destroyed' : 'device';
}

/** The first of some failures that is one, in their order. */
export async function firstOf(failures: readonly Failure[]): Failure {
  for (const failure of failures) {
    const wrong = await failure;
    if (wrong) return wrong;
  }
  return null;
}

/** Settles once the device has told of all that befell it so far, its loss too. */
export async function caughtUp(device: GPUDevice): Promise<void> {
  await failureOf(device, 'validation', '', () => {});
  // Deno tells of a loss in a later turn of its event loop. No timer: an app's tests may have put their own in its place.
  // Chromium refuses to wait where its GPU process crashed, a moment before it tells of the loss.
  await device.queue.onSubmittedWorkDone().catch(async () => device.lost);
}
