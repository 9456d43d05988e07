import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import { checkAlone } from '../options/checks.ts';
import { builtInType, formatValue } from '../options/format-value.ts';
import { formatShape, isSameShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';

/** One entry of a state dict, as plain data: what PyTorch holds as float32 and int64 tensors. */
export type StateEntry =
  | { dtype: 'F32'; shape: Shape; data: Float32Array<ArrayBuffer> }
  | { dtype: 'I64'; shape: Shape; data: BigInt64Array<ArrayBuffer> };

/** The state of a layer, by PyTorch's names. */
export type StateDict = Record<string, StateEntry>;

/** The number of batches in the running statistics. PyTorch holds it as an int64 without axes. */
export const COUNT = 'num_batches_tracked';

/** Data of an entry. */
const ELEMENTS: Readonly<Record<string, string>> = { F32: 'Float32Array', I64: 'BigInt64Array', I32: 'Int32Array' };

/** All that an entry may be. */
export interface Expected {
  dtypes: readonly string[];
  /** Any, where none are told. */
  shapes?: readonly Shape[];
}

/** @throws NormError `state` unless it is an object of entries, whatever they are. */
export function checkDict(call: string, given: unknown): asserts given is Readonly<Record<string, unknown>> {
  const is = formatValue(given);
  if (is === 'an object') return;
  throw new NormError(
    'state',
    `${call}: the state dict is ${is}; it must be an object of entries { dtype, shape, data }`,
  );
}

/** The fault of an entry, in words; null: none. */
export function wrongWith(name: string, entry: unknown, { dtypes, shapes }: Expected): string | null {
  if (!isEntry(entry)) return `${name} is no entry { dtype, shape, data } but ${formatValue(entry)}`;
  const { dtype, shape, data } = entry;
  if (!dtypes.includes(dtype as string)) {
    return `${name} holds ${typeof dtype === 'string' ? dtype : formatValue(dtype)}; it must hold ${dtypes.join(' or ')}`;
  }
  if (!isShape(shape)) return `${name} has as shape ${formatValue(shape)}; it must be an Array of sizes`;
  if (shapes && !shapes.some((each) => isSameShape(shape, each))) {
    return `${name} has shape ${formatShape(shape)}; it must have ${shapes.map(formatShape).join(' or ')}`;
  }
  const elements = ELEMENTS[dtype as string]!;
  if (builtInType(data) !== elements) return `${name} has as data ${formatValue(data)}; it must be a ${elements}`;
  const { length } = data as ArrayLike<unknown>;
  return length === sizeOf(shape) ? null : `${name} has ${length} elements; its shape holds ${sizeOf(shape)}`;
}

/**
 * The entries of one layer of a model, `'encoder.norm1.'` for example, without that prefix.
 *
 * @throws NormError `state` where it is no state dict, `option` where the prefix is no text.
 * @example const state = entriesUnder('encoder.norm1.', readSafetensors(bytes));
 */
export function entriesUnder(prefix: string, entries: StateDict, ...more: readonly never[]): StateDict {
  checkAlone('entriesUnder', more);
  if (typeof prefix !== 'string') {
    throw new NormError(
      'option',
      `entriesUnder: prefix is ${formatValue(prefix)}; it must be text, 'norm1.' for example`,
    );
  }
  checkDict('entriesUnder', entries);
  const found = Object.entries(entries).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, entry]) => [name.slice(prefix.length), entry]));
}

/** Copies a tensor of a layer to the CPU. */
export async function entryOf(name: string, tensor: Tensor): Promise<StateEntry> {
  if (name !== COUNT) return { dtype: 'F32', shape: tensor.shape, data: await tensor.read() };
  return { dtype: 'I64', shape: [], data: BigInt64Array.from(await tensor.read('u32'), BigInt) };
}

function isEntry(entry: unknown): entry is Record<'dtype' | 'shape' | 'data', unknown> {
  return typeof entry === 'object' && entry !== null && ['dtype', 'shape', 'data'].every((part) => part in entry);
}

function isShape(shape: unknown): shape is Shape {
  return Array.isArray(shape) && Array.from(shape).every((size) => Number.isSafeInteger(size) && size >= 0);
}
