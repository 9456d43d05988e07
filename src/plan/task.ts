import type { Problem } from '../problem/problem.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import type { Deposit, ParametersWanted } from './sums.ts';
import { dimensionsOf, variesAlong } from './walk.ts';
import type { Dimension } from './walk.ts';

/** What becomes of each gradient of a call. */
export type Wanted = Record<'dx' | 'dweight' | 'dbias' | 'dstyle', Deposit>;

/** A gradient on its way to a plan. */
export interface Task {
  problem: Problem;
  wanted: Wanted;
  profile: Profile;
  forced: Partial<Schedule>;
  dimensions: Dimension[];
  /** Whether weight and bias are constant in each group: then they can wait until its sums are known. */
  factored: boolean;
}

export function taskOf(problem: Problem, wanted: Wanted, profile: Profile, forced: Partial<Schedule>): Task {
  const dimensions = dimensionsOf(problem);
  const factored = !dimensions.some((dimension) => dimension.reduced && variesAlong(dimension));
  return { problem, wanted, profile, forced, dimensions, factored };
}

export function needsSums({ dx, dstyle }: Wanted): boolean {
  return dx !== 'none' || dstyle !== 'none';
}

export function trains({ dweight, dbias }: Wanted): boolean {
  return dweight !== 'none' || dbias !== 'none';
}

export function parametersOf({ dweight, dbias }: Wanted): ParametersWanted {
  return { dweight, dbias };
}
