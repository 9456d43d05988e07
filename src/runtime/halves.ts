import type { Dtype } from '../problem/dtype.ts';

/** A `Float16Array`, in words that compilers know whose lib lacks it. */
export interface HalfArray extends ArrayBufferView<ArrayBuffer> {
  readonly BYTES_PER_ELEMENT: number;
  readonly length: number;
  readonly [index: number]: number;
  [Symbol.iterator](): IterableIterator<number>;
  readonly [Symbol.toStringTag]: 'Float16Array';
}

interface HalfArrayConstructor {
  new (numbers: ArrayLike<number>): HalfArray;
  new (bytes: ArrayBuffer): HalfArray;
}

type Bits = Uint16Array<ArrayBuffer>;

/** The runtime's own type: Node has it from version 24 on. */
const Native = (globalThis as { Float16Array?: HalfArrayConstructor }).Float16Array;

const word = new DataView(new ArrayBuffer(4));

/** From exponents of f16 to those of f32 with the same bits: the digits of both, subnormal or not, begin at the same place. */
const REBIAS = 2 ** 112;

/** The bits of the element of a half dtype nearest to each number, to the even one of two that are as near. */
export function bitsOf(numbers: ArrayLike<number>, dtype: Dtype): Bits {
  if (dtype === 'bf16') return mapBits(numbers, bf16Bits);
  return Native ? new Uint16Array(new Native(numbers).buffer) : mapBits(numbers, f16Bits);
}

/** Every number of a half dtype is one of f32. */
export function widen(bytes: ArrayBuffer, dtype: Dtype): Float32Array<ArrayBuffer> {
  if (dtype === 'f16' && Native) return new Float32Array(new Native(bytes));
  const bits = new Uint16Array(bytes);
  const numbers = new Float32Array(bits.length);
  const value = dtype === 'bf16' ? bf16Value : f16Value;
  for (let index = 0; index < bits.length; index++) numbers[index] = value(bits[index]!);
  return numbers;
}

/** As numbers where the runtime has the type for it, or else as bits. */
export function halvesOf(bytes: ArrayBuffer, dtype: Dtype): HalfArray | Bits {
  return dtype === 'f16' && Native ? new Native(bytes) : new Uint16Array(bytes);
}

function mapBits(numbers: ArrayLike<number>, convert: (value: number) => number): Bits {
  const bits = new Uint16Array(numbers.length);
  for (let index = 0; index < bits.length; index++) bits[index] = convert(numbers[index]!);
  return bits;
}

function f16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  word.setFloat32(0, value);
  const head = word.getUint32(0) >>> 16;
  const exponent = Math.max(((head >>> 7) & 0xff) - 127, -14);
  // A sum with a number whose last digit is worth what that of the f16 is: it is rounded as the f16 must be, to the even one of two.
  const large = 2 ** (exponent + 42);
  word.setFloat32(0, (Math.abs(value) + large - large) / REBIAS);
  return (head & 0x8000) | Math.min(word.getUint32(0) >>> 13, 0x7c00);
}

function f16Value(bits: number): number {
  word.setUint32(0, (bits & 0x7fff) << 13);
  const magnitude = word.getFloat32(0) * REBIAS;
  const value = magnitude < 2 ** 16 ? magnitude : magnitude === 2 ** 16 ? Infinity : NaN;
  return bits & 0x8000 ? -value : value;
}

/** The f32 of which it is the upper half. */
function bf16Value(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

function bf16Bits(value: number): number {
  word.setFloat32(0, value);
  let bits = word.getUint32(0);
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40; // Quiet: what is left of it may be no NaN.
  // A number between two of f32 must not be rounded twice: take the one nearer to zero, and mark that there was a rest.
  const nearest = word.getFloat32(0);
  if (Math.abs(nearest) > Math.abs(value)) bits--;
  if (nearest !== value) bits |= 1;
  // Half of what the lower bits can hold, less one where an even number would become odd by it.
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
