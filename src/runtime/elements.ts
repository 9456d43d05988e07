import { NormError } from '../errors.ts';
import { bytesPerElement, DTYPES, FORMATS, isFloat, isHalf, wholeWords } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { builtInType, formatValue, formatName, withArticle } from '../options/format-value.ts';
import { bitsOf } from './halves.ts';

type Elements =
  | Float32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>;

/** Typed arrays of dtypes that hold whole numbers. */
const WHOLE: Partial<Record<Dtype, Uint32ArrayConstructor | Int8ArrayConstructor>> = {
  u32: Uint32Array,
  i8: Int8Array,
};

/** @throws NormError `dtype` unless it is one that tensors have. */
export function checkDtypeName(op: string, dtype: string): asserts dtype is Dtype {
  if (!(DTYPES as readonly string[]).includes(dtype)) {
    throw new NormError(
      'dtype',
      `${op}: dtype is ${formatName(dtype)}; it must be f32, f16, bf16, u32 (for counts) or i8 (quantized)`,
    );
  }
}

/** @throws NormError `dtype` unless it is a list: of what, is seen when its elements are taken. */
export function checkData(op: string, data: unknown): asserts data is ArrayLike<number> {
  if (Array.isArray(data) && Array.isArray(data[0])) {
    throw new NormError('dtype', `${op}: the data is an Array of Arrays; it must be flat, data.flat() for example`);
  }
  let wanted = 'a typed array or an Array of numbers';
  try {
    if (typeof data === 'object' && Number.isInteger((data as ArrayLike<unknown> | null)?.length)) return;
  } catch {
    wanted = 'the typed array itself, no Proxy of it'; // Whose length cannot be read by another object.
  }
  throw new NormError('dtype', `${op}: the data is ${formatValue(data)}; it must be ${wanted}`);
}

/**
 * The dtype of data that is given without one.
 *
 * @throws NormError `dtype` where it may be several: bits.
 */
export function dtypeOf(data: ArrayLike<number>): Dtype {
  const array = arrayName(data);
  if (array === 'Uint16Array') {
    throw new NormError('dtype', `tensor: the data is a Uint16Array; say of what it holds bits: dtype 'f16' or 'bf16'`);
  }
  return array === 'Float16Array' ? 'f16' : array === 'Int8Array' ? 'i8' : 'f32';
}

/**
 * Numbers as the elements of a tensor, those of half dtypes as bits. Typed arrays of the dtype are not copied.
 *
 * @throws NormError `dtype` where one cannot be held: an array of another type, a fraction as u32, 1e39 as f32.
 */
export function elementsOf(data: ArrayLike<number>, dtype: Dtype): Elements {
  checkDtypeName('tensor', dtype);
  const array = arrayName(data);
  if (array !== null && !FORMATS[dtype].arrays.includes(array)) throw new NormError('dtype', refusal(array, dtype));
  if (array === null) checkNumbers(data, dtype);
  if (isHalf(dtype)) {
    if (array === 'Uint16Array') return data as Uint16Array<ArrayBuffer>;
    if (array === 'Float16Array') return sameBits(data as unknown as ArrayBufferView<ArrayBuffer>);
    const bits = bitsOf(data, dtype);
    const { infinity } = FORMATS[dtype];
    checkFit(data, dtype, (given, index) => isHeld(given, (bits[index]! & 0x7fff) === infinity));
    return bits;
  }
  if (array !== null) return data as unknown as Elements;
  const elements = WHOLE[dtype]?.from(data) ?? Float32Array.from(data);
  checkFit(data, dtype, (given, index) =>
    isFloat(dtype) ? isHeld(given, Math.abs(elements[index]!) === Infinity) : given === elements[index],
  );
  return elements;
}

/**
 * Elements as a queue writes them everywhere: with zeros up to a whole word, for WebGPU writes no less, and in memory of their own where it has to be.
 */
export function writable(elements: Elements): Elements | Uint8Array<ArrayBuffer> {
  if (elements.byteLength % 4 === 0) return inPlainMemory(elements);
  const longer = new Uint8Array(wholeWords(elements.byteLength));
  longer.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength));
  return longer;
}

/**
 * A typed array itself, or a copy where its memory is shared, of which Dawn in Node reads wrong addresses, or may be resized, which browsers
 * refuse.
 */
export function inPlainMemory<Data extends Elements | Uint8Array<ArrayBuffer> | Uint8ClampedArray<ArrayBuffer>>(
  data: Data,
): Data {
  const { buffer }: { buffer: ArrayBuffer & { resizable?: boolean } } = data;
  return builtInType(buffer) === 'SharedArrayBuffer' || buffer.resizable ? (data.slice() as Data) : data;
}

function sameBits({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** The type of a typed array, whatever realm it is of; null for what is none. */
function arrayName(data: ArrayLike<number>): string | null {
  return ArrayBuffer.isView(data) ? (data as unknown as Float32Array)[Symbol.toStringTag] : null;
}

function refusal(array: string, dtype: Dtype): string {
  const taken = FORMATS[dtype].arrays.map((name) => (name === 'Uint16Array' ? `${name} (of bits)` : name));
  const list = taken.length === 1 ? taken[0]! : `${taken.slice(0, -1).join(', ')} or ${taken.at(-1)}`;
  return `tensor: the data is ${withArticle(array)}, but ${dtype} takes ${withArticle(list)}; convert it first`;
}

/** Whether a number of JavaScript's became what it should: infinite only if it was. */
function isHeld(given: number, infinite: boolean): boolean {
  return !infinite || !Number.isFinite(given);
}

function checkFit(data: ArrayLike<number>, dtype: Dtype, fits: (given: number, index: number) => boolean): void {
  for (let index = 0; index < data.length; index++) {
    const given = data[index]!;
    if (fits(given, index)) continue;
    const { largest } = FORMATS[dtype];
    const why = largest === undefined ? '' : `; the largest is ${largest}`;
    throw new NormError('dtype', `tensor: element ${index} is ${given}, which does not fit ${dtype}${why}`);
  }
}

/** Text, BigInts and null are not converted: JavaScript does so now and then, or throws. */
function checkNumbers(data: ArrayLike<unknown>, dtype: Dtype): void {
  for (let index = 0; index < data.length; index++) {
    if (typeof data[index] === 'number') continue;
    throw new NormError(
      'dtype',
      `tensor: element ${index} is ${formatValue(data[index])}, which does not fit ${dtype}; it must be a number`,
    );
  }
}

/** The elements of a strided tensor, row-major, of what lies from its first to its last. */
export function gathered(bytes: ArrayBuffer, shape: Shape, strides: readonly number[], dtype: Dtype): ArrayBuffer {
  const Words = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[bytesPerElement(dtype)];
  const from = new Words(bytes);
  const to = new Words(sizeOf(shape));
  const index = shape.map(() => 0);
  for (let element = 0, offset = 0; element < to.length; element++) {
    to[element] = from[offset]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      offset -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return to.buffer;
}
