import type { Measure } from '../problem/problem.ts';
import { gridOf, makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import { planeSize } from './plan.ts';
import type { CallNumbers, Pass } from './plan.ts';
import type { Profile } from './profile.ts';
import { NO_UPDATE } from './running.ts';
import type { RunningPiece } from './running.ts';
import { powerOfTwo } from './schedule.ts';
import { planeOf } from './setting.ts';
import type { Setting } from './setting.ts';

/** More parts of a group than this are merged by several invocations. */
const PARTS_ALONE = 32;

/** Into how many parts a schedule cuts a group. */
export function partsOf({ loads, schedule }: Setting): number {
  return Math.ceil(loads.length / schedule.chunk);
}

/** Moments of every part, from `x` into `partials`. */
export function partialPass(setting: Setting, resources: { x: string; partials: string }): Pass {
  const { problem, profile, loads, schedule } = setting;
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'partial_moments',
    use: { vector: loads.vector, tile: schedule.tile, statistic: shaderOf(problem.measure) },
    maps: { x: loads.maps['x']! },
    bindings: [
      { name: 'x', resource: resources.x, type: 'Value', writes: false },
      { name: 'partials', resource: resources.partials, type: 'Accumulator', writes: true },
    ],
    call: { plane: planeOf(setting, problem.groups * partsOf(setting)) },
  });
}

/** What a merge is told. */
export interface Merge {
  groups: number;
  /** Parts of each group. */
  parts: number;
  measure: Measure;
  save: 'statistics' | 'moments';
  partials: string;
  saved: string;
  running?: RunningPiece;
  call: Partial<CallNumbers>;
}

/** Merges the parts of every group, from `partials` into `saved`. */
export function mergePass(profile: Profile, merge: Merge): Pass {
  const { groups, parts, running = NO_UPDATE } = merge;
  const together = !profile.software && parts > PARTS_ALONE;
  const lanes = together ? Math.min(profile.maxWorkgroup, powerOfTwo(parts / 4)) : 1;
  const reduce = together ? 'workgroup' : 'invocation';
  const grid: Grid = { reduce, groups, length: parts, lanes, chunk: parts, elementsPerLoad: 1 };
  return makePass(profile, grid, {
    kernel: 'merge_moments',
    use: { vector: 'scalar', statistic: shaderOf(merge.measure), save: merge.save, running: running.use },
    bindings: [
      { name: 'partials', resource: merge.partials, type: 'f32', writes: false },
      { name: 'saved', resource: merge.saved, type: 'f32', writes: true },
      ...running.bindings,
    ],
    call: { plane: planeSize(groups), part_plane: planeSize(groups * parts), ...merge.call },
  });
}

/** The file of shaders/statistic/ that computes it. */
export function shaderOf(measure: Measure): string {
  return measure.replace('-', '_');
}
