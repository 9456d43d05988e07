import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';

/** Values that an attribute of a node may have, and the one where it is left out; without that it must be given. */
export interface Attribute<Value = unknown> {
  type: 'int' | 'float' | 'ints';
  byDefault?: Value | undefined;
  /** The values that it may have, where they are few. */
  choices?: readonly Value[] | undefined;
}

export type Attributes = Readonly<Record<string, Attribute>>;

/** The values of attributes, by their names. */
export type Values<A extends Attributes> = {
  [Name in keyof A]: A[Name] extends Attribute<infer Value> ? Value : never;
};

export const int = (byDefault?: number, choices?: readonly number[]): Attribute<number> => ({
  type: 'int',
  byDefault,
  choices,
});

export const float = (byDefault: number): Attribute<number> => ({ type: 'float', byDefault });

export const ints = (byDefault: readonly number[]): Attribute<readonly number[]> => ({ type: 'ints', byDefault });

/**
 * The attributes of a node, with ONNX's defaults.
 *
 * @throws NormError `option` where one is not known, missing, or not of its type.
 */
export function valuesOf(
  op: string,
  attributes: Attributes,
  given: Readonly<Record<string, unknown>>,
): Values<Attributes> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(attributes, name)) continue;
    const known = Object.keys(attributes);
    throw new NormError('option', `${op}: there is no attribute '${name}'; it has ${known.join(', ')}`);
  }
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, valueOf(op, name, attribute, given[name])]),
  );
}

const TEXTS = { int: 'a whole number', float: 'a number', ints: 'an Array of whole numbers' } as const;

function valueOf(op: string, name: string, { type, byDefault, choices }: Attribute, given: unknown): unknown {
  if (given === undefined && byDefault === undefined) {
    throw new NormError('option', `${op}: the attribute '${name}' is missing; it must be ${TEXTS[type]}`);
  }
  const value = plain(given ?? byDefault);
  const fits = type === 'ints' ? Array.isArray(value) && value.every(Number.isInteger) : isNumber(type, value);
  if (!fits) {
    throw new NormError('option', `${op}: the attribute '${name}' is ${formatValue(given)}; it must be ${TEXTS[type]}`);
  }
  if (choices && !choices.includes(value)) {
    throw new NormError(
      'option',
      `${op}: the attribute '${name}' is ${formatValue(given)}; it may be ${choices.join(' or ')}`,
    );
  }
  return value;
}

function isNumber(type: 'int' | 'float', value: unknown): boolean {
  return type === 'int' ? Number.isInteger(value) : typeof value === 'number';
}

/** Integers of a model have 64 bits, and are read as BigInts by some. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain);
  return typeof value === 'bigint' ? Number(value) : value;
}
