import type { Problem } from '../problem/problem.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import type { Wanted } from './targets.ts';
import { dimensionsOf, variesAlong } from './walk.ts';
import type { Dimension } from './walk.ts';

/** What a gradient is computed of, besides x and dy. */
export interface Given {
  /** Sums over dy of the groups: computed on the way, or elsewhere over more data than x. */
  sums: 'own' | 'given';
  /** Whether a gradient arrives at the sum of x and residual too. */
  dsum: boolean;
}

/** A gradient on its way to a plan. */
export interface Task extends Given {
  problem: Problem;
  wanted: Wanted;
  profile: Profile;
  forced: Partial<Schedule>;
  dimensions: Dimension[];
  /** Whether weight and bias are constant in each group: then they can wait until its sums are known. */
  factored: boolean;
  /** Whether the sums of a pass may be dweight and dbias already; otherwise they are kept, and merged after it. */
  direct: boolean;
}

export function taskOf(
  problem: Problem,
  wanted: Wanted,
  profile: Profile,
  forced: Partial<Schedule>,
  given: Given,
): Task {
  const dimensions = dimensionsOf(problem);
  const factored = !dimensions.some((dimension) => dimension.reduced && variesAlong(dimension));
  return { problem, wanted, profile, forced, dimensions, factored, direct: problem.folded === null, ...given };
}

export function needsSums({ dx, dstyle }: Wanted): boolean {
  return dx !== 'none' || dstyle !== 'none';
}

export function trains({ dweight, dbias, dscale, dshift, dgate }: Wanted): boolean {
  return [dweight, dbias, dscale, dshift, dgate].some((deposit) => deposit !== 'none');
}
