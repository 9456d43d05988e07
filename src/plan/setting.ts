import type { Problem } from '../problem/problem.ts';
import { planLoads } from './loads.ts';
import type { Loads } from './loads.ts';
import { planeSize } from './plan.ts';
import type { Profile } from './profile.ts';
import { chooseSchedule, HELD } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { forwardWalk } from './walk.ts';
import type { Walk } from './walk.ts';

/** All that the passes of one plan have in common. */
export interface Setting {
  problem: Problem;
  profile: Profile;
  loads: Loads;
  schedule: Schedule;
}

export function settingOf(problem: Problem, profile: Profile, forced: Partial<Schedule>): Setting {
  return settingOn(forwardWalk(problem), problem, profile, forced);
}

/** `held`: loads of a unit that fit its registers. */
export function settingOn(
  walk: Walk,
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  held: number = HELD,
): Setting {
  const loads = planLoads(walk);
  const schedule = { ...chooseSchedule(loads, profile, held), ...forced };
  return { problem, profile, loads, schedule: { ...schedule, chunk: Math.min(schedule.chunk, loads.length) } };
}

/** Accumulators between two planes of `count` numbers, as the kernels that see four columns at once count them. */
export function planeOf({ loads }: Setting, count: number): number {
  return planeSize(count) / loads.groupsPerLoad;
}
