import type { Problem } from '../problem/problem.ts';
import { mergeMoments } from './passes/merge-moments.ts';
import { partialMoments } from './passes/partial-moments.ts';
import { planesBytes, planOfNothing } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import { groupsOf, partsOf, tilingOf } from './tiling/tiling.ts';

/** Resources of the passes that measure a tensor. */
export interface MomentsResources {
  x: string;
  partials: string;
  saved: string;
}

const OWN: MomentsResources = { x: 'x', partials: 'partials', saved: 'saved' };

/** The moments of every group of x, five planes in `saved`. */
export function planMoments(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule> = {},
  resources: MomentsResources = OWN,
): Plan {
  const { groups, measure, bessel } = problem;
  if (groups === 0) return planOfNothing(problem.op);
  const tiling = tilingOf(problem, profile, forced);
  const [parts, stride] = [partsOf(tiling), groupsOf(tiling)];
  const uniforms = { bessel_factor: bessel };
  return {
    label: problem.op,
    saved: { [resources.saved]: planesBytes(groups, 'count') },
    scratch: { [resources.partials]: planesBytes(stride * parts, 'count') },
    passes: [
      partialMoments(tiling, resources),
      mergeMoments(profile, { ...resources, groups, parts, stride, measure, saveMoments: true, uniforms }),
    ],
  };
}

/** Merges moments that were computed elsewhere and copied to `partials`. */
export function planMergeMoments(profile: Profile, size: { groups: number; parts: number }): Plan {
  const merge = { ...OWN, ...size, stride: size.groups, measure: 'variance', saveMoments: true } as const;
  return {
    label: 'mergeMoments',
    saved: { [OWN.saved]: planesBytes(size.groups, 'count') },
    scratch: { [OWN.partials]: planesBytes(size.groups * size.parts, 'count') },
    passes: [mergeMoments(profile, merge)],
  };
}
