import { sizeOf, stridesOf } from '../problem/shape.ts';
import { termsAlong } from './maps.ts';
import type { IndexMap } from './maps.ts';
import { makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import { planeSize } from './plan.ts';
import type { CallNumbers, Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { powerOfTwo } from './schedule.ts';
import { NO_PARAMETERS, parameterBindings, parameterPieces } from './targets.ts';
import type { ParametersWanted } from './targets.ts';
import { NO_STRIDES } from './walk.ts';
import type { Dimension } from './walk.ts';

/** Sums over dy on their way: `count` of them along some axes of x, row-major, `parts` times one after the other. */
export interface Sums {
  resource: string;
  dimensions: readonly Dimension[];
  parts: number;
  /** From one part to the next, where that is more than their count. */
  stride?: number;
}

/** More parts of a sum than this are merged by several invocations. */
const PARTS_ALONE = 32;

export function countOf({ dimensions }: Pick<Sums, 'dimensions'>): number {
  return sizeOf(dimensions.map(({ size }) => size));
}

function partStrideOf(sums: Sums): number {
  return sums.stride ?? countOf(sums);
}

/** Floats from one plane of sums to the next. */
export function sumsPlane(sums: Sums): number {
  return planeSize(partStrideOf(sums) * sums.parts);
}

/** Bytes of both planes. */
export function sumsBytes(sums: Sums): number {
  return 2 * 4 * sumsPlane(sums);
}

/** Scratch memory of sums, where several passes share one by name: as much as the largest needs. */
export function scratchOf(sums: readonly Sums[]): Record<string, number> {
  const most: Record<string, number> = {};
  for (const one of sums) most[one.resource] = Math.max(most[one.resource] ?? 0, sumsBytes(one));
  return most;
}

/** The parts of each sum, and along the axes that `kept` lacks the sums themselves, added up; they may be dweight and dbias too. */
export function mergeParts(
  profile: Profile,
  sums: Sums,
  kept: Sums,
  wanted: ParametersWanted = NO_PARAMETERS,
  factors: Factors = PLAIN,
): Pass {
  return mergePass(profile, sums, {
    outer: sums.dimensions.filter(({ x }) => kept.dimensions.some((dimension) => dimension.x === x)),
    factors,
    use: { keep: 'sums', ...parameterPieces(wanted) },
    bindings: [
      { name: 'kept', resource: kept.resource, type: 'Accumulator', writes: true },
      ...parameterBindings(wanted),
    ],
    call: { kept_plane: sumsPlane(kept) },
  });
}

/** Merges sums that were computed elsewhere and copied to `partials`. */
export function planMergeSums(profile: Profile, { groups, parts }: { groups: number; parts: number }): Plan {
  const dimensions = [{ ...NO_STRIDES, size: groups, reduced: false, x: 1, group: 1 }];
  const partials = { resource: 'partials', dimensions, parts };
  const sums = { resource: 'sums', dimensions, parts: 1 };
  return {
    label: 'mergeGradientSums',
    saved: { sums: sumsBytes(sums) },
    scratch: { partials: sumsBytes(partials) },
    passes: [mergeParts(profile, partials, sums)],
  };
}

/** What each part of a sum is multiplied by: the pieces of shader, their arrays and numbers, and those arrays' strides. */
export interface Factors extends Pick<Pass, 'use' | 'constants' | 'bindings'> {
  strides: Record<string, (dimension: Dimension) => number>;
}

export const PLAIN: Factors = { use: { merged: 'plain' }, constants: {}, bindings: [], strides: {} };

interface Merge extends Pick<Pass, 'use' | 'bindings'> {
  /** The axes that the results vary along; along the others they are summed. */
  outer: readonly Dimension[];
  factors: Factors;
  call?: Partial<CallNumbers>;
}

export function mergePass(profile: Profile, sums: Sums, { outer, factors, use, bindings, call }: Merge): Pass {
  const groups = countOf({ dimensions: outer });
  const length = (countOf(sums) / groups) * sums.parts;
  const together = !profile.software && length > PARTS_ALONE && groups < profile.parallel / PARTS_ALONE;
  const lanes = together ? Math.min(profile.maxWorkgroup, powerOfTwo(length / 4)) : 1;
  const reduce = together ? 'workgroup' : 'invocation';
  const grid: Grid = { reduce, groups, length, lanes, chunk: length, elementsPerLoad: 1 };
  const maps = Object.entries(factors.strides).map(([name, strideOf]) => [name, mapOver(sums, outer, strideOf, 0)]);
  return makePass(profile, grid, {
    kernel: 'merge_sums',
    use: { vector: 'scalar', ...factors.use, ...use },
    constants: factors.constants,
    maps: { part: partsMap(sums, outer), ...(Object.fromEntries(maps) as Record<string, IndexMap>) },
    bindings: [
      { name: 'partials', resource: sums.resource, type: 'f32', writes: false },
      ...factors.bindings,
      ...bindings,
    ],
    call: { part_plane: sumsPlane(sums), ...call },
  });
}

/** From a result, and which of its parts, to where that part lies. */
export function partsMap(sums: Sums, outer: readonly Dimension[]): IndexMap {
  const strides = stridesOf(sums.dimensions.map(({ size }) => size));
  const strideOf = (dimension: Dimension): number => strides[sums.dimensions.indexOf(dimension)]!;
  return mapOver(sums, outer, strideOf, partStrideOf(sums));
}

function mapOver(
  { dimensions, parts }: Sums,
  outer: readonly Dimension[],
  strideOf: (dimension: Dimension) => number,
  partStride: number,
): IndexMap {
  const inner = dimensions.filter((dimension) => !outer.includes(dimension));
  const terms = (axes: readonly Dimension[], more: { size: number; stride: number }[] = []) => {
    const all = [...more, ...axes.map((axis) => ({ size: axis.size, stride: strideOf(axis) }))];
    return termsAlong(all);
  };
  return { group: terms(outer), element: terms(inner, [{ size: parts, stride: partStride }]) };
}
