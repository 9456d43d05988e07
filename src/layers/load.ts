import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import { formatName } from '../options/format-value.ts';
import { checkFlags, checkNames, checkPlain } from '../options/checks.ts';
import { inPlainMemory } from '../runtime/elements.ts';
import type { Shape } from '../problem/shape.ts';
import { checkDict, COUNT, wrongWith } from './state.ts';
import type { StateEntry, Expected } from './state.ts';

/** An entry that a layer takes: the count of batches may be of int32 too. */
export type LoadableEntry = StateEntry | { dtype: 'I32'; shape: Shape; data: Int32Array<ArrayBuffer> };

/** Options of loading: which entries a state dict must have, and their names. */
export interface LoadOptions {
  /** Whether missing and unexpected entries are refused; else the layer keeps what is missing, and passes over the rest. Default: true. */
  strict?: boolean | undefined;
  /** The layer's names of entries that are called otherwise: `{ gamma: 'weight', beta: 'bias', moving_mean: 'running_mean' }`. */
  rename?: Readonly<Record<string, string>> | undefined;
}

/** Differences of a state dict and a layer. */
export interface IncompatibleKeys {
  /** Entries of the layer that were not given, by the layer's names. */
  missingKeys: string[];
  /** Entries given that the layer has not, by the names they were given by. */
  unexpectedKeys: string[];
}

/** An entry, the name it was given by, and the layer's. */
interface Named {
  key: string;
  name: string;
  entry: unknown;
}

const NAMES = ['weight', 'bias', 'alpha', 'shift', 'mean_scale', 'scale', 'running_mean', 'running_var', COUNT];
const RUNNING = ['running_mean', 'running_var'];
/** Counts beyond a u32 are none that the GPU could go on counting. */
const MOST_BATCHES = 0xffff_ffff;

/**
 * Entries of a state dict that a layer takes over, by its own names. Where running statistics come without a count, as from old
 * versions of PyTorch, the count is 0.
 *
 * @throws NormError `state` that names every entry that is not as the layer has it, and where it is strict every one that is
 * missing or unexpected; `option`.
 */
export function matchState(
  layer: string,
  shapes: ReadonlyMap<string, Shape>,
  given: unknown,
  options: LoadOptions,
): IncompatibleKeys & { entries: ReadonlyMap<string, LoadableEntry> } {
  const call = `${layer}: loadStateDict`;
  checkNames(call, options, ['strict', 'rename']);
  checkFlags(call, options, ['strict']);
  checkDict(call, given);
  const rename = renamesOf(call, options.rename);
  const named = Object.entries(given).map(([key, entry]): Named => ({ key, name: rename.get(key) ?? key, entry }));
  const taken = named.filter(({ name }) => shapes.has(name));
  const names = new Set(taken.map(({ name }) => name));
  const uncounted = shapes.has(COUNT) && !names.has(COUNT) && RUNNING.some((name) => names.has(name));
  const missingKeys = [...shapes.keys()].filter((name) => !names.has(name) && !(uncounted && name === COUNT));
  const unexpectedKeys = named.filter(({ name }) => !shapes.has(name)).map(({ key }) => key);

  const problems = taken.flatMap((each, index) => wrongWithNamed(each, shapes, taken.slice(0, index)) ?? []);
  if (options.strict !== false) problems.push(...incompatible(shapes, missingKeys, unexpectedKeys));
  if (problems.length > 0) throw new NormError('state', `${layer}: ${problems.join('; ')}`);

  const entries = new Map(taken.map(({ name, entry }) => [name, entry as LoadableEntry]));
  if (uncounted) entries.set(COUNT, { dtype: 'I64', shape: [], data: BigInt64Array.of(0n) });
  return { entries, missingKeys, unexpectedKeys };
}

/** Uploads an entry that was found right, unless calls are only planned. */
export function writeEntry(name: string, tensor: Tensor, { data }: LoadableEntry): void {
  const elements = name === COUNT ? Uint32Array.of(Number(data[0])) : (data as Float32Array<ArrayBuffer>);
  const { device, planned } = tensor.runtime;
  if (!planned) device.queue.writeBuffer(tensor.storage.buffer, tensor.byteOffset, inPlainMemory(elements));
}

/** Shapes of one number: as scalars have it, without an axis, and with one. */
const ONE: readonly Shape[] = [[], [1]];

function isOne(shape: Shape): boolean {
  return shape.length === 1 && shape[0] === 1;
}

function expectedOf(name: string, shape: Shape): Expected {
  return name === COUNT
    ? { dtypes: ['I64', 'I32', 'F32'], shapes: ONE }
    : { dtypes: ['F32'], shapes: isOne(shape) ? ONE : [shape] };
}

function wrongWithNamed(
  { key, name, entry }: Named,
  shapes: ReadonlyMap<string, Shape>,
  before: readonly Named[],
): string | null {
  const label = name === key ? key : `${key} (as ${name})`;
  const twin = before.find((other) => other.name === name);
  if (twin) return `${label} and ${twin.key} are both given; give one`;
  return (
    wrongWith(label, entry, expectedOf(name, shapes.get(name)!)) ?? wrongCount(label, name, entry as LoadableEntry)
  );
}

function wrongCount(label: string, name: string, { data }: LoadableEntry): string | null {
  const count = Number(data[0]);
  if (name !== COUNT || (Number.isInteger(count) && count >= 0 && count <= MOST_BATCHES)) return null;
  return `${label} is ${data[0]}; it must be a whole number between 0 and 2^32 - 1`;
}

function incompatible(
  shapes: ReadonlyMap<string, Shape>,
  missingKeys: readonly string[],
  unexpectedKeys: readonly string[],
): string[] {
  if (missingKeys.length + unexpectedKeys.length === 0) return [];
  const names = [...shapes.keys()].join(', ') || 'no entries';
  return [
    ...missingKeys.map((name) => `${name} is missing`),
    ...unexpectedKeys.map((key) => `${key} is not one of ${names}`),
    'see the options rename and strict of loadStateDict',
  ];
}

function renamesOf(call: string, rename: LoadOptions['rename'] = {}): ReadonlyMap<string, string> {
  checkPlain(call, rename, ["gamma: 'weight'"], 'rename');
  for (const [from, to] of Object.entries(rename)) {
    if (!NAMES.includes(to)) {
      throw new NormError(
        'option',
        `${call}: rename.${from} is ${formatName(to)}; it must be one of ${NAMES.join(', ')}`,
      );
    }
  }
  return new Map(Object.entries(rename));
}
