import type { Measure } from '../problem/problem.ts';
import type { IndexMap } from './maps.ts';
import { inputPart, joined, memberPart, sumPart } from './operands.ts';
import { gridOf, makePass } from './pass.ts';
import type { Grid } from './pass.ts';
import { planeSize } from './plan.ts';
import type { CallNumbers, Pass } from './plan.ts';
import type { Profile } from './profile.ts';
import { NO_UPDATE } from './running.ts';
import type { RunningPiece } from './running.ts';
import { powerOfTwo } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { groupsOf, planeOf } from './setting.ts';
import type { Setting } from './setting.ts';

/** More parts of a group than this are merged by several invocations. */
const PARTS_ALONE = 32;
const MOST_SAMPLES = 512;

/** Into how many parts a schedule cuts a group. */
export function partsOf({ loads, schedule }: Setting): number {
  return Math.ceil(loads.length / schedule.chunk);
}

/** Moments of every part, from `x` into `partials`; `sums`: and the sum of x and residual into `sum`. */
export function partialPass(setting: Setting, resources: { x: string; partials: string }, sums = false): Pass {
  const { problem, profile, loads, schedule } = setting;
  const { use, constants, bindings } = joined(
    inputPart(setting, resources.x),
    memberPart(setting, true),
    sumPart(problem, sums),
  );
  return makePass(profile, gridOf(loads, schedule), {
    kernel: 'partial_moments',
    use: {
      vector: loads.vector,
      edges: loads.edges,
      statistic: shaderOf(problem.measure),
      ...measuringPieces(setting),
      ...use,
    },
    constants: { SAMPLES: samplesOf(setting), SUMS: sums ? 1 : 0, ...constants },
    maps: inputMaps(loads.maps),
    bindings: [...bindings, { name: 'partials', resource: resources.partials, type: 'Accumulator', writes: true }],
    call: { plane: planeOf(setting, groupsOf(setting) * partsOf(setting)) },
  });
}

/** Without those of arrays that are only written or multiplied with later: so that programs are shared. */
function inputMaps(maps: Pass['maps']): Pass['maps'] {
  return Object.fromEntries(Object.entries(maps).filter(([name]) => ['x', 'gate', 'mask', 'position'].includes(name)));
}

/** How moments are taken: in registers by two readings, where they stay in memory by one if that is exact enough. */
export function measuringPieces(setting: Setting): { tile: Schedule['tile']; moments: 'corrected' | 'streamed' } {
  const { problem, loads, schedule } = setting;
  const plain = problem.mask === null && problem.leading === null && problem.measure !== 'linf';
  const streams = plain && schedule.reduce !== 'workgroup' && schedule.tile === 'memory';
  const long = loadsOfLane(loads.length, schedule) >= 4 * samplesOf(setting);
  return { tile: schedule.tile, moments: streams && long ? 'streamed' : 'corrected' };
}

/** Loads of each lane from which the mean is guessed: few, but the longer the sums about the guess, the better it has to be. */
export function samplesOf({ loads, schedule }: Setting): number {
  const least = loads.elementsPerLoad > 1 ? 4 : 8;
  return Math.min(MOST_SAMPLES, Math.max(least, Math.ceil(loadsOfLane(loads.length, schedule) / 64)));
}

function loadsOfLane(length: number, { chunk, lanes }: Schedule): number {
  return Math.min(length, chunk) / lanes;
}

/** What a merge is told. */
export interface Merge {
  groups: number;
  /** Parts of each group, and from one part of all groups to the next. */
  parts: number;
  stride: number;
  measure: Measure;
  save: 'statistics' | 'moments';
  partials: string;
  saved: string;
  running?: RunningPiece;
  call: Partial<CallNumbers>;
  /** Where parts lie; left out: those of all groups one after the other. */
  map?: IndexMap | undefined;
}

/** Merges the parts of every group, from `partials` into `saved`. */
export function mergePass(profile: Profile, merge: Merge): Pass {
  const { groups, parts, stride, running = NO_UPDATE } = merge;
  const together = !profile.software && parts > PARTS_ALONE;
  const lanes = together ? Math.min(profile.maxWorkgroup, powerOfTwo(parts / 4)) : 1;
  const reduce = together ? 'workgroup' : 'invocation';
  const grid: Grid = { reduce, groups, length: parts, lanes, chunk: parts, elementsPerLoad: 1 };
  return makePass(profile, grid, {
    kernel: 'merge_moments',
    use: { vector: 'scalar', statistic: shaderOf(merge.measure), save: merge.save, ...running.use },
    constants: running.constants,
    maps: {
      part: merge.map ?? {
        group: [{ divide: 1, modulo: null, stride: 1 }],
        element: [{ divide: 1, modulo: null, stride }],
      },
    },
    bindings: [
      { name: 'partials', resource: merge.partials, type: 'f32', writes: false },
      { name: 'saved', resource: merge.saved, type: 'f32', writes: true },
      ...running.bindings,
    ],
    call: { plane: planeSize(groups), part_plane: planeSize(stride * parts), ...merge.call },
  });
}

/** The file of shaders/statistic/ that computes it. */
export function shaderOf(measure: Measure): string {
  return measure.replace('-', '_');
}
