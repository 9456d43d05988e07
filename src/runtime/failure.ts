import { NormError } from '../errors.ts';

/** What the device finds wrong with work, some time after it was handed over; null where nothing is. */
export type Failure = Promise<NormError | null>;

/** Does work, and asks the device for errors in it, which whoever reads the results is to hear of. */
export function failureOf(
  device: GPUDevice,
  filter: 'validation' | 'out-of-memory',
  label: string,
  work: () => void,
): Failure {
  const code = filter === 'validation' ? 'device' : 'memory';
  device.pushErrorScope(filter);
  let answer: Promise<GPUError | null>;
  try {
    work();
  } finally {
    answer = device.popErrorScope();
  }
  return answer.then(
    (error) => error && new NormError(code, `${label}: ${error.message}`),
    () => null, // The device was lost; whoever uses it next is told.
  );
}
