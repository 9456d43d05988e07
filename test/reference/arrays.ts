import { expect } from 'vitest';
import type { Float64NdArray, NdArray } from '../../src/reference/index.ts';

export function array(shape: readonly number[], data: ArrayLike<number>): Float64NdArray {
  return { data: Float64Array.from(data), shape };
}

/** Numbers between -1 and 1, the same at every run. */
export function randomArray(shape: readonly number[], seed = 1): Float64NdArray {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 1073741823.5 - 1;
  for (let warmUp = 0; warmUp < 8; warmUp++) next();
  return array(shape, Array.from({ length: shape.reduce((product, size) => product * size, 1) }, next));
}

/** The index along each axis of the element at `offset`. */
export function indexOf(offset: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(offset % size);
    offset = Math.floor(offset / size);
  }
  return index;
}

/** As NumPy's transpose: axis `i` of the result is axis `order[i]` of the array. */
export function transpose({ data, shape }: NdArray, order: readonly number[]): Float64NdArray {
  const turned = order.map((axis) => shape[axis]!);
  const result = new Float64Array(data.length);
  for (let offset = 0; offset < data.length; offset++) {
    const index = indexOf(offset, shape);
    const place = order.reduce((sum, axis, i) => sum * turned[i]! + index[axis]!, 0);
    result[place] = data[offset]!;
  }
  return { data: result, shape: turned };
}

/** The same shape, and every number within `tolerance` relative to max(1, |expected|). */
export function expectClose(actual: NdArray | undefined, expected: NdArray, tolerance = 1e-12): void {
  expect(actual?.shape).toEqual(expected.shape);
  for (let i = 0; i < expected.data.length; i++) {
    const [got, want] = [actual!.data[i]!, expected.data[i]!];
    expect(Math.abs(got - want) / Math.max(1, Math.abs(want)), `element ${i}: ${got}, not ${want}`).toBeLessThanOrEqual(
      tolerance,
    );
  }
}
