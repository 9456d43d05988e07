import type { Dtype } from '../problem/dtype.ts';
import type { IndexMap } from './maps.ts';

/** What a pass binds, by the name it has in the shader, in the order of the bindings. */
export interface Binding {
  name: string;
  /** An operand of the call (`x`, `weight`, `y` …), or a scratch buffer of the plan. */
  resource: string;
  /** What an access is to: as many elements as the shader's type has. */
  type: 'Value' | 'Accumulator' | 'f32' | 'u32';
  /** How the elements are stored; left out: as f32. */
  dtype?: Dtype;
  /** Whether halves are stored one by one, which takes the feature `shader-f16`. */
  native?: boolean;
  /** Elements before the first, where that is not what is bound. */
  start?: number;
  writes: boolean;
  /** Bytes into the resource. */
  offset?: number;
}

/** Numbers a pass reads at run time: what may change without a new pipeline. The order is that of the uniform. */
export interface CallNumbers {
  /** What the units of one chunk count: groups, or fours of them. */
  groups: number;
  /** Groups. */
  total: number;
  units: number;
  plane: number;
  part_plane: number;
  kept_plane: number;
  eps: number;
  momentum: number;
  unbiasing: number;
  /** What a sum over a group is multiplied by: 1 / n where a statistic is a mean, else 1. */
  share: number;
  /** The slope of a leaky activation below zero. */
  leak: number;
  /** n / (n - 1) where the variance that normalizes is unbiased, else 1. */
  bessel: number;
}

/** One dispatch, as data: which kernel, of which pieces, over what. */
export interface Pass {
  kernel: string;
  /** Which file of a folder of shaders serves: `{ reduce: 'workgroup', … }`. */
  use: Record<string, string>;
  constants: Record<string, number>;
  maps: Record<string, IndexMap>;
  bindings: Binding[];
  /** Arrays that are one of the others: by their names the name of that. */
  same?: Record<string, string>;
  call: CallNumbers;
  workgroups: [number, number];
}

/** What a call will do: scratch buffers by size in bytes, then passes in order. */
export interface Plan {
  label: string;
  scratch: Record<string, number>;
  /** What the call keeps for its gradient: buffers by size in bytes. */
  saved: Record<string, number>;
  passes: Pass[];
}

/** Floats between two planes of statistics: every plane can be bound by itself. */
export function planeSize(groups: number): number {
  return Math.ceil(groups / 64) * 64;
}

export const PLANES = { mean: 0, correction: 1, scale: 2, deviation: 3, count: 4 } as const;

/** Bytes of the planes up to and with the last one named. */
export function planesBytes(groups: number, last: keyof typeof PLANES): number {
  return planeSize(groups) * (PLANES[last] + 1) * 4;
}
