import { expect } from 'vitest';
import type { NdArray } from '../../../src/reference/index.ts';
import { roundTo } from '../support/formats.ts';
import type { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';

/** Batches in parts, and what is near to them. */

export const C = 6;

/** Relative to the largest of the exact values: arithmetic in f32 (as bounds.ts has it, of gradients twice), and one rounding of what is stored. */
export const BOUND = { f32: 16 * 2 ** -24, f16: 2 ** -11 + 16 * 2 ** -24, bf16: 2 ** -8 + 16 * 2 ** -24 };
type Stored = keyof typeof BOUND;

export interface Batch {
  layout: string;
  dtype: Stored;
  /** Samples of each member. */
  samples: readonly number[];
}

const shapeOf = (layout: string, samples: number): number[] =>
  [...layout].map((letter) => ({ N: samples, C, H: 3, W: 5 })[letter]!);

/** The samples from `from` on, as an array of their own: of a layout that begins with N. */
export function samplesOf({ data, shape }: NdArray, from: number, count: number): NdArray<Float32Array<ArrayBuffer>> {
  const size = sizeOf(shape.slice(1));
  return { data: Float32Array.from(data).slice(from * size, (from + count) * size), shape: [count, ...shape.slice(1)] };
}

export function draw({ layout, dtype, samples }: Batch, random: Random) {
  const all = samples.reduce((total, count) => total + count, 0);
  const shape = shapeOf(layout, all);
  const drawn = (mean: number, deviation: number): NdArray<Float32Array<ArrayBuffer>> => ({
    data: random
      .normals(sizeOf(shape), mean, deviation)
      .map((value) => (dtype === 'f32' ? value : roundTo(dtype, value))),
    shape,
  });
  const channels = (mean: number): NdArray<Float32Array<ArrayBuffer>> => ({
    data: random.normals(C, mean, 0.3),
    shape: [C],
  });
  return { x: drawn(0.7, 2), dy: drawn(0.1, 1), weight: channels(1), bias: channels(0) };
}

export function expectNear(actual: ArrayLike<number>, exact: ArrayLike<number>, bound: number, name: string): void {
  expect(actual.length, name).toBe(exact.length);
  const [a, b] = [Array.from(actual), Array.from(exact)];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);
  expect(error, name).toBeLessThanOrEqual(bound * largest);
}
