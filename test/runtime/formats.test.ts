import { getFloat16 } from '@petamoriken/float16';
import { describe, expect, it } from 'vitest';
import { bytesPerElement, isFloat, isHalf } from '../../src/problem/dtype.ts';
import { decode, encode, largestOf, roundTo, ulpOf } from '../gpu/support/formats.ts';
import type { Half } from '../gpu/support/formats.ts';

const ALL = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
const of = (format: Half, bits: number): number => decode(format, Uint16Array.of(bits))[0]!;

describe('the formats tests measure by', () => {
  it.each(['f16', 'bf16'] as const)('take all bits of %s there and back', (format) => {
    const numbers = decode(format, ALL);
    const again = encode(format, numbers);
    const wrong = ALL.filter((bits) => !Number.isNaN(numbers[bits]) && again[bits] !== bits);
    expect(wrong).toEqual(new Uint16Array(0));
    // NaN: every fraction but 0 at the largest exponent, of both signs.
    expect(numbers.filter(Number.isNaN)).toHaveLength(format === 'f16' ? 2 * 1023 : 2 * 127);
    expect(numbers.filter((value, bits) => !Object.is(roundTo(format, value), numbers[bits]))).toHaveLength(0);
  });

  it('agree with a library on f16', () => {
    const view = new DataView(ALL.buffer);
    const numbers = decode('f16', ALL);
    expect(ALL.filter((bits) => !Object.is(getFloat16(view, 2 * bits, true), numbers[bits]))).toHaveLength(0);
  });

  it('agree with f32 on bf16, its upper half', () => {
    const floats = new Float32Array(Uint32Array.from(ALL, (bits) => bits * 2 ** 16).buffer);
    expect(decode('bf16', ALL)).toEqual(Float64Array.from(floats));
  });

  it.each([
    [1, 0x3f80],
    [-2, 0xc000],
    [3.140625, 0x4049],
    [2 ** -133, 0x0001],
    [2 ** -126, 0x0080],
    [(2 - 2 ** -7) * 2 ** 127, 0x7f7f],
    [-0, 0x8000],
    [Infinity, 0x7f80],
  ])('know %d of bf16', (value, bits) => {
    expect(of('bf16', bits)).toBe(value);
    expect(encode('bf16', [value])[0]).toBe(bits);
  });

  it.each([
    ['f16', 1 + 2 ** -11, 1],
    ['f16', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['f16', 1 + 2 ** -11 + 2 ** -40, 1 + 2 ** -10],
    ['f16', 2 ** -25, 0],
    ['f16', 1.5 * 2 ** -24, 2 ** -23],
    ['f16', 65519.99, 65504],
    ['f16', 65520, Infinity],
    ['bf16', 1 + 2 ** -8, 1],
    ['bf16', 1 + 3 * 2 ** -8, 1 + 2 ** -6],
    ['bf16', 1 + 2 ** -8 + 2 ** -40, 1 + 2 ** -7],
    ['bf16', 2 ** -134, 0],
    ['bf16', -(2 ** -134), -0],
    ['bf16', 1.5 * 2 ** -133, 2 ** -132],
    ['bf16', 1e300, Infinity],
    ['bf16', -3.4e38, -Infinity],
  ] as const)('round in %s %d to %d', (format, value, nearest) => {
    expect(roundTo(format, value)).toBe(nearest);
  });

  it('know the distance of neighbours', () => {
    expect([0, 2 ** -30, 1, 1.99, 65504].map((value) => ulpOf('f16', value))).toEqual(
      [-24, -24, -10, -10, 5].map((power) => 2 ** power),
    );
    expect([0, 1e-45, -1, 2].map((value) => ulpOf('bf16', value))).toEqual(
      [-133, -133, -7, -6].map((power) => 2 ** power),
    );
    expect([0, 1].map((value) => ulpOf('f32', value))).toEqual([2 ** -149, 2 ** -23]);
    expect(largestOf('f16')).toBe(65504);
    expect(largestOf('bf16')).toBeCloseTo(3.3895e38, -34);
    expect(largestOf('f32')).toBe(Math.fround(3.4028234663852886e38));
  });
});

it('dtypes know their bytes and kinds', () => {
  const dtypes = ['f32', 'f16', 'bf16', 'u32'] as const;
  expect(dtypes.map(bytesPerElement)).toEqual([4, 2, 2, 4]);
  expect(dtypes.filter(isHalf)).toEqual(['f16', 'bf16']);
  expect(dtypes.filter(isFloat)).toEqual(['f32', 'f16', 'bf16']);
});
