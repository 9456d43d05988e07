import type { Problem } from '../problem/problem.ts';
import type { GradientRequest, WriteMode } from './gradient-request.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import type { SumsLayout } from './passes/gradient-sums-layout.ts';
import type { Pass } from './plan.ts';
import { groupSpace, stridedAxes, weightVaries } from './tiling/iteration-space.ts';
import type { StridedAxis } from './tiling/iteration-space.ts';
import { tilingOver } from './tiling/tiling.ts';
import type { Tiling } from './tiling/tiling.ts';

/** A gradient to be planned, of a problem with one weight and one bias at most. */
export interface BackwardProblem extends GradientRequest {
  problem: Problem;
  profile: Profile;
  forced: Partial<Schedule>;
  axes: StridedAxis[];
  /** The gate's outputs, where its gradient is made on the way. */
  gate: Record<'dresidual' | 'dgate', WriteMode | undefined> | null;
  /** Whether weight and bias are constant in each group: then they can be applied after the reduction. */
  weightIsPerGroup: boolean;
  /** Whether the sums of a pass may be dweight and dbias already; otherwise they are kept, and merged after it. */
  fuseParameterGradients: boolean;
}

/** Passes in order, and the sums that they leave on the way. */
export interface GradientPasses {
  passes: Pass[];
  sums: SumsLayout[];
}

export function backwardProblem(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): BackwardProblem {
  const axes = stridedAxes(problem);
  const weightVariesInGroups = axes.some((axis) => axis.reduced && weightVaries(axis));
  const weightIsPerGroup = !weightVariesInGroups && !(request.sums !== 'own' && isModulated(problem));
  const fuseParameterGradients = problem.combined === null;
  return { ...request, problem, profile, forced, axes, weightIsPerGroup, fuseParameterGradients, gate: null };
}

/** Whether parts of a whole may each have a weight of their own: a part of one sample, or of one position, has one alone. */
function isModulated({ weight, combined }: Problem): boolean {
  return combined !== null || weight?.resource === 'scale';
}

/** How items share out the groups of the problem, each holding x and dy where it can. */
export function groupTiling({ problem, profile, forced, axes }: BackwardProblem): Tiling {
  return tilingOver(groupSpace(problem, axes), axes, problem, profile, forced, 'pair');
}
