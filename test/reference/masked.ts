import type { NdArray } from '../../src/reference/index.ts';
import { array, randomArray } from './arrays.ts';

/** Sequences of several lengths, padded to the longest, and the mask of what they hold. */

export const [N, C, T] = [3, 2, 5];
export const x = randomArray([N, C, T]);
export const affine = { weight: randomArray([C], 2), bias: randomArray([C], 3) };
export const running = { runningMean: array([C], [1, 2]), runningVar: array([C], [3, 4]) };

/** Sequences of 4, 2 and 5 tokens. */
export const LENGTHS = [4, 2, 5];
export const mask = array(
  [N, T],
  LENGTHS.flatMap((length) => Array.from({ length: T }, (_, t) => (t < length ? 1 : 0))),
);

/** The array with a value where the mask is 0. */
export function elsewhere(of: NdArray, value: number): NdArray {
  const padded = Float64Array.from(of.data);
  for (let i = 0; i < padded.length; i++) if (isMasked(i)) padded[i] = value;
  return { data: padded, shape: of.shape };
}

export function isMasked(index: number): boolean {
  return index % T >= LENGTHS[Math.floor(index / (C * T))]!;
}
