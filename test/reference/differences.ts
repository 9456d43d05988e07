import { expect } from 'vitest';
import type { Float64NdArray, NdArray } from '../../src/reference/index.ts';

/** Central differences of fourth order of a loss with respect to each number of `data`, which it reads. */
export function slopesOf(loss: () => number, data: Float64Array, step = 1e-4): Float64Array {
  return data.map((value, index) => {
    const rise = (distance: number): number => {
      data[index] = value + distance;
      const above = loss();
      data[index] = value - distance;
      const below = loss();
      data[index] = value;
      return above - below;
    };
    return (8 * rise(step) - rise(2 * step)) / (12 * step);
  });
}

/** Σ a · b */
export function dot(a: NdArray, b: NdArray): number {
  return Array.from(a.data).reduce((sum, value, index) => sum + value * b.data[index]!, 0);
}

/** What differences leave of the truth, relative to the largest element. */
const STEP_ERROR = 1e-8;

/** The gradient has the shape of the array, and is the slope of the loss with respect to it. */
export function expectSlopes(gradient: NdArray | undefined, name: string, array: Float64NdArray, loss: () => number) {
  expect(gradient?.shape, name).toEqual(array.shape);
  const slopes = slopesOf(loss, array.data);
  const largest = Math.max(1, ...slopes.map(Math.abs));
  const wrong = Array.from(slopes, (slope, index) => ({ name, index, slope, got: gradient!.data[index]! })).filter(
    ({ slope, got }) => !(Math.abs(got - slope) / largest < STEP_ERROR),
  );
  expect(wrong).toEqual([]);
}
