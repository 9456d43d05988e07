import { ARRAY_PARTS, ARRAYS } from '../options/names.ts';

/** Values by the names of what they are to a call. */
export type Named<T> = Readonly<Record<string, T>>;

/** Options of a call, whoever's tensors are in them. */
export type Options = Named<unknown>;

/** Options with other tensors in the place of theirs: those that `of` gives for a name. */
export function withTensors(options: Options, of: (name: string, tensor: unknown) => unknown): Options {
  const replaced: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const parts = ARRAY_PARTS[name];
    if (value === undefined) continue;
    if (parts && typeof value === 'object' && value !== null) replaced[name] = withParts(value as Options, parts, of);
    else replaced[name] = (ARRAYS as readonly string[]).includes(name) ? of(name, value) : value;
  }
  return replaced;
}

function withParts(option: Options, parts: readonly string[], of: (name: string, tensor: unknown) => unknown): Options {
  const given = Object.entries(option).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, parts.includes(name) ? of(name, value) : value]));
}
