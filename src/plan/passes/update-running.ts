import type { Problem } from '../../problem/problem.ts';
import { stridesOf } from '../../problem/shape.ts';
import { planeSize } from '../plan.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { digitsAlong, UNIT } from '../tiling/index-map.ts';
import type { Digit, IndexMap } from '../tiling/index-map.ts';
import type { Uniforms } from '../uniforms.ts';
import { makePass, oneInvocationEach } from './pass.ts';

/** From an index to itself. */
export const IDENTITY: IndexMap = { group: [UNIT], element: [] };

/** How a pass updates running statistics. */
export type RunningOperands = Pick<Pass, 'constants' | 'bindings'>;

export const NO_UPDATE: RunningOperands = { constants: {}, bindings: [] };

/** `type`: of an access to them, which is to four channels where a load of x is of four. */
export function runningOperands(problem: Problem, type: 'f32' | 'Value' = 'f32'): RunningOperands {
  const { update, runningDtype: dtype } = problem;
  if (!update) return NO_UPDATE;
  const { cumulative } = update;
  const count: Binding = { name: 'num_batches_tracked', resource: 'numBatchesTracked', type: 'u32', access: 'read' };
  return {
    constants: { CUMULATIVE: cumulative, ...trackedConstants(problem) },
    bindings: [
      { name: 'running_mean', resource: 'runningMean', type, dtype, access: 'update' },
      { name: 'running_var', resource: 'runningVar', type, dtype, access: 'update' },
      ...(cumulative ? [count] : []),
    ],
  };
}

/** How many elements a group needs for its statistics to be tracked, where a mask may leave fewer: an unbiased variance takes two. */
export function trackedConstants({ countPerGroup, update }: Problem): Pass['constants'] {
  return { COUNT_PER_GROUP: countPerGroup, LEAST_TRACKED: update?.unbiased ? 2 : 1 };
}

export function trackedUniforms({ update }: Problem): Partial<Uniforms> {
  return { tracked_factor: update?.trackedFactor ?? 1 };
}

/** Updates the running statistics from the moments of the groups. */
export function updateRunning(problem: Problem, profile: Profile, moments: string): Pass {
  const running = runningOperands(problem);
  return makePass(profile, oneInvocationEach(problem.channels, problem.groups / problem.channels), {
    kernel: 'update_running',
    choose: { vector: 'scalar' },
    constants: running.constants,
    maps: { instance: instancesOfChannel(problem), channel: IDENTITY },
    bindings: [{ name: 'statistics', resource: moments, type: 'f32', access: 'read' }, ...running.bindings],
    uniforms: { statistics_plane: planeSize(problem.groups), ...trackedUniforms(problem) },
  });
}

/** Whether each channel is one group, so that what merges a group's moments may update its running statistics too. */
export function isGroupPerChannel(problem: Problem): boolean {
  return problem.groups === problem.channels;
}

/** From a channel and the number of an instance to the group they make. */
export function instancesOfChannel({ kept, channel }: Problem): IndexMap {
  const strides = stridesOf(kept);
  const pick = (isChannel: boolean): Digit[] => {
    const axes = kept.map((size, axis) => ({ size, stride: strides[axis]!, axis }));
    return digitsAlong(axes.filter(({ axis }) => (channel![axis] !== 0) === isChannel));
  };
  return { group: pick(true), element: pick(false) };
}
