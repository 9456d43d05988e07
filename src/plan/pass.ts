import type { Loads } from './loads.ts';
import type { CallNumbers, Pass } from './plan.ts';
import type { Profile } from './profile.ts';
import { powerOfTwo } from './schedule.ts';
import type { Schedule } from './schedule.ts';

/** Loads summed up, at least, before they are added to a sum of sums. */
const BLOCK = 64;
/** Invocations of a workgroup whose units do not need each other. */
const WORKGROUP = 64;

const NO_NUMBERS = {
  plane: 0,
  part_plane: 0,
  kept_plane: 0,
  eps: 0,
  momentum: 0,
  unbiasing: 1,
  share: 1,
  leak: 0,
  bessel: 1,
};

/** How the elements of a pass are shared out: `length` loads a group, in chunks, each by `lanes` invocations. */
export interface Grid {
  reduce: Schedule['reduce'];
  groups: number;
  length: number;
  lanes: number;
  chunk: number;
  /** Elements of one group that a load brings. */
  elementsPerLoad: number;
  /** As loads have it. */
  run?: number | undefined;
  /** Units, where they are not one a chunk of each group. */
  units?: number;
}

/** One invocation a group, which takes one load after the other. */
export function invocations(groups: number, length = 1): Grid {
  return { reduce: 'invocation', groups, length, lanes: 1, chunk: length, elementsPerLoad: 1 };
}

export function gridOf(loads: Loads, schedule: Schedule): Grid {
  const { reduce, lanes, chunk } = schedule;
  const { groups, length, elementsPerLoad, run } = loads;
  return { reduce, lanes, chunk, groups, length, elementsPerLoad, run };
}

/** Completes a pass: the numbers its shader is built with, and how many workgroups it takes. */
export function makePass(
  profile: Profile,
  grid: Grid,
  pass: Pick<Pass, 'kernel' | 'use' | 'bindings'> &
    Partial<Pick<Pass, 'maps' | 'constants'>> & { call?: Partial<CallNumbers> },
): Pass {
  const chunks = Math.ceil(grid.length / grid.chunk);
  const units = grid.units ?? grid.groups * chunks;
  const workgroup = workgroupOf(profile, grid, units);
  return {
    kernel: pass.kernel,
    use: { reduce: grid.reduce, ...pass.use },
    constants: {
      WORKGROUP: workgroup,
      LANES: grid.lanes,
      LENGTH: grid.length,
      CHUNK: grid.chunk,
      CHUNKS: chunks,
      ELEMENTS_PER_LOAD: grid.elementsPerLoad,
      ...(grid.run && { RUN: grid.run }),
      ...blocksOf(Math.ceil(grid.chunk / grid.lanes)),
      ...pass.constants,
    },
    maps: pass.maps ?? {},
    bindings: pass.bindings,
    call: { ...NO_NUMBERS, groups: grid.groups, total: grid.groups, units, ...pass.call },
    workgroups: fold(Math.ceil(units / (workgroup / grid.lanes)), profile.maxDispatch),
  };
}

/** Few units are spread over more workgroups, so that each core of a software adapter gets some. */
function workgroupOf(profile: Profile, grid: Grid, units: number): number {
  const most = Math.min(WORKGROUP, profile.maxWorkgroup);
  const spread = profile.software ? Math.min(most, Math.max(4, powerOfTwo((units * grid.lanes) / 16))) : most;
  return Math.max(grid.lanes, spread);
}

/** A loop of `items` as blocks of equal length, whose sums are summed: where they are many, as many as each has items. */
export function blocksOf(items: number): { BLOCK: number; BLOCKS: number } {
  const blocks = Math.ceil(items / Math.max(BLOCK, Math.sqrt(items)));
  return { BLOCK: Math.ceil(items / blocks), BLOCKS: blocks };
}

/** Workgroups in two dimensions, none of them longer than the device allows. */
export function fold(workgroups: number, most: number): [number, number] {
  const rows = Math.ceil(workgroups / most);
  return [Math.ceil(workgroups / rows), rows];
}
