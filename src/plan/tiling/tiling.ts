import { isHalf } from '../../problem/dtype.ts';
import type { Problem } from '../../problem/problem.ts';
import { planeSize } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { chooseSchedule } from '../schedule.ts';
import type { Holding, Schedule } from '../schedule.ts';
import { digitsAlong } from './index-map.ts';
import type { IndexMap } from './index-map.ts';
import { columnSpace, forwardSpace, keepInnermost, stridedAxes } from './iteration-space.ts';
import type { IterationSpace, StridedAxis } from './iteration-space.ts';
import { isWide, vectorize } from './vectorization.ts';
import type { Vectorization } from './vectorization.ts';

/** How the passes of a plan share out a problem: what a load brings, and which invocations take which loads. */
export interface Tiling {
  problem: Problem;
  profile: Profile;
  vectorization: Vectorization;
  schedule: Schedule;
  /** The axes of x, reduced where they are iterated over by one item. */
  axes: readonly StridedAxis[];
  /** Of a two-level reduction: from each of the finer groups that its items see to the group of the problem it is a part of. */
  groupPerLane: IndexMap | null;
}

export function tilingOf(problem: Problem, profile: Profile, forced: Partial<Schedule>): Tiling {
  return tilingOver(forwardSpace(problem), stridedAxes(problem), problem, profile, forced);
}

/** A scale is of a span of one group, which an item has all of. */
const WHOLE = { name: 'whole', groupsPerInvocation: 1 } as const;

/** `holding`: what of a row an invocation holds in registers. */
export function tilingOver(
  space: IterationSpace,
  axes: readonly StridedAxis[],
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  holding: Holding = isHalf(problem.dtype) ? 'halves' : 'x',
): Tiling {
  const quantizes = problem.quantization !== null;
  const vectorization = vectorize(space, profile, quantizes);
  const chosen = { ...chooseSchedule(vectorization, profile, holding, !quantizes), ...forced };
  const schedule = quantizes ? { ...chosen, ...WHOLE, chunk: vectorization.length } : chosen;
  const chunk = Math.min(schedule.chunk, vectorization.length);
  return { problem, profile, axes, groupPerLane: null, vectorization, schedule: { ...schedule, chunk } };
}

/** Columns shorter than this leave more moments than they save. */
const LEAST_COLUMN = 32;

/** Items that see finer groups than the problem's, where that makes loads wide and nothing else does; else null. */
export function twoLevelTiling(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  least: number = LEAST_COLUMN,
): Tiling | null {
  const axes = keepInnermost(stridedAxes(problem));
  if (!axes || forced.name !== undefined || isWide(vectorize(forwardSpace(problem), profile))) return null;
  const tiling = tilingOver(columnSpace(problem, axes), axes, problem, profile, forced);
  const { vector, length } = tiling.vectorization;
  if (vector !== 'column' || !isWide(tiling.vectorization) || length < least) return null;
  const kept = axes.filter(({ reduced }) => !reduced);
  const group = digitsAlong(kept.map(({ size, group: stride }) => ({ size, stride })));
  return { ...tiling, groupPerLane: { group, element: [] } };
}

/** How many groups the items of a pass see: those of the problem, or finer ones. */
export function groupsOf({ vectorization }: Tiling): number {
  return vectorization.groups * vectorization.groupsPerLoad;
}

/** Into how many parts a schedule cuts a group. */
export function partsOf({ vectorization, schedule }: Tiling): number {
  return Math.ceil(vectorization.length / schedule.chunk);
}

/** Accumulators between two planes of numbers of the problem's groups, as the kernels count them. */
export function statisticsPlane({ problem: { groups }, vectorization, groupPerLane }: Tiling): number {
  return groupPerLane ? planeSize(groups) : planeSize(groups) / vectorization.groupsPerLoad;
}

/** The index maps of a pass that finds the statistics of each lane by itself. */
export function mapsOf({ vectorization, groupPerLane }: Tiling): Vectorization['maps'] {
  return groupPerLane ? { ...vectorization.maps, group: groupPerLane } : vectorization.maps;
}
