import { NormError } from '../errors.ts';
import { hintFor } from './foreign-names.ts';
import { formatValue, formatName } from './format-value.ts';

/** @throws NormError `eps` unless it is finite and not negative. */
export function checkEps(op: string, eps: unknown): void {
  if (typeof eps !== 'number' || !Number.isFinite(Math.fround(eps)) || eps < 0) {
    throw new NormError('eps', `${op}: eps is ${formatValue(eps)}; it must be a finite number of at least 0, as f32`);
  }
}

/** @throws NormError `option` unless it is finite, as f32 too. */
export function checkFinite(op: string, name: string, value: unknown): asserts value is number {
  if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return;
  throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be a finite number, as f32`);
}

/** @throws NormError `option` unless it is a share, or null. */
export function checkMomentum(op: string, momentum: unknown): void {
  if (momentum === null || (typeof momentum === 'number' && momentum >= 0 && momentum <= 1)) return;
  throw new NormError(
    'option',
    `${op}: momentum is ${formatValue(momentum)}; it must be between 0 and 1, or null for the average over all batches`,
  );
}

/**
 * Options are the own properties of a plain object: an Array, a Tensor or an encoder has properties that are none.
 * `part` names the option whose parts they are, where they are not those of a call.
 *
 * @throws NormError `option` where they are anything else.
 */
export function checkPlain(op: string, options: unknown, names: readonly string[], part?: string): void {
  if (isPlain(options)) return;
  const given = `${part === undefined ? 'options are' : `${part} is`} ${formatValue(options)}`;
  throw new NormError('option', `${op}: ${given}; give a plain object, { ${names[0]} } for example`);
}

/** Whether it is a plain object, of whatever realm. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // What has this of its own is the prototype of all objects, in some realm.
  return prototype === null || Object.hasOwn(prototype, 'isPrototypeOf');
}

/** @throws NormError `option` where a name is not one the call takes: a misspelt option must not be lost. */
export function checkNames(op: string, options: object, names: readonly string[], part?: string): void {
  checkPlain(op, options, names, part);
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      const missing = part === undefined ? `there is no option '${name}'` : `${part} has no '${name}'`;
      throw new NormError('option', `${op}: ${missing}; ${hintFor(name, names, part)}`);
    }
  }
}

/**
 * Arguments that follow those a call takes would be lost; `options` are those that people put there.
 *
 * @throws NormError `option` where there are any.
 */
export function checkAlone(op: string, more: readonly unknown[], options: readonly string[] = []): void {
  const extra = more.find((one) => one !== undefined);
  if (extra === undefined) return;
  const are = options.length === 1 ? 'is an option' : 'are options';
  const why =
    options.length === 0
      ? 'the arguments; leave it out'
      : `the options; ${options.join(' and ')} ${are} too, { ${options.at(-1)} } for example`;
  throw new NormError('option', `${op}: ${formatValue(extra)} follows ${why}`);
}

/** @throws NormError `option` where a flag is neither true nor false: the text 'false' would count as true. */
export function checkFlags(op: string, options: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name) && value !== undefined) checkFlag(op, name, value);
  }
}

/** @throws NormError `option` unless the value is true or false. */
export function checkFlag(op: string, name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be true or false`);
}

/** @throws NormError `option` unless it is a whole number, of at least 1 or what is said to be the least. */
export function checkCount(op: string, name: string, count: unknown, least: 0 | 1 = 1): asserts count is number {
  if (!Number.isSafeInteger(count) || (count as number) < least) {
    const wanted = least === 0 ? 'a whole number of at least 0' : 'a positive whole number';
    throw new NormError('option', `${op}: ${name} is ${formatValue(count)}; it must be ${wanted}`);
  }
}

/** @throws NormError `option` unless it is 1, 2, 4, 8 … */
export function checkPowerOfTwo(op: string, name: string, count: unknown): void {
  checkCount(op, name, count);
  if (!Number.isInteger(Math.log2(count))) {
    throw new NormError('option', `${op}: ${name} is ${formatValue(count)}; it must be a power of two`);
  }
}

/** @throws NormError `option` unless the value is text. */
export function checkText(op: string, name: string, value: unknown): void {
  if (typeof value !== 'string')
    throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be text`);
}

/** @throws NormError `option` unless the value is one of those listed. */
export function checkChoice(op: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) {
    throw new NormError('option', `${op}: ${name} is ${formatName(value)}; it must be one of ${choices.join(', ')}`);
  }
}
