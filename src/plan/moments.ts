import type { Problem } from '../problem/problem.ts';
import { mergePass, partialPass, partsOf } from './measure.ts';
import { planesBytes } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import { groupsOf, settingOf } from './setting.ts';

/** What the passes that measure a tensor read and write. */
export interface MeasureResources {
  x: string;
  partials: string;
  saved: string;
}

const OWN: MeasureResources = { x: 'x', partials: 'partials', saved: 'saved' };

/** The moments of every group of x, five planes in `saved`. */
export function planMoments(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule> = {},
  resources: MeasureResources = OWN,
): Plan {
  const setting = settingOf(problem, profile, forced);
  const { groups, measure, eps, bessel } = problem;
  const [parts, stride] = [partsOf(setting), groupsOf(setting)];
  return {
    label: problem.op,
    saved: { [resources.saved]: planesBytes(groups, 'count') },
    scratch: { [resources.partials]: planesBytes(stride * parts, 'count') },
    passes: [
      partialPass(setting, resources),
      mergePass(profile, { ...resources, groups, parts, stride, measure, save: 'moments', call: { eps, bessel } }),
    ],
  };
}

/** Merges moments that were computed elsewhere and copied to `partials`. */
export function planMerge(profile: Profile, size: { groups: number; parts: number }): Plan {
  return {
    label: 'mergeMoments',
    saved: { [OWN.saved]: planesBytes(size.groups, 'count') },
    scratch: { [OWN.partials]: planesBytes(size.groups * size.parts, 'count') },
    passes: [
      mergePass(profile, { ...OWN, ...size, stride: size.groups, measure: 'variance', save: 'moments', call: {} }),
    ],
  };
}
