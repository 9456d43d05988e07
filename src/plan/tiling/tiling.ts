import { isHalf } from '../../problem/dtype.ts';
import { sizeOf } from '../../problem/shape.ts';
import type { Problem } from '../../problem/problem.ts';
import { planeSize } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { chooseSchedule, sequenceSchedule } from '../schedule.ts';
import type { Holding, Schedule } from '../schedule.ts';
import { digitsAlong } from './index-map.ts';
import type { IndexMap } from './index-map.ts';
import { columnSpace, forwardSpace, keepInnermost, sequenceSpace, stridedAxes } from './iteration-space.ts';
import type { IterationSpace, StridedAxis } from './iteration-space.ts';
import { isWide, vectorize, vectorizeColumns } from './vectorization.ts';
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
  if (problem.sequences !== null) return sequenceTiling(problem, profile, forced);
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

/** Packed sequences: items that see a column or four of one each, whatever groups those are parts of. */
function sequenceTiling(problem: Problem, profile: Profile, forced: Partial<Schedule>): Tiling {
  const [rows = 1, ...inner] = problem.reduced;
  const isFiner = sizeOf(inner) > 1;
  const axes = stridedAxes(problem).map((axis) => ({
    ...axis,
    reduced: axis.reduced && axis.x === problem.x.reduced[0],
  }));
  const columns = vectorizeColumns(sequenceSpace(problem, axes, isFiner), profile.software && !isFiner);
  const maps = Object.entries(columns.maps).map(([name, { group, element }]): [string, IndexMap] => [
    name,
    { group, element: element.map((digit) => ({ ...digit, row: true })) },
  ]);
  const vectorization = { ...columns, maps: Object.fromEntries(maps), length: rows };
  const schedule = sequenceSchedule(vectorization, profile, forced);
  return { problem, profile, vectorization, schedule, axes, groupPerLane: isFiner ? groupOfColumn(axes) : null };
}

/** From each column, in the order of the axes, to the group of the problem that it is a part of. */
function groupOfColumn(axes: readonly StridedAxis[]): IndexMap {
  const kept = axes.filter(({ reduced }) => !reduced);
  return { group: digitsAlong(kept.map(({ size, group: stride }) => ({ size, stride }))), element: [] };
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
  const axes = problem.sequences === null ? keepInnermost(stridedAxes(problem)) : null;
  if (!axes || forced.name !== undefined || isWide(vectorize(forwardSpace(problem), profile))) return null;
  const tiling = tilingOver(columnSpace(problem, axes), axes, problem, profile, forced);
  const { vector, length } = tiling.vectorization;
  if (vector !== 'column' || !isWide(tiling.vectorization) || length < least) return null;
  return { ...tiling, groupPerLane: groupOfColumn(axes) };
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

/** The file of shaders/source that finds statistics which a pass before this one saved. */
export function savedSource({ groupPerLane, vectorization }: Tiling): 'saved' | 'saved_per_lane' | 'saved_mapped' {
  if (!groupPerLane) return 'saved';
  return vectorization.vector === 'column' ? 'saved_per_lane' : 'saved_mapped';
}

/** The index maps of a pass that finds the statistics of each lane by itself. */
export function mapsOf({ vectorization, groupPerLane }: Tiling): Vectorization['maps'] {
  return groupPerLane ? { ...vectorization.maps, group: groupPerLane } : vectorization.maps;
}
