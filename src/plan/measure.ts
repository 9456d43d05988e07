import type { Measure, Problem } from '../problem/problem.ts';
import type { Loads } from './loads.ts';
import { gridOf, makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import { planeSize } from './plan.ts';
import type { Binding, CallNumbers, Pass } from './plan.ts';
import type { Profile } from './profile.ts';
import { powerOfTwo } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** More parts of a group than this are merged by several invocations. */
const PARTS_ALONE = 32;

/** Moments of every chunk, into `partials`. */
export function partialPass(
  problem: Problem,
  profile: Profile,
  loads: Loads,
  schedule: Schedule,
  resources: { x: string; partials: string },
): Pass {
  const lanesOfLoad = problem.groups / loads.groups;
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'partial_moments',
    use: { vector: loads.vector, tile: schedule.tile, statistic: shaderOf(problem.measure) },
    maps: { x: loads.maps['x']! },
    bindings: [
      { name: 'x', resource: resources.x, type: 'Value', writes: false },
      { name: 'partials', resource: resources.partials, type: 'Accumulator', writes: true },
    ],
    call: { plane: planeSize(partsOf(problem, loads, schedule)) / lanesOfLoad },
  });
}

/** Chunks of all groups. */
export function partsOf(problem: Problem, loads: Loads, schedule: Schedule): number {
  return problem.groups * Math.ceil(loads.length / schedule.chunk);
}

/** Merges `parts` moments of each of `groups`. */
export function mergePass(
  profile: Profile,
  measure: Measure,
  size: { groups: number; parts: number },
  save: 'statistics' | 'moments',
  running: { use: string; bindings: Binding[] },
  resources: { partials: string; saved: string },
  call: Pick<CallNumbers, 'eps' | 'momentum' | 'unbiasing'>,
): Pass {
  const { groups, parts } = size;
  const together = !profile.software && parts > PARTS_ALONE;
  const lanes = together ? Math.min(profile.maxWorkgroup, powerOfTwo(parts / 4)) : 1;
  const grid: Grid = {
    reduce: together ? 'workgroup' : 'invocation',
    groups,
    length: parts,
    lanes,
    chunk: parts,
    elementsPerLoad: 1,
  };
  return makePass(profile, grid, {
    kernel: 'merge_moments',
    use: { vector: 'scalar', statistic: shaderOf(measure), save, running: running.use },
    bindings: [
      { name: 'partials', resource: resources.partials, type: 'f32', writes: false },
      { name: 'saved', resource: resources.saved, type: 'f32', writes: true },
      ...running.bindings,
    ],
    call: { plane: planeSize(groups), part_plane: planeSize(groups * parts), ...call },
  });
}

/** The file of shaders/statistic/ that computes it. */
export function shaderOf(measure: Measure): string {
  return measure.replace('-', '_');
}
