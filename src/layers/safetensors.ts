import { widen } from '../dispatch/half.ts';
import { NormError } from '../errors.ts';
import { sizeOf } from '../problem/shape.ts';
import type { StateDict, StateEntry } from './state.ts';

/** An entry of the header: https://huggingface.co/docs/safetensors. */
interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Bytes an element. Those of the last row are widened to F32, exactly; other types no layer holds. */
const BYTES: Record<string, number> = { F32: 4, I64: 8, F16: 2, BF16: 2 };
/** What the format itself allows. */
const MOST_HEADER = 100_000_000;

/**
 * Reads a safetensors file. F32 and I64 come as they are, F16 and BF16 widened to F32 (every value of theirs is one of F32).
 *
 * `only`: a prefix; entries of other names are passed over, whatever they hold.
 *
 * @throws NormError `state` where the file is malformed, or an entry holds another type.
 */
export function readSafetensors(file: ArrayBuffer | Uint8Array, options: { only?: string } = {}): StateDict {
  // A plain Uint8Array of the same memory: slice() of Node's Buffer, which is one too, would not copy.
  const bytes =
    file instanceof Uint8Array ? new Uint8Array(file.buffer, file.byteOffset, file.length) : new Uint8Array(file);
  const { header, start } = headerOf(bytes);
  const { only = '' } = options;
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__');
  checkPlaces(entries, bytes.length - start);
  return Object.fromEntries(
    entries
      .filter(([name]) => name.startsWith(only))
      .map(([name, entry]) => [name, entryOf(name, entry, bytes, start)]),
  );
}

/** Writes a safetensors file. */
export function writeSafetensors(entries: StateDict): Uint8Array<ArrayBuffer> {
  const header: Record<string, HeaderEntry> = {};
  let end = 0;
  // The wider elements first, so that every entry is aligned to its elements.
  const sorted = Object.entries(entries).toSorted(([, a], [, b]) => BYTES[b.dtype]! - BYTES[a.dtype]!);
  for (const [name, { dtype, shape, data }] of sorted) {
    header[name] = { dtype, shape: [...shape], data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + length + end);
  file.fill(0x20, 8, 8 + length);
  new DataView(file.buffer).setBigUint64(0, BigInt(length), true);
  file.set(json, 8);
  for (const [name, { data }] of sorted) {
    const place = 8 + length + header[name]!.data_offsets[0];
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
  }
  return file;
}

function headerOf(bytes: Uint8Array): { header: Record<string, HeaderEntry>; start: number } {
  if (bytes.length < 8) throw malformed(`it has ${bytes.length} bytes, too few for the length of a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MOST_HEADER || Number(length) > bytes.length - 8) {
    throw malformed(`its header would have ${length} bytes, but the file has ${bytes.length}`);
  }
  const start = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (cause) {
    throw malformed('its header is no JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw malformed('its header is no object');
  return { header: header as Record<string, HeaderEntry>, start };
}

/** Entries must fill the data without gaps and without overlaps. */
function checkPlaces(entries: readonly [string, HeaderEntry][], size: number): void {
  for (const [name, entry] of entries) {
    const [from, to] = entry?.data_offsets ?? [];
    const placed =
      [from, to].every((offset) => Number.isSafeInteger(offset)) && from! >= 0 && from! <= to! && to! <= size;
    if (!placed) throw malformed(`${name} lies at ${from} to ${to} of ${size} bytes`);
    if (!Array.isArray(entry.shape) || !entry.shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
      throw malformed(`${name} has shape ${String(entry.shape)}`);
    }
  }
  const sorted = entries.map(
    ([
      name,
      {
        data_offsets: [from, to],
      },
    ]) => ({ name, from, to }),
  );
  sorted.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of sorted) {
    if (from !== end) throw malformed(`${name} begins at ${from}, but what lies before it ends at ${end}`);
    end = to;
  }
  if (end !== size) throw malformed(`its data has ${size} bytes, but the entries take ${end}`);
}

function entryOf(
  name: string,
  { dtype, shape, data_offsets }: HeaderEntry,
  bytes: Uint8Array,
  start: number,
): StateEntry {
  const [from, to] = data_offsets;
  const width = BYTES[dtype];
  if (width === undefined) {
    throw new NormError('state', `${name} holds ${dtype}; ${Object.keys(BYTES).join(', ')} can be read, cast it first`);
  }
  if (to - from !== width * sizeOf(shape)) {
    throw malformed(
      `${name} has ${to - from} bytes, but ${sizeOf(shape)} elements of ${dtype} take ${width * sizeOf(shape)}`,
    );
  }
  const own = bytes.slice(start + from, start + to).buffer;
  if (dtype === 'I64') return { dtype, shape, data: new BigInt64Array(own) };
  const data = dtype === 'F32' ? new Float32Array(own) : widen(own, dtype === 'F16' ? 'f16' : 'bf16');
  return { dtype: 'F32', shape, data };
}

function malformed(why: string, cause?: unknown): NormError {
  return new NormError('state', `this is no safetensors file: ${why}`, { cause });
}
