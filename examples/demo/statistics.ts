import type { Pictures } from './picture.ts';

/** What one group of elements is like. */
export interface Summary {
  mean: number;
  deviation: number;
  least: number;
  most: number;
  sum: number;
  norm: number;
  absolute: number;
}

/** The elements that share statistics with the middle of the first sample, first channel. */
export function groupOf({ data, shape }: Pictures, shares: readonly number[]): number[] {
  const chosen = shape.map((size, axis) => (axis < 2 ? 0 : Math.floor(size / 2)));
  const ranges = shape.map((size, axis) => (shares.includes(axis) ? [...Array(size).keys()] : [chosen[axis]!]));
  const [N, C, H, W] = ranges as [number[], number[], number[], number[]];
  const at = (n: number, c: number, h: number, w: number): number =>
    data[((n * shape[1]! + c) * shape[2]! + h) * shape[3]! + w]!;
  return N.flatMap((n) => C.flatMap((c) => H.flatMap((h) => W.map((w) => at(n, c, h, w)))));
}

export function summarize(values: readonly number[]): Summary {
  const add = (of: (value: number) => number): number => values.reduce((sum, value) => sum + of(value), 0);
  const sum = add((value) => value);
  const mean = sum / values.length;
  return {
    mean,
    deviation: Math.sqrt(add((value) => (value - mean) ** 2) / values.length),
    least: values.reduce((least, value) => Math.min(least, value), Infinity),
    most: values.reduce((most, value) => Math.max(most, value), -Infinity),
    sum,
    norm: Math.sqrt(add((value) => value ** 2)),
    absolute: add(Math.abs),
  };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < b.length; index++) {
    const difference = Math.abs(a[index]! - b[index]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, Math.abs(values[index]!));
  return largest;
}
