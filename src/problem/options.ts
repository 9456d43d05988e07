import { NormError } from '../errors.ts';

/** @throws NormError `eps` unless it is finite and not negative. */
export function checkEps(op: string, eps: number): void {
  if (typeof eps !== 'number' || !Number.isFinite(Math.fround(eps)) || eps < 0) {
    throw new NormError('eps', `${op}: eps is ${String(eps)}; it must be a finite number of at least 0, as f32`);
  }
}

/** @throws NormError `option` where a name is not one the call takes: a misspelt option must not be lost. */
export function checkNames(op: string, options: object, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new NormError(
      'option',
      `${op}: options are ${String(options)}; they must be an object of ${names.join(', ')}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new NormError('option', `${op}: there is no option '${name}'; the options are ${names.join(', ')}`);
    }
  }
}

/** @throws NormError `option` where a flag is neither true nor false: the text 'false' would count as true. */
export function checkFlags(op: string, options: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name) && value !== undefined && typeof value !== 'boolean') {
      throw new NormError('option', `${op}: ${name} is ${JSON.stringify(value)}; it must be true or false`);
    }
  }
}

/** @throws NormError `option` unless the value is one of those listed. */
export function checkChoice(op: string, name: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(value as string)) {
    throw new NormError('option', `${op}: ${name} is '${String(value)}'; it must be one of ${choices.join(', ')}`);
  }
}
