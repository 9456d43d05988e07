import type { Problem } from '../../problem/problem.ts';
import { planeSize } from '../plan.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { makePass, oneInvocationEach } from './pass.ts';
import { IDENTITY, instancesOfChannel, trackedConstants } from './update-running.ts';

const COUNT: Binding = { name: 'num_batches_tracked', resource: 'numBatchesTracked', type: 'u32', access: 'update' };

/** Whether only the moments tell that a batch counts: a mask may leave nothing of it. */
export function countsLate({ countPerGroup, update }: Problem): boolean {
  return countPerGroup && update !== null && update.counted;
}

/** Counts a batch, before anything divides by the count; under a mask by what its moments tell. */
export function countBatch(problem: Problem, profile: Profile, moments: string | null): Pass[] {
  if (!problem.update?.counted || countsLate(problem) !== (moments !== null)) return [];
  const statistics: Binding[] =
    moments === null ? [] : [{ name: 'statistics', resource: moments, type: 'f32', access: 'read' }];
  const instances = moments === null ? 1 : problem.groups / problem.channels;
  return [
    makePass(profile, oneInvocationEach(1, instances), {
      kernel: 'count_batch',
      choose: { vector: 'scalar' },
      constants: trackedConstants(problem),
      maps: { instance: moments === null ? IDENTITY : instancesOfChannel(problem) },
      bindings: [...statistics, COUNT],
      uniforms: { statistics_plane: planeSize(problem.groups) },
    }),
  ];
}
