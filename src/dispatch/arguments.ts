import { NormError } from '../errors.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import { formatValue, isPromise } from '../problem/format-value.ts';
import { checkNames } from '../problem/options.ts';
import { formatShape } from '../problem/shape.ts';
import { Tensor } from './tensor.ts';

/** What a call is given, as far as types can be wrong. */

/** @throws NormError `option` unless it is a tensor. */
export function checkTensor(op: string, name: string, tensor: unknown): asserts tensor is Tensor {
  if (tensor instanceof Tensor) return;
  const given = formatValue(tensor);
  const what = given === 'a Tensor' ? `${given} of another library, or of another copy of this one` : given;
  throw new NormError('option', `${op}: ${name} is no Tensor but ${what}; make one with ctx.tensor() or ctx.wrap()`);
}

/** @throws NormError `option` unless it says where a call goes: by the given names, and into an encoder that has no pass open. */
export function checkRecord(op: string, record: { encoder?: GPUCommandEncoder }, names: readonly string[]): void {
  checkNames(op, record, names, 'record is');
  const { encoder } = record;
  if (encoder !== undefined) checkMethod(op, 'encoder', encoder, 'a GPUCommandEncoder', 'beginComputePass');
}

/** @throws NormError `option` unless an object of WebGPU has a method that tells it from others. */
export function checkMethod(op: string, name: string, value: unknown, wanted: string, method: string): void {
  const found: unknown = (value as Record<string, unknown> | null)?.[method];
  if (typeof found !== 'function') {
    throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be ${wanted}`);
  }
}

/** @throws NormError `option` unless it is what `moments`, `mergeMoments` or `loadMoments` gives, or has its tensors and count. */
export function checkMoments(op: string, moments: unknown): void {
  if (typeof moments !== 'object' || moments === null || moments instanceof Tensor || !('packed' in moments)) {
    throw new NormError(
      'option',
      `${op}: moments is ${formatValue(moments)}; give what moments() or mergeMoments() returns`,
    );
  }
  const { mean, packed, count } = moments as { mean?: unknown; packed: unknown; count?: unknown };
  checkTensor(op, 'mean of moments', mean);
  checkTensor(op, 'packed of moments', packed);
  checkCount(op, 'count of moments', count);
  if (packed.size !== planeSize(mean.size) * Object.keys(PLANES).length) {
    throw new NormError(
      'parameter',
      `${op}: packed of moments has shape ${formatShape(packed.shape)}, which is not that of a mean of ` +
        `${formatShape(mean.shape)}; give both of one Moments`,
    );
  }
}

/** @throws NormError `option` unless it is a number of elements. */
export function checkCount(op: string, name: string, count: unknown): asserts count is number {
  if (!Number.isInteger(count) || (count as number) < 1) {
    throw new NormError('option', `${op}: ${name} is ${formatValue(count)}; it must be a positive whole number`);
  }
}

/** @throws NormError `option` unless it is a function that makes its calls before it returns. */
export function checkCalls(op: string, calls: unknown): void {
  const given = formatValue(calls);
  if (given !== 'a function') throw new NormError('option', `${op}: calls is ${given}; it must be ${SYNCHRONOUS}`);
}

/** @throws NormError `option` where a function of calls returned a Promise. */
export function checkReturned(op: string, returned: unknown): void {
  if (!isPromise(returned)) return;
  Promise.resolve(returned).catch(() => {}); // What it says is of calls that should not have been made.
  throw new NormError('option', `${op}: the function returned a Promise; it must be ${SYNCHRONOUS}`);
}

const SYNCHRONOUS = 'a function without await, since what follows the first one would run for real';
