import { f16round } from '@petamoriken/float16';

/** The formats of floats from their definitions, with nothing of what the library converts by. */

export type Format = 'f32' | 'f16' | 'bf16';
export type Half = Exclude<Format, 'f32'>;
export const HALVES = ['f16', 'bf16'] as const satisfies readonly Half[];

interface HalfArrayConstructor {
  new (numbers: ArrayLike<number>): ArrayLike<number> & ArrayBufferView<ArrayBuffer>;
}
/** The runtime's own type for f16, where it has one: Chromium does. */
export const { Float16Array } = globalThis as { Float16Array?: HalfArrayConstructor };

interface Definition {
  /** Digits after the point, in bits. */
  digits: number;
  /** Exponents of the smallest and the largest normal numbers. */
  least: number;
  most: number;
}

const FORMATS: Readonly<Record<Format, Definition>> = {
  f32: { digits: 23, least: -126, most: 127 },
  f16: { digits: 10, least: -14, most: 15 },
  bf16: { digits: 7, least: -126, most: 127 },
};

/** The nearest number of the format, of two that are as near the even one. */
export function roundTo(format: Format, value: number): number {
  if (format === 'f32') return Math.fround(value);
  if (format === 'f16') return f16round(value);
  if (!Number.isFinite(value) || value === 0) return value;
  const ulp = ulpOf(format, value);
  const rounded = Math.sign(value) * roundEven(Math.abs(value) / ulp) * ulp;
  return Math.abs(rounded) > largestOf(format) ? Math.sign(value) * Infinity : rounded;
}

/** The distance of the format's numbers at a finite value; at least that of its subnormal ones. */
export function ulpOf(format: Format, value: number): number {
  const { digits, least } = FORMATS[format];
  return 2 ** (Math.max(exponentOf(value), least) - digits);
}

export function largestOf(format: Format): number {
  const { digits, most } = FORMATS[format];
  return (2 - 2 ** -digits) * 2 ** most;
}

/** The bits of the nearest numbers of the format. */
export function encode(format: Half, numbers: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(numbers, (value) => bitsOf(format, roundTo(format, value)));
}

/** The numbers that bits of the format stand for. */
export function decode(format: Half, bits: Uint16Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(bits, (each) => valueOf(format, each));
}

/** The bits of a number of the format. */
function bitsOf(format: Half, value: number): number {
  const { digits, least, most } = FORMATS[format];
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const infinite = (most - least + 2) << digits;
  if (Number.isNaN(value)) return infinite + 2 ** (digits - 1);
  if (Math.abs(value) === Infinity) return sign + infinite;
  const steps = Math.abs(value) / ulpOf(format, value);
  // A normal number has 2^digits steps or more, which add the 1 that its exponent begins at.
  const exponent = Math.max(exponentOf(value), least) - least;
  return sign + exponent * 2 ** digits + steps;
}

function valueOf(format: Half, bits: number): number {
  const { digits, least, most } = FORMATS[format];
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> digits;
  const fraction = (bits & (2 ** digits - 1)) / 2 ** digits;
  if (exponent === most - least + 2) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** least : sign * (1 + fraction) * 2 ** (exponent - 1 + least);
}

/** e with 2^e <= |value| < 2^(e+1); of 0 that of the smallest float64. */
function exponentOf(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return -1074;
  const near = Math.floor(Math.log2(magnitude));
  if (2 ** near > magnitude) return near - 1;
  return 2 ** (near + 1) <= magnitude ? near + 1 : near;
}

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
