import type { Problem } from '../problem/problem.ts';
import { planLoads } from './loads.ts';
import type { Loads } from './loads.ts';
import { planeSize } from './plan.ts';
import type { Profile } from './profile.ts';
import { chooseSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** All that the passes of one plan have in common. */
export interface Setting {
  problem: Problem;
  profile: Profile;
  loads: Loads;
  schedule: Schedule;
}

export function settingOf(problem: Problem, profile: Profile, forced: Partial<Schedule>): Setting {
  const loads = planLoads(problem);
  return { problem, profile, loads, schedule: { ...chooseSchedule(loads, profile), ...forced } };
}

/** Accumulators between two planes of statistics, as the kernels that see four columns at once count them. */
export function planeOf({ loads }: Setting, groups: number): number {
  return planeSize(groups) / loads.groupsPerLoad;
}
