import { NormError } from '../errors.ts';
import { formatShape, isSameShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';

/** One entry of a state dict, as plain data: what PyTorch holds as float32 and int64 tensors. */
export type StateEntry =
  | { dtype: 'F32'; shape: Shape; data: Float32Array<ArrayBuffer> }
  | { dtype: 'I64'; shape: Shape; data: BigInt64Array<ArrayBuffer> };

/** What a layer holds, by PyTorch's names. */
export type StateDict = Record<string, StateEntry>;

/** What an entry has to be. */
export type StateLayout = Record<string, Pick<StateEntry, 'dtype' | 'shape'>>;

/** @throws NormError `state` that names every entry that is missing, extra or not as the layer has it. */
export function checkState(what: string, layout: StateLayout, given: StateDict): void {
  if (typeof given !== 'object' || given === null) {
    throw new NormError('state', `${what}: the state dict is ${String(given)}; it must be an object of entries`);
  }
  const problems = Object.entries(layout).flatMap(([name, wanted]) => {
    const entry = given[name];
    return entry === undefined ? [`${name} is missing`] : mismatch(name, wanted, entry);
  });
  const extra = Object.keys(given).filter((name) => !(name in layout));
  problems.push(...extra.map((name) => `${name} is not one of ${Object.keys(layout).join(', ') || 'no entries'}`));
  if (problems.length > 0) throw new NormError('state', `${what}: ${problems.join('; ')}`);
}

function mismatch(name: string, wanted: StateLayout[string], entry: StateEntry): string[] {
  if (typeof entry !== 'object' || (entry as unknown) === null) return [`${name} is no entry { dtype, shape, data }`];
  const { dtype, shape, data } = entry;
  if (dtype !== wanted.dtype) return [`${name} holds ${String(dtype)}; it must hold ${wanted.dtype}`];
  if (!Array.isArray(shape) || !isSameShape(shape, wanted.shape)) {
    return [`${name} has shape ${formatShape(shape ?? [])}; it must have ${formatShape(wanted.shape)}`];
  }
  const Elements = dtype === 'F32' ? Float32Array : BigInt64Array;
  if (!((data as unknown) instanceof Elements)) return [`${name} has no ${Elements.name} as data`];
  return data.length === sizeOf(shape) ? [] : [`${name} has ${data.length} elements; its shape holds ${sizeOf(shape)}`];
}

/** The entries of one layer of a model, `'encoder.norm1.'` for example, without that prefix. */
export function entriesUnder(prefix: string, entries: StateDict): StateDict {
  const found = Object.entries(entries).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(found.map(([name, entry]) => [name.slice(prefix.length), entry]));
}
