import { NormError } from '../../errors.ts';

/** An entry of the header: https://huggingface.co/docs/safetensors. */
export interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A name that the format keeps for other things than an entry. */
export const METADATA = '__metadata__';
/** The most bytes of a header, by the format itself. */
const MOST_HEADER = 100_000_000;

/**
 * The entries of a file, which fill its data, and where that starts.
 *
 * @throws NormError `state` where the file is malformed.
 */
export function headerOf(bytes: Uint8Array): { entries: [string, HeaderEntry][]; start: number } {
  if (bytes.length < 8) throw malformed(`it has ${bytes.length} bytes, too few for the length of a header`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MOST_HEADER || Number(length) > bytes.length - 8) {
    throw malformed(`its header would have ${length} bytes, but the file has ${bytes.length}`);
  }
  const start = 8 + Number(length);
  let header: unknown;
  try {
    // A copy: browsers decode no text in shared memory.
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.slice(8, start)));
  } catch (cause) {
    throw malformed('its header is no JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw malformed('its header is no object');
  const entries = Object.entries(header as Record<string, HeaderEntry>).filter(([name]) => name !== METADATA);
  checkPlaces(entries, bytes.length - start);
  return { entries, start };
}

export function malformed(why: string, cause?: unknown): NormError {
  return new NormError('state', `this is no safetensors file: ${why}`, { cause });
}

/** Entries must fill the data without gaps and without overlaps. */
function checkPlaces(entries: readonly [string, HeaderEntry][], size: number): void {
  for (const [name, entry] of entries) {
    const offsets: unknown = entry?.data_offsets;
    const [from, to] = (Array.isArray(offsets) ? offsets : []) as (number | undefined)[];
    const placed =
      [from, to].every((offset) => Number.isSafeInteger(offset)) && from! >= 0 && from! <= to! && to! <= size;
    if (!placed) throw malformed(`${name} lies at ${from} to ${to} of ${size} bytes`);
    if (!Array.isArray(entry.shape) || !entry.shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
      throw malformed(`${name} has shape ${String(entry.shape)}`);
    }
  }
  const sorted = entries.map(([name, { data_offsets }]) => ({ name, from: data_offsets[0], to: data_offsets[1] }));
  sorted.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of sorted) {
    if (from !== end) throw malformed(`${name} begins at ${from}, but what lies before it ends at ${end}`);
    end = to;
  }
  if (end !== size) throw malformed(`its data has ${size} bytes, but the entries take ${end}`);
}
