import { sizeOf, stridesOf } from '../../problem/shape.ts';
import { planeSize } from '../plan.ts';
import { digitsAlong } from '../tiling/index-map.ts';
import type { IndexMap } from '../tiling/index-map.ts';
import type { StridedAxis } from '../tiling/iteration-space.ts';

/** Where sums over dz are kept: a number for each index along some axes of x, row-major, `parts` times one after the other. */
export interface SumsLayout {
  resource: string;
  axes: readonly StridedAxis[];
  parts: number;
  /** From one part to the next, where that is more than their count. */
  stride?: number;
  /** Sums of each: over dz and over dz · x_hat, unless there are more. */
  planes?: number;
}

export function countOf({ axes }: Pick<SumsLayout, 'axes'>): number {
  return sizeOf(axes.map(({ size }) => size));
}

/** Floats from one plane of sums to the next. */
export function sumsPlane(sums: SumsLayout): number {
  return planeSize((sums.stride ?? countOf(sums)) * sums.parts);
}

/** Bytes of all planes. */
export function sumsBytes(sums: SumsLayout): number {
  return (sums.planes ?? 2) * 4 * sumsPlane(sums);
}

/** Scratch memory of sums, where several passes share one by name: as much as the largest needs. */
export function scratchOf(sums: readonly SumsLayout[]): Record<string, number> {
  return largestScratch(sums.map((one) => ({ [one.resource]: sumsBytes(one) })));
}

/** Scratch memory of passes that follow each other, which share it by name: as much as the largest needs. */
export function largestScratch(all: readonly Record<string, number>[]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const scratch of all) {
    for (const name in scratch) most[name] = Math.max(most[name] ?? 0, scratch[name]!);
  }
  return most;
}

/** From a result, and which of its parts, to where that part lies. */
export function partsMap(sums: SumsLayout, outer: readonly StridedAxis[]): IndexMap {
  const strides = stridesOf(sums.axes.map(({ size }) => size));
  const strideOf = (axis: StridedAxis): number => strides[sums.axes.indexOf(axis)]!;
  return mapOver(sums, outer, strideOf, sums.stride ?? countOf(sums));
}

/** From a result, and which of its parts, to an offset in an array with these strides. */
export function mapOver(
  { axes, parts }: SumsLayout,
  outer: readonly StridedAxis[],
  strideOf: (axis: StridedAxis) => number,
  partStride = 0,
): IndexMap {
  const runs = (along: readonly StridedAxis[]) => along.map((axis) => ({ size: axis.size, stride: strideOf(axis) }));
  const inner = axes.filter((axis) => !outer.includes(axis));
  return {
    group: digitsAlong(runs(outer)),
    element: digitsAlong([{ size: parts, stride: partStride }, ...runs(inner)]),
  };
}
