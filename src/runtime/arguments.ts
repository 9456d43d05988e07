import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';

/** Checks of what a call is given, as far as types can be wrong. */

/** @throws NormError `option` unless an object of WebGPU has a method that tells it from others. */
export function checkMethod(op: string, name: string, value: unknown, wanted: string, method: string): void {
  const found: unknown = (value as Record<string, unknown> | null)?.[method];
  if (typeof found !== 'function') {
    throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be ${wanted}`);
  }
}

/** @throws NormError `option` unless it is a function that makes its calls before it returns. */
export function checkCalls(op: string, calls: unknown, name = 'calls'): void {
  const given = formatValue(calls);
  if (given !== 'a function') throw new NormError('option', `${op}: ${name} is ${given}; it must be ${SYNCHRONOUS}`);
}

/** @throws NormError `option` where a function of calls returned a Promise. */
export function checkReturned(op: string, returned: unknown): void {
  if (typeof (returned as PromiseLike<unknown> | null | undefined)?.then !== 'function') return;
  Promise.resolve(returned).catch(() => {}); // What it says is of calls that should not have been made.
  throw new NormError('option', `${op}: the function returned a Promise; it must be ${SYNCHRONOUS}`);
}

const SYNCHRONOUS = 'a function without await, since what follows the first one would run for real';
