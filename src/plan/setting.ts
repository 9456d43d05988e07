import type { Problem } from '../problem/problem.ts';
import { isWide, planLoads } from './loads.ts';
import type { Loads } from './loads.ts';
import { runsOf, termsOf } from './maps.ts';
import type { IndexMap } from './maps.ts';
import { planeSize } from './plan.ts';
import type { Profile } from './profile.ts';
import { chooseSchedule, HELD } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { columnsWalk, dimensionsOf, forwardWalk, refine } from './walk.ts';
import type { Dimension, Walk } from './walk.ts';

/** All that the passes of one plan have in common. */
export interface Setting {
  problem: Problem;
  profile: Profile;
  loads: Loads;
  schedule: Schedule;
  /** The axes of x, reduced where a unit walks along them. */
  dimensions: readonly Dimension[];
  /** From each of the groups that its units see to the group of the problem it is a part of; null where they are those. */
  apart: IndexMap | null;
}

export function settingOf(problem: Problem, profile: Profile, forced: Partial<Schedule>): Setting {
  return settingOn(forwardWalk(problem), dimensionsOf(problem), problem, profile, forced);
}

/** `held`: loads of a unit that fit its registers. */
export function settingOn(
  walk: Walk,
  dimensions: readonly Dimension[],
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  held: number = HELD,
): Setting {
  const loads = planLoads(walk, profile);
  const schedule = { ...chooseSchedule(loads, profile, held), ...forced };
  return {
    problem,
    profile,
    dimensions,
    apart: null,
    loads,
    schedule: { ...schedule, chunk: Math.min(schedule.chunk, loads.length) },
  };
}

/** Columns shorter than this leave more moments than they save. */
const LEAST_REFINED = 32;

/** Units that see finer groups than the problem's, where that makes loads wide and nothing else does; else null. */
export function refinedSetting(problem: Problem, profile: Profile, forced: Partial<Schedule>): Setting | null {
  const dimensions = refine(dimensionsOf(problem));
  if (!dimensions || forced.name !== undefined || isWide(planLoads(forwardWalk(problem), profile))) return null;
  const setting = settingOn(columnsWalk(problem, dimensions), dimensions, problem, profile, forced);
  const { vector, length } = setting.loads;
  if (vector !== 'column' || !isWide(setting.loads) || length < LEAST_REFINED) return null;
  const kept = dimensions.filter(({ reduced }) => !reduced);
  const runs = runsOf(
    kept.map(({ size }) => size),
    kept.map(({ group }) => group),
  );
  return { ...setting, apart: { group: termsOf(runs), element: [] } };
}

/** How many groups the units of a pass see: those of the problem, or finer ones. */
export function groupsOf({ loads }: Setting): number {
  return loads.groups * loads.groupsPerLoad;
}

/** Accumulators between two planes of `count` numbers, as the kernels that see four columns at once count them. */
export function planeOf({ loads }: Setting, count: number): number {
  return planeSize(count) / loads.groupsPerLoad;
}
