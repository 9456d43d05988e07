import { widen } from '../../runtime/halves.ts';
import { NormError } from '../../errors.ts';
import { formatName, formatValue } from '../../options/format-value.ts';
import { checkAlone, checkNames } from '../../options/checks.ts';
import { sizeOf } from '../../problem/shape.ts';
import { COUNT } from '../state.ts';
import type { StateDict, StateEntry } from '../state.ts';
import { headerOf, malformed } from './header.ts';
import type { HeaderEntry } from './header.ts';
import { bytesOf, bytesOfLater, isLater } from './source.ts';
import type { Bytes, BytesLater } from './source.ts';

/** Options of {@link readSafetensors}. */
export interface ReadSafetensorsOptions {
  /** A prefix: entries of other names are passed over, whatever they hold. Default: '', which all names have. */
  only?: string | undefined;
  /** The fate of F64: `'round'`, to the nearest F32. Default: it is refused. */
  f64?: 'round' | undefined;
}

/** Bytes of an element of each type that can be read. */
const BYTES: Record<string, number> = { F32: 4, I64: 8, F16: 2, BF16: 2, F64: 8, I32: 4 };
const ALWAYS = ['F32', 'I64', 'F16', 'BF16'];

/**
 * Reads a safetensors file, https://huggingface.co/docs/safetensors, given as bytes, or as the Blob or Response that they are
 * awaited of. F32 and I64 come as they are, F16 and BF16 widened to F32 (every value of theirs is one of F32), and a `num_batches_tracked` of I32 as I64.
 *
 * @throws NormError `state` where it is no file, or a malformed one, an entry holds another type or a number of F64 that is
 * beyond F32; `option`. Of a Blob or Response it rejects, also with what reading them fails with.
 * @example const state = await readSafetensors(await fetch(url), { only: 'encoder.norm1.' });
 */
export function readSafetensors(file: Bytes, options?: ReadSafetensorsOptions): StateDict;
export function readSafetensors(file: BytesLater, options?: ReadSafetensorsOptions): Promise<StateDict>;
export function readSafetensors(
  file: Bytes | BytesLater,
  options?: ReadSafetensorsOptions,
): StateDict | Promise<StateDict>;
export function readSafetensors(
  file: Bytes | BytesLater,
  options: ReadSafetensorsOptions = {},
  ...more: readonly never[]
): StateDict | Promise<StateDict> {
  checkAlone('readSafetensors', more, ['only', 'f64']);
  checkOptions(options);
  return isLater(file) ? readLater(file, options) : read(bytesOf(file), options);
}

async function readLater(file: BytesLater, options: ReadSafetensorsOptions): Promise<StateDict> {
  return read(await bytesOfLater(file), options);
}

function checkOptions(options: ReadSafetensorsOptions): void {
  checkNames('readSafetensors', options, ['only', 'f64']);
  const { only, f64 } = options as Record<string, unknown>;
  const refuse = (wrong: string): NormError => new NormError('option', `readSafetensors: ${wrong}`);
  if (only !== undefined && typeof only !== 'string') {
    throw refuse(`only is ${formatValue(only)}; it must be text that the names begin with`);
  }
  if (f64 !== undefined && f64 !== 'round') {
    throw refuse(`f64 is ${formatName(f64)}; it must be 'round', or be left out`);
  }
}

function read(bytes: Uint8Array, { only = '', f64 }: ReadSafetensorsOptions): StateDict {
  const { entries, start } = headerOf(bytes);
  const wanted = entries.filter(([name]) => name.startsWith(only));
  return Object.fromEntries(
    wanted.map(([name, entry]) => {
      checkDtype(name, entry.dtype, f64);
      return [name, entryOf(name, entry, bytes, start)];
    }),
  );
}

function checkDtype(name: string, dtype: unknown, f64: ReadSafetensorsOptions['f64']): void {
  const readable =
    ALWAYS.includes(dtype as string) ||
    (dtype === 'F64' && f64) ||
    (dtype === 'I32' && name.split('.').at(-1) === COUNT);
  if (readable) return;
  const cast = dtype === 'F64' ? "{ f64: 'round' } rounds it to F32" : 'cast it first';
  throw new NormError(
    'state',
    `${name} holds ${typeof dtype === 'string' ? dtype : formatValue(dtype)}; ${ALWAYS.join(', ')} can be read: ${cast}, or ` +
      "pass it over: { only: 'norm.' } reads the entries whose names begin so",
  );
}

function entryOf(
  name: string,
  { dtype, shape, data_offsets }: HeaderEntry,
  bytes: Uint8Array,
  start: number,
): StateEntry {
  const [from, to] = data_offsets;
  const size = sizeOf(shape);
  const taken = BYTES[dtype]! * size;
  if (to - from !== taken) {
    throw malformed(`${name} has ${to - from} bytes, but ${size} elements of ${dtype} take ${taken}`);
  }
  const own = bytes.slice(start + from, start + to).buffer as ArrayBuffer;
  if (dtype === 'I64') return { dtype, shape, data: new BigInt64Array(own) };
  if (dtype === 'I32') return { dtype: 'I64', shape, data: BigInt64Array.from(new Int32Array(own), BigInt) };
  return { dtype: 'F32', shape, data: floatsOf(name, dtype, own) };
}

function floatsOf(name: string, dtype: string, bytes: ArrayBuffer): Float32Array<ArrayBuffer> {
  if (dtype === 'F32') return new Float32Array(bytes);
  if (dtype === 'F64') return round(name, new Float64Array(bytes));
  return widen(bytes, dtype === 'F16' ? 'f16' : 'bf16');
}

/** @throws NormError `state` where a number is finite, but the nearest of F32 is not. */
function round(name: string, numbers: Float64Array): Float32Array<ArrayBuffer> {
  const rounded = new Float32Array(numbers);
  const beyond = numbers.findIndex((number, index) => Number.isFinite(number) && !Number.isFinite(rounded[index]));
  if (beyond < 0) return rounded;
  throw new NormError(
    'state',
    `${name} has ${numbers[beyond]} as element ${beyond}; F32 holds numbers up to 3.4028235e38`,
  );
}
