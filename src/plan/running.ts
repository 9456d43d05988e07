import type { Problem } from '../problem/problem.ts';
import { stridesOf } from '../problem/shape.ts';
import { runsOf, termsOf } from './maps.ts';
import type { IndexMap } from './maps.ts';
import { invocations, makePass } from './pass.ts';
import { planeSize } from './plan.ts';
import type { Binding, Pass } from './plan.ts';
import type { Profile } from './profile.ts';

/** How a pass updates the running statistics: the piece of shader, and what it binds. */
export interface RunningPiece {
  use: { running: 'none' | 'fixed' | 'cumulative'; unbiasing: 'constant' | 'counted' };
  constants: Record<string, number>;
  bindings: Binding[];
}

export const NO_UPDATE: RunningPiece = {
  use: { running: 'none', unbiasing: 'constant' },
  constants: {},
  bindings: [],
};

export function runningPiece(problem: Problem): RunningPiece {
  if (!problem.update) return NO_UPDATE;
  const cumulative = problem.update.momentum === null;
  const bindings: Binding[] = [
    { name: 'running_mean', resource: 'runningMean', type: 'f32', dtype: problem.runningDtype, writes: true },
    { name: 'running_var', resource: 'runningVar', type: 'f32', dtype: problem.runningDtype, writes: true },
  ];
  if (cumulative)
    bindings.push({ name: 'num_batches_tracked', resource: 'numBatchesTracked', type: 'u32', writes: false });
  return {
    use: { running: cumulative ? 'cumulative' : 'fixed', unbiasing: problem.mask ? 'counted' : 'constant' },
    constants: leastTracked(problem),
    bindings,
  };
}

/** How many elements a group needs for its statistics to be tracked: an unbiased variance takes two. */
function leastTracked({ mask, update }: Problem): Record<string, number> {
  return mask && update ? { LEAST_TRACKED: update.unbiased ? 2 : 1 } : {};
}

/** Whether only the moments tell that the batch counts: a mask may leave nothing of it. */
export function countsLate({ mask, update }: Problem): boolean {
  return mask !== null && update !== null && update.counted;
}

const COUNT: Binding = { name: 'num_batches_tracked', resource: 'numBatchesTracked', type: 'u32', writes: true };

/** Counts the batch; before anything divides by the count. */
export function countPasses(problem: Problem, profile: Profile): Pass[] {
  if (!problem.update?.counted || countsLate(problem)) return [];
  return [makePass(profile, invocations(1), { kernel: 'count_batch', use: {}, bindings: [COUNT] })];
}

/** Updates the running statistics, and where that had to wait counts the batch. */
export function updatePasses(problem: Problem, profile: Profile, moments: string): Pass[] {
  const counting = makePass(profile, invocations(1, problem.groups / problem.channels), {
    kernel: 'count_masked_batch',
    use: { unbiasing: 'counted' },
    constants: leastTracked(problem),
    maps: { channel: groupsOfChannel(problem) },
    bindings: [{ name: 'saved', resource: moments, type: 'f32', writes: false }, COUNT],
    call: { plane: planeSize(problem.groups) },
  });
  return [...(countsLate(problem) ? [counting] : []), updatePass(problem, profile, moments)];
}

/** Whether each channel is one group, so that what merges a group's moments may update its running statistics too. */
export function isGroupPerChannel(problem: Problem): boolean {
  return problem.groups === problem.channels;
}

/** Updates the running statistics from the groups' moments. */
function updatePass(problem: Problem, profile: Profile, moments: string): Pass {
  const piece = runningPiece(problem);
  return makePass(profile, invocations(problem.channels, problem.groups / problem.channels), {
    kernel: 'update_running',
    use: { vector: 'scalar', ...piece.use },
    constants: piece.constants,
    maps: { channel: groupsOfChannel(problem) },
    bindings: [{ name: 'saved', resource: moments, type: 'f32', writes: false }, ...piece.bindings],
    call: { plane: planeSize(problem.groups), ...updateNumbers(problem) },
  });
}

export function updateNumbers(problem: Problem): { momentum: number; unbiasing: number } {
  return { momentum: problem.update?.momentum ?? 0, unbiasing: problem.update?.unbiasing ?? 1 };
}

/** From a channel and the number of an instance to the group they make. */
function groupsOfChannel(problem: Problem): IndexMap {
  const strides = stridesOf(problem.kept);
  const pick = (isChannel: boolean): ReturnType<typeof termsOf> => {
    const axes = problem.kept.map((_, axis) => axis).filter((axis) => (problem.channel![axis] !== 0) === isChannel);
    return termsOf(
      runsOf(
        axes.map((axis) => problem.kept[axis]!),
        axes.map((axis) => strides[axis]!),
      ),
    );
  };
  return { group: pick(true), element: pick(false) };
}
