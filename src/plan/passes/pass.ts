import type { Choice, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { COLUMN_LANES, isColumnwise, loadsHeld } from '../schedule.ts';
import type { Holding, Schedule } from '../schedule.ts';
import { isDivided } from '../tiling/index-map.ts';
import type { Tiling } from '../tiling/tiling.ts';
import { NEUTRAL } from '../uniforms.ts';
import type { Uniforms } from '../uniforms.ts';

/** Loads summed up, at least, before they are added to a sum of sums. */
const LEAST_BLOCK = 64;
/** Invocations of a workgroup, whatever its items take of them. */
const WORKGROUP = 256;
const WORKGROUP_ON_SOFTWARE = 8;
/** Loads from memory that are under way at once, for each invocation. A CPU takes them one by one. */
const AT_ONCE = 4;

/** How the elements of a pass are shared out: `length` loads a group, in chunks, each by `lanes` invocations. */
export interface Grid {
  reduce: Schedule['reduce'];
  groups: number;
  length: number;
  lanes: number;
  chunk: number;
  /** Elements of one group that a load brings. */
  elementsPerLoad: number;
  /** As a vectorization has it. */
  run?: number | undefined;
  /** Work items, where they are not one a chunk of each group. */
  items?: number;
  /** Whether neighbouring items have neighbours in memory: then the lanes of one are as far apart as a workgroup has items. */
  columnwise?: boolean;
  /** Whether what is held is one block: all of it is looked at before any is done with. */
  inOneBlock?: boolean;
  /** Elements that an invocation holds, if not those of x alone. */
  holding?: Holding;
}

/** One invocation a group, which takes one load after the other. */
export function oneInvocationEach(groups: number, length = 1): Grid {
  return { reduce: 'invocation', groups, length, lanes: 1, chunk: length, elementsPerLoad: 1 };
}

export function gridOf({ vectorization, schedule }: Pick<Tiling, 'vectorization' | 'schedule'>): Grid {
  const { reduce, lanes, chunk } = schedule;
  const { groups, length, elementsPerLoad, run } = vectorization;
  return { reduce, lanes, chunk, groups, length, elementsPerLoad, run, columnwise: isColumnwise(vectorization) };
}

interface PassDescription
  extends Pick<Pass, 'kernel' | 'bindings'>, Partial<Pick<Pass, 'choose' | 'maps' | 'constants' | 'rounding'>> {
  uniforms?: Partial<Uniforms>;
}

/** Completes a pass: the numbers its shader is built with, and how many workgroups it takes. */
export function makePass(profile: Profile, grid: Grid, pass: PassDescription): Pass {
  const maps = pass.maps ?? {};
  const chunks = Math.ceil(grid.length / grid.chunk);
  const items = grid.items ?? grid.groups * chunks;
  const workgroup = workgroupOf(profile, grid);
  const loadCount = Math.ceil(grid.chunk / grid.lanes);
  const atOnce = loadsAtOnce(profile);
  const reduce = reductionOf(profile, grid, workgroup);
  return {
    kernel: pass.kernel,
    choose: {
      reduce,
      ...pass.choose,
    },
    constants: {
      WORKGROUP: workgroup,
      ELEMENTS_PER_LOAD: grid.elementsPerLoad,
      ...(reduce === 'workgroup' && {
        COLUMNWISE: grid.columnwise === true,
        SIDES: sidesOf(workgroup, grid.lanes, pass.choose?.vector),
      }),
      ...(reduce === 'subgroups' && { SUBGROUP: profile.subgroup }),
      ...(reduce.startsWith('subgroup') && profile.subgroupSize > 0 && { SUBGROUP_SIZE: profile.subgroupSize }),
      ...(reduce === 'subgroup' && { LANES: grid.lanes }),
      AT_ONCE: atOnce,
      ...(dividesCounters(grid, maps) && {
        BY_RECIPROCAL: Math.max(grid.length, 4 * grid.groups) <= MOST_BY_RECIPROCAL,
      }),
      ...(pass.choose?.tile === 'registers' &&
        heldConstants(
          loadsHeld(loadCount, grid.holding ?? 'x', { vector: pass.choose.vector ?? 'scalar' }, profile),
          grid.inOneBlock ? Infinity : atOnce,
        )),
      ...pass.constants,
    },
    maps,
    ...(pass.rounding && { rounding: pass.rounding }),
    bindings: pass.bindings,
    uniforms: {
      ...NEUTRAL,
      groups: grid.groups,
      group_count: grid.groups,
      items,
      length: grid.length,
      chunk: grid.chunk,
      chunks,
      least: grid.length - (chunks - 1) * grid.chunk,
      lanes: grid.lanes,
      lane_bits: Math.log2(grid.lanes),
      ...blocksOf(loadCount, atOnce),
      ...runUniforms(grid),
      ...pass.uniforms,
    },
    workgroups: inTwoDimensions(Math.ceil(items / (workgroup / grid.lanes)), profile.maxDispatch),
  };
}

/** The largest counter that a product with a reciprocal in f32 divides exactly (shaders/math/quotient); tests hold it. */
export const MOST_BY_RECIPROCAL: number = 1 << 21;

/** Whether a kernel divides counters on the way to its elements. */
function dividesCounters({ run }: Grid, maps: Pass['maps']): boolean {
  return run !== undefined || Object.values(maps).some(isDivided);
}

function runUniforms({ run }: Grid): Partial<Uniforms> {
  if (run === undefined) return {};
  const runLoads = Math.ceil(run / 4);
  return { run, run_loads: runLoads, inv_run_loads: 1 / runLoads };
}

/** Loads from memory that an invocation has under way at once. */
export function loadsAtOnce({ software }: Profile): number {
  return software ? 1 : AT_ONCE;
}

/** Loads that are held, in blocks of at most so many. */
function heldConstants(held: number, atOnce: number): Pass['constants'] {
  let block = Math.min(held, atOnce);
  while (held % block !== 0) block--;
  return { HELD: held, HELD_BLOCK: block };
}

/** How the lanes of an item exchange: those that are neighbours by subgroups, as far as these reach. A workgroup has whole ones of the size that is asked for. */
function reductionOf(
  { subgroup, subgroupSize, software }: Profile,
  { reduce, lanes, columnwise }: Grid,
  workgroup: number,
): NonNullable<Pass['choose']['reduce']> {
  if (reduce === 'invocation' || (software && lanes === 1)) return 'invocation';
  if (columnwise || subgroup < 2 || workgroup % Math.max(subgroupSize, 1) !== 0) return 'workgroup';
  if (lanes > subgroup) return 'subgroups';
  // So few may be any number on a GPU: a software adapter has that of a subgroup, and knows it.
  return reduce === 'subgroup' && !software ? 'subgroups' : reduce;
}

/** Sums that there is room for beside those of all invocations (shaders/reduce/workgroup): half as many, but columns have always the same number of lanes, or one. */
function sidesOf(workgroup: number, lanes: number, vector: Choice['vector']): number {
  if (vector !== 'column') return Math.ceil(workgroup / 2);
  const most = lanes === 1 ? Math.min(COLUMN_LANES, workgroup) : lanes;
  return workgroup / 2 ** Math.floor(Math.log2(most) / 2);
}

/** Invocations of a workgroup. A software adapter has few cores with wide vectors: small ones give each core some, also of few items. */
export function workgroupOf({ software, maxWorkgroup }: Profile, { lanes }: Pick<Grid, 'lanes'>): number {
  if (software) return lanes > 1 ? lanes : WORKGROUP_ON_SOFTWARE;
  return Math.max(lanes, Math.min(WORKGROUP, maxWorkgroup));
}

/** A loop of `count` loads as sums of equal length, whose sums are summed: where they are many, as many as each has loads. Each is a multiple of what is loaded at once. */
export function blocksOf(count: number, atOnce: number): Pick<Uniforms, 'block_length' | 'blocks'> {
  const wanted = Math.ceil(count / Math.max(LEAST_BLOCK, Math.sqrt(count)));
  const length = Math.ceil(count / wanted / atOnce) * atOnce;
  return { block_length: length, blocks: Math.ceil(count / length) };
}

/** Workgroups in two dimensions, none of them longer than the device allows. */
export function inTwoDimensions(workgroups: number, most: number): [number, number] {
  const rows = Math.ceil(workgroups / most);
  return [Math.ceil(workgroups / rows), rows];
}
