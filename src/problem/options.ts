import { NormError } from '../errors.ts';
import { formatName, formatValue } from './format-value.ts';

/** @throws NormError `eps` unless it is finite and not negative. */
export function checkEps(op: string, eps: number): void {
  if (typeof eps !== 'number' || !Number.isFinite(Math.fround(eps)) || eps < 0) {
    throw new NormError('eps', `${op}: eps is ${formatValue(eps)}; it must be a finite number of at least 0, as f32`);
  }
}

/**
 * Options are the own properties of a plain object: an Array, a Tensor or an encoder has properties that are none.
 * `what` says what they are, and is or are.
 *
 * @throws NormError `option` where they are anything else.
 */
export function checkPlain(op: string, options: unknown, names: readonly string[], what = 'options are'): void {
  if (!isPlain(options)) {
    throw new NormError(
      'option',
      `${op}: ${what} ${formatValue(options)}; give a plain object, { ${names[0]} } for example`,
    );
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last one is that of another realm.
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** @throws NormError `option` where a name is not one the call takes: a misspelt option must not be lost. */
export function checkNames(op: string, options: object, names: readonly string[], what?: string): void {
  checkPlain(op, options, names, what);
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new NormError(
        'option',
        `${op}: there is no option ${formatName(name)}; the options are ${names.join(', ')}`,
      );
    }
  }
}

/** @throws NormError `option` where a flag is neither true nor false: the text 'false' would count as true. */
export function checkFlags(op: string, options: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name) && value !== undefined && typeof value !== 'boolean') {
      throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be true or false`);
    }
  }
}

/** @throws NormError `option` unless the value is text. */
export function checkText(op: string, name: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw new NormError('option', `${op}: ${name} is ${formatValue(value)}; it must be text`);
  }
}

/** @throws NormError `option` unless the value is one of those listed. */
export function checkChoice(op: string, name: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(value as string)) {
    throw new NormError('option', `${op}: ${name} is ${formatName(value)}; it must be one of ${choices.join(', ')}`);
  }
}
