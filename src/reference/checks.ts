import { NormError } from '../errors.ts';
import { checkAlone, checkEps, checkFlags, checkMomentum, checkNames } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { NdArray } from './ndarray.ts';

/** Options that are arrays, and those that are true or false. */
const ARRAYS = [
  'weight',
  'bias',
  'residual',
  'gate',
  'mask',
  'scales',
  'runningMean',
  'runningVar',
  'numBatchesTracked',
  'dresidualOut',
];
const FLAGS = [
  'training',
  'useInputStats',
  'unbiased',
  'zeroCenteredWeight',
  'maskOutput',
  'unbiasedRunningVar',
  'keepDims',
];
/** Options that are a parameter of an activation, and of which. */
const PARAMETERS = { negativeSlope: 'leaky-relu', alpha: 'elu' };

/**
 * What a function is given, by what can be said without shapes: `arrays` by name, options of these `names`, and what follows them.
 *
 * @throws NormError `option` or `eps` where something else is given, unknown, or would be lost.
 */
export function checkCall(
  op: string,
  arrays: Readonly<Record<string, unknown>>,
  options: object,
  names: readonly string[],
  more: readonly unknown[],
): void {
  checkAlone(op, more);
  for (const [name, array] of Object.entries(arrays)) checkIsArray(op, name, array);
  checkNames(op, options, names);
  checkFlags(op, options, FLAGS);
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const name of ARRAYS) if (given[name] !== undefined) checkIsArray(op, name, given[name]);
  const { eps, momentum, modulation, mask, maskOutput, layout, channelAxis } = given;
  if (layout !== undefined && typeof layout !== 'string') {
    throw new NormError('layout', `${op}: layout is ${formatValue(layout)}; it must be text, 'NCHW' for example`);
  }
  if (channelAxis !== undefined && typeof channelAxis !== 'number') {
    throw new NormError('layout', `${op}: channelAxis is ${formatValue(channelAxis)}; it must be a whole number`);
  }
  if (eps !== undefined) checkEps(op, eps);
  if (momentum !== undefined) checkMomentum(op, momentum);
  if (modulation !== undefined) checkModulation(op, modulation);
  for (const [option, activation] of Object.entries(PARAMETERS)) {
    if (given[option] === undefined || given['activation'] === activation) continue;
    throw new NormError(
      'option',
      `${op}: ${option} is given without activation '${activation}'; give both, or neither`,
    );
  }
  if (maskOutput && mask === undefined) {
    throw new NormError('option', `${op}: maskOutput is given without mask; give both, or neither`);
  }
}

/** @throws NormError `option` unless it is `{ data, shape }`. */
export function checkIsArray(op: string, name: string, array: unknown): asserts array is NdArray {
  const { data, shape } = (array ?? {}) as { data?: unknown; shape?: unknown };
  if (typeof data === 'object' && data !== null && 'length' in data && Array.isArray(shape)) return;
  throw new NormError('option', `${op}: ${name} is no array { data, shape } but ${formatValue(array)}`);
}

function checkModulation(op: string, modulation: unknown): void {
  checkNames(op, modulation as object, ['scale', 'shift'], 'modulation');
  const given = Object.entries(modulation as object).filter(([, array]) => array !== undefined);
  for (const [name, array] of given) checkIsArray(op, name, array);
  if (given.length > 0) return;
  throw new NormError('option', `${op}: modulation has neither scale nor shift; give one of them or both`);
}
