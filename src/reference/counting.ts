import { NormError } from '../errors.ts';
import type { Grouping } from './groups.ts';
import type { NdArray } from './ndarray.ts';
import { checkArray, formatShape, sizeOf, stridesOf } from './ndarray.ts';
import type { Spread } from './spread.ts';
import { reader } from './spread.ts';

/** The elements that the statistics of a group are taken over, by their numbers within the group, ascending. */
export type Counting = (group: number) => Int32Array;

export interface MaskOptions {
  /**
   * Of the shape of x without its channel axis, or where a mode has none the last: where it is 0, the statistics leave x out; any other number keeps it, a NaN too. A mask that is
   * the same for all elements of a group leaves none out. Without channels, it may also have as many axes as x, each 1 or that of x.
   */
  mask?: NdArray | undefined;
  /** Whether the result is 0 where the mask is. Default false: x is normalized there too. */
  maskOutput?: boolean | undefined;
}

/** All of them, but those where the mask is 0; or only the first, `partial` of all, at least one where there is one. */
export function countingOf({ mask, partial = 1 }: { mask?: Spread; partial?: number }, grouping: Grouping): Counting {
  const length = sizeOf(grouping.axes.map((axis) => grouping.shape[axis]!));
  const first = Math.min(length, Math.max(1, Math.floor(partial * length)));
  const all = Int32Array.from({ length: first }, (_, e) => e);
  if (!selects(mask, grouping)) return () => all;
  const counts = reader(mask, grouping, 1);
  return (group) => all.filter((e) => counts(group, e) !== 0);
}

/** @throws NormError `shape` where the mask is not of the shape of x without its channels. */
export function maskAlong(mask: NdArray, x: readonly number[], channel: number): Spread {
  checkArray('mask', mask);
  const wanted = x.toSpliced(channel, 1);
  if (formatShape(mask.shape) !== formatShape(wanted)) {
    throw new NormError('shape', `mask has shape ${formatShape(mask.shape)}, but ${formatShape(wanted)} is needed`);
  }
  return { array: mask, strides: stridesOf(mask.shape).toSpliced(channel, 0, 0) };
}

/** Likewise along the last axis, or with as many axes as x: an axis of size 1 then repeats, unless it is one of x. */
export function maskAlongLast(mask: NdArray, x: readonly number[]): Spread {
  checkArray('mask', mask);
  const isSame = mask.shape.map((size, axis) => size === x[axis]);
  if (mask.shape.length !== x.length || !mask.shape.every((size, axis) => size === 1 || isSame[axis])) {
    return maskAlong(mask, x, x.length - 1);
  }
  return { array: mask, strides: stridesOf(mask.shape).map((stride, axis) => (isSame[axis] ? stride : 0)) };
}

/** Whether a mask leaves elements of a group out: not where it is the same for all of them. */
export function selects(mask: Spread | undefined, { axes }: Grouping): mask is Spread {
  return mask !== undefined && axes.some((axis) => mask.strides[axis] !== 0);
}
