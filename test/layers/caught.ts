import { NormError } from '../../src/errors.ts';

/** What a call throws, which must be a NormError. */
export function caught(call: () => unknown): NormError {
  try {
    call();
  } catch (error) {
    if (error instanceof NormError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
