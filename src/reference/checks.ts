import { NormError } from '../errors.ts';
import { activationParameter } from '../options/activation.ts';
import type { ActivationOptions } from '../options/activation.ts';
import { checkAlone, checkChoice, checkEps, checkFlags, checkMomentum, checkNames } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { ARRAY_PARTS, ARRAYS, FLAGS } from '../options/names.ts';
import { checkParts, checkTogether } from '../options/together.ts';
import type { NdArray } from './ndarray.ts';

/** Options that are true or false. Here a cast names what is cast to. */
const OWN_FLAGS = [...FLAGS.filter((name) => name !== 'castBeforeWeight'), 'keepDims'];
/** Names of arrays; those of the gradient too. */
const OWN_ARRAYS = [...ARRAYS, 'dresidualOut'];

/**
 * Checks what a function is given, by what can be said without shapes: `arrays` by name, options of these `names`, and what follows them.
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
  checkFlags(op, options, OWN_FLAGS);
  checkParts(op, options);
  const given = options as Readonly<Record<string, unknown>>;
  for (const [name, array] of arraysAmong(given)) checkIsArray(op, name, array);
  const { axes, eps, momentum, moments, sums, layout, channelAxis, castBeforeWeight } = given;
  if (eps !== undefined) checkEps(op, eps);
  if (momentum !== undefined) checkMomentum(op, momentum);
  if (moments !== undefined) checkOfGroups(op, 'moments', moments, 'moments');
  if (sums !== undefined) {
    checkOfGroups(op, 'sums', sums, 'sums');
    if (!moments) throw new NormError('option', `${op}: sums are given without the moments of the whole; give both`);
  }
  if (castBeforeWeight !== undefined) checkChoice(op, 'castBeforeWeight', castBeforeWeight, ['f16', 'bf16']);
  activationParameter(op, options as ActivationOptions);
  checkTogether(op, options);
  if (axes === null) throw new NormError('axes', `${op}: axes is null; it must be an axis or an Array of axes`);
  if (layout !== undefined && typeof layout !== 'string') {
    throw new NormError('layout', `${op}: layout is ${formatValue(layout)}; it must be text, 'NCHW' for example`);
  }
  if (channelAxis !== undefined && typeof channelAxis !== 'number') {
    throw new NormError('layout', `${op}: channelAxis is ${formatValue(channelAxis)}; it must be a whole number`);
  }
}

/** Arrays among the options and their parts by name; starts of packed sequences may be a list of numbers. */
function* arraysAmong(options: Readonly<Record<string, unknown>>): Generator<[name: string, array: unknown]> {
  for (const name of OWN_ARRAYS) {
    const array = options[name];
    if (array !== undefined && !(name === 'segments' && isList(array))) yield [name, array];
  }
  for (const [name, parts] of Object.entries(ARRAY_PARTS)) {
    const option = options[name] as Readonly<Record<string, unknown>> | undefined;
    for (const part of parts) if (option?.[part] !== undefined) yield [part, option[part]];
  }
}

/** Whether starts of packed sequences are numbers by themselves. */
export function isList(segments: unknown): segments is ArrayLike<number> {
  return Array.isArray(segments) || segments instanceof Int32Array || segments instanceof Uint32Array;
}

/** The arrays of what is told of the groups of a part or a whole, and who makes it. */
const OF_GROUPS = {
  moments: { arrays: ['mean', 'variance'], by: 'moments or mergeMoments' },
  sums: { arrays: ['dy', 'dyXhat'], by: 'gradientSums' },
} as const;

/** @throws NormError `option` unless it is what those functions give. */
export function checkOfGroups(op: string, name: string, given: unknown, what: keyof typeof OF_GROUPS): void {
  const { arrays, by } = OF_GROUPS[what];
  if (typeof given !== 'object' || given === null || !(arrays[0] in given)) {
    throw new NormError('option', `${op}: ${name} is ${formatValue(given)}; give what ${by} returns`);
  }
  const parts = given as Readonly<Record<string, unknown>>;
  for (const array of arrays) checkIsArray(op, `${array} of ${name}`, parts[array]);
  const { count } = parts;
  if (typeof count === 'number' && count > 0) return;
  throw new NormError('option', `${op}: count of ${name} is ${formatValue(count)}; it must be a positive number`);
}

/** @throws NormError `option` unless it is `{ data, shape }`, `dtype` where an element is no number: text and null would be taken for some, BigInts for none. */
export function checkIsArray(op: string, name: string, array: unknown): asserts array is NdArray {
  const { data, shape } = (array ?? {}) as { data?: unknown; shape?: unknown };
  if (typeof data === 'object' && data !== null && 'length' in data && Array.isArray(shape)) {
    checkNumbers(op, name, data as ArrayLike<unknown>);
    return;
  }
  throw new NormError('option', `${op}: ${name} is no array { data, shape } but ${formatValue(array)}`);
}

function checkNumbers(op: string, name: string, data: ArrayLike<unknown>): void {
  // All elements of a typed array are alike.
  const count = ArrayBuffer.isView(data) ? Math.min(data.length, 1) : data.length;
  for (let index = 0; index < count; index++) {
    if (typeof data[index] === 'number') continue;
    throw new NormError(
      'dtype',
      `${op}: element ${index} of ${name} is ${formatValue(data[index])}; it must be a number`,
    );
  }
}
