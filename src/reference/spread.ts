import { NormError } from '../errors.ts';
import type { Grouping } from './groups.ts';
import { broadcastStrides, placesBy } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray, formatShape, reshape, stridesOf } from './ndarray.ts';

/** An array that has a value for each element of x: its strides, in elements, along the axes of x, 0 where it repeats. */
export interface Spread {
  array: NdArray;
  strides: readonly number[];
}

/** Axes of x that are the samples (one or none) and the channels. */
export interface Roles {
  sample: readonly number[];
  channel: number;
}

/** Samples first, channels last; a single axis is one of channels. */
export function firstAndLast({ length }: readonly number[]): Roles {
  return { sample: length > 1 ? [0] : [], channel: length - 1 };
}

/** @throws NormError `parameter` where the array does not broadcast to x by NumPy's rules. */
export function spreadByNumPy(name: string, array: NdArray, x: readonly number[]): Spread {
  checkArray(name, array);
  return { array, strides: broadcastStrides(name, array.shape, x) };
}

/**
 * As `aligned`, a shape of x's rank, but for sizes of 1.
 *
 * @throws NormError `parameter` where it is not.
 */
export function spreadAs(name: string, array: NdArray, aligned: readonly number[], x: readonly number[]): Spread {
  return { array, strides: broadcastStrides(name, reshape(name, array, aligned).shape, x) };
}

/**
 * [samples, channels], or [channels], or with as many axes as x; every size 1 or that of x. Of two readings the first holds.
 *
 * @throws NormError `parameter` where it has another shape.
 */
export function spreadByRoles(name: string, array: NdArray, x: readonly number[], { sample, channel }: Roles): Spread {
  checkArray(name, array);
  // The axis of x that each of its axes lies along; a layout without samples has none for the first of two.
  const readings = [[sample[0], channel], [channel], x.map((_, axis) => axis)];
  const along = readings.find(
    (axes) =>
      axes.length === array.shape.length &&
      array.shape.every((size, i) => size === 1 || (axes[i] !== undefined && size === x[axes[i]])),
  );
  if (!along) {
    throw new NormError(
      'parameter',
      `${name} ${formatShape(array.shape)} fits neither x ${formatShape(x)} nor its samples and channels`,
    );
  }
  const own = stridesOf(array.shape);
  const strides = x.map(() => 0);
  along.forEach((axis, i) => {
    if (axis !== undefined && array.shape[i]! > 1) strides[axis] = own[i]!;
  });
  return { array, strides };
}

/** Along an x one of whose axes is seen as two, the second of size `inner`. */
export function splitAxis({ array, strides }: Spread, axis: number, inner: number): Spread {
  const stride = strides[axis]!;
  return { array, strides: [...strides.slice(0, axis), stride * inner, stride, ...strides.slice(axis + 1)] };
}

/** Looks the value up of element `e` of group `g`; where there is no array, it is always `otherwise`. */
export function reader(
  spread: Spread | undefined,
  grouping: Grouping,
  otherwise: number,
): (g: number, e: number) => number {
  if (!spread) return () => otherwise;
  const at = placesBy(spread.strides, grouping);
  const { data } = spread.array;
  return (g, e) => data[at.group[g]! + at.element[e]!]!;
}

/** Sums over all that a value of an array is repeated for, in the shape of the array. */
export interface Adder {
  add: (g: number, e: number, term: number) => void;
  sums: Float64NdArray | undefined;
}

/** Where there is no array, nothing is added. */
export function adder(spread: Spread | undefined, grouping: Grouping): Adder {
  if (!spread) return { add: () => {}, sums: undefined };
  const at = placesBy(spread.strides, grouping);
  const data = new Float64Array(spread.array.data.length);
  const add = (g: number, e: number, term: number): void => void (data[at.group[g]! + at.element[e]!]! += term);
  return { add, sums: { data, shape: spread.array.shape } };
}
