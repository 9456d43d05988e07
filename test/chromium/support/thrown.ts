import { NormError } from '../../../src/index.ts';

/** What a call throws. */
export function thrown(call: () => unknown): NormError {
  try {
    call();
  } catch (error) {
    if (error instanceof NormError) return error;
    throw error;
  }
  throw new Error('nothing is thrown');
}

/** What a promise is rejected with. */
export const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (problem: unknown) => problem,
  );
