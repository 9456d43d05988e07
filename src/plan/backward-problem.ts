import type { Problem } from '../problem/problem.ts';
import type { GradientRequest, WriteMode } from './gradient-request.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import { stridedAxes, weightVaries } from './tiling/iteration-space.ts';
import type { StridedAxis } from './tiling/iteration-space.ts';

/** A gradient to be planned, of a problem with one weight and one bias at most. */
export interface BackwardProblem extends GradientRequest {
  problem: Problem;
  profile: Profile;
  forced: Partial<Schedule>;
  axes: StridedAxis[];
  /** What is wanted of the gate, where its gradient is made on the way. */
  gate: Record<'dresidual' | 'dgate', WriteMode | undefined> | null;
  /** Whether weight and bias are constant in each group: then they can be applied after the reduction. */
  weightIsPerGroup: boolean;
  /** Whether the sums of a pass may be dweight and dbias already; otherwise they are kept, and merged after it. */
  fuseParameterGradients: boolean;
}

export function backwardProblem(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): BackwardProblem {
  const axes = stridedAxes(problem);
  const weightIsPerGroup = !axes.some((axis) => axis.reduced && weightVaries(axis));
  const fuseParameterGradients = problem.combined === null;
  return { ...request, problem, profile, forced, axes, weightIsPerGroup, fuseParameterGradients, gate: null };
}
