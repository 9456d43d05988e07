import { checkChoice, checkCount, checkNames, checkPowerOfTwo } from '../options/checks.ts';
import type { Profile } from './profile.ts';
import type { Vectorization } from './tiling/vectorization.ts';

/**
 * How groups are shared out. `whole`: an item covers its whole group, one dispatch. `split`: several items a group, whose
 * moments are merged before the result is written, three dispatches.
 */
export interface Schedule {
  name: 'whole' | 'split';
  reduce: 'invocation' | 'subgroup' | 'workgroup';
  tile: 'memory' | 'registers';
  /** Invocations of a work item, a power of two. */
  lanes: number;
  /** Loads of an item. */
  chunk: number;
  /** Groups an invocation writes at once, so that they share the loads of weight and bias, if they have the same. */
  groupsPerInvocation: 1 | 4;
}

/** Values of each part of a schedule; null: a positive whole number. */
const PARTS: { readonly [Part in keyof Schedule]: readonly Schedule[Part][] | null } = {
  name: ['whole', 'split'],
  reduce: ['invocation', 'subgroup', 'workgroup'],
  tile: ['memory', 'registers'],
  lanes: null,
  chunk: null,
  groupsPerInvocation: [1, 4],
};

/** @throws NormError `option` where a part of a forced schedule is unknown, or not what its name says. */
export function checkSchedule(op: string, schedule: Partial<Schedule>): void {
  checkNames(op, schedule, Object.keys(PARTS), 'schedule');
  for (const [part, value] of Object.entries(schedule) as [keyof Schedule, unknown][]) {
    const choices = PARTS[part];
    if (choices) checkChoice(op, `${part} of schedule`, value, choices);
    else if (part === 'lanes') checkPowerOfTwo(op, 'lanes of schedule', value);
    else checkCount(op, `${part} of schedule`, value);
  }
}

/** Elements of a row that an invocation holds: x alone, as f32 or as halves, or a pair, x and dy. */
export type Holding = 'x' | 'halves' | 'pair';
/**
 * Invocations that share a row, and loads each of them holds: more where they need no barrier, fewer where the others wait for each. Of a longer
 * row the last hold as many as fit.
 */
const LANE_CLASSES = [
  { lanes: 1, held: { x: 8, halves: 8, pair: 4 } },
  { lanes: 4, held: { x: 8, halves: 8, pair: 4 } },
  { lanes: 16, held: { x: 8, halves: 8, pair: 4 } },
  { lanes: 32, held: { x: 8, halves: 8, pair: 0 } },
  { lanes: 64, held: { x: 0, halves: 0, pair: 4 } },
  { lanes: 128, held: { x: 4, halves: 8, pair: 4 } },
  { lanes: 256, held: { x: 4, halves: 4, pair: 4 } },
];
/** Loads that each invocation is compiled to hold of a row, unless there are more: then as many as it may. */
const FEW_LOADS = { x: 8, halves: 8, pair: 4 };
/** Loads that each of the invocations of a part of a row holds. */
const PART_LOADS = 8;
/** Invocations that share a column, and loads each of them takes at least. */
export const COLUMN_LANES = 16;
const LEAST_COLUMN = 8;
/** Loads one invocation sums up on its own before the error of a long f32 sum shows. */
const LONGEST_SUM = 1 << 15;
/** A row shorter than this many loads for each lane is left to one invocation on a software adapter. */
const SHORT_ROW = 8;

/** `maySplit`: whether several items may share a group. */
export function chooseSchedule(
  vectorization: Vectorization,
  profile: Profile,
  holding: Holding,
  maySplit: boolean,
): Schedule {
  if (profile.software) return softwareSchedule(vectorization, profile, maySplit);
  return isColumnwise(vectorization)
    ? columnSchedule(vectorization, profile)
    : rowSchedule(vectorization, profile, holding, maySplit);
}

/** One invocation a group, because barriers cost more than they save; split where that leaves cores idle. */
function softwareSchedule(vectorization: Vectorization, profile: Profile, maySplit: boolean): Schedule {
  const { groups, length } = vectorization;
  // Cut in two, rows take three dispatches, and no core that has none without.
  const isBusy = isContiguous(vectorization) && 2 * groups >= profile.parallel;
  const wanted = isBusy ? 1 : Math.ceil(profile.parallel / groups);
  const chunk = maySplit ? Math.min(LONGEST_SUM, Math.max(Math.ceil(length / wanted), 1024)) : length;
  const name = length <= chunk ? 'whole' : 'split';
  // A subgroup is one core's vector: fewer groups than that leave most of it idle.
  const few = name === 'whole' && groups < profile.subgroup && length >= SHORT_ROW * profile.subgroup;
  const enough = groups >= 4 * (name === 'whole' ? profile.parallel : 1);
  return {
    name,
    reduce: few ? 'subgroup' : 'invocation',
    tile: 'memory',
    lanes: few ? profile.subgroup : 1,
    chunk: Math.min(chunk, length),
    groupsPerInvocation: enough && !few && shareParameters(vectorization) ? 4 : 1,
  };
}

/** Whether all groups have the same weights and biases, one for each of their loads. */
export function shareParameters({ vector, maps }: Vectorization): boolean {
  const given = [maps['weight'], maps['bias']].filter((map) => map !== undefined);
  const shared = given.every(({ group }) => group.length === 0);
  return vector !== 'column' && shared && given.some(({ element }) => element.length > 0);
}

/**
 * Neighbouring invocations take neighbouring columns, and several share each: a workgroup is a tile of columns and rows. Columns are split
 * until the adapter is busy.
 */
function columnSchedule(vectorization: Vectorization, profile: Profile): Schedule {
  const { groups, length } = vectorization;
  const lanes = Math.min(COLUMN_LANES, profile.maxWorkgroup);
  // Short columns are worth sharing where there are too few to keep an adapter busy alone.
  const least = groups < profile.parallel / 2 ? 2 : LEAST_COLUMN;
  if (length < least * lanes) return shared('whole', 'memory', 1, length);
  const wanted = Math.ceil(profile.parallel / lanes / groups);
  const chunk = Math.max(Math.ceil(length / wanted), LEAST_COLUMN * lanes);
  return {
    name: length <= chunk ? 'whole' : 'split',
    reduce: 'workgroup',
    tile: 'memory',
    lanes,
    chunk: Math.min(chunk, length),
    groupsPerInvocation: 1,
  };
}

/**
 * Columns of packed sequences, `length` rows of all of them: as many chunks each as keep an adapter busy, and as one sequence that has all rows
 * takes. How long each is only the GPU knows.
 */
export function sequenceSchedule(
  { groups, length }: Vectorization,
  { software, parallel, maxWorkgroup }: Profile,
  forced: Partial<Schedule>,
): Schedule {
  const { lanes = software || length < 2 * COLUMN_LANES ? 1 : Math.min(COLUMN_LANES, maxWorkgroup) } = forced;
  const wanted = Math.ceil(parallel / lanes / groups);
  const least = software ? 1024 : LEAST_COLUMN * lanes;
  const chunks = Math.max(Math.min(wanted, Math.ceil(length / least)), Math.ceil(length / (lanes * LONGEST_SUM)), 1);
  const { chunk = Math.ceil(length / chunks) } = forced;
  return {
    name: length <= chunk ? 'whole' : 'split',
    reduce: software && lanes === 1 ? 'invocation' : 'workgroup',
    tile: 'memory',
    lanes,
    chunk: Math.max(1, Math.min(chunk, length)),
    groupsPerInvocation: 1,
  };
}

/**
 * A row in the registers of as many invocations as hold it; where it is longer it stays in memory, and it is split where too few rows are there
 * to keep an adapter busy.
 */
function rowSchedule(vectorization: Vectorization, profile: Profile, holding: Holding, maySplit: boolean): Schedule {
  const { groups } = vectorization;
  const { maxWorkgroup } = profile;
  const single = singlesOf(vectorization);
  const length = Math.ceil(vectorization.length / single);
  const wanted = Math.ceil(profile.parallel / groups);
  const fewRows = maySplit && length > maxWorkgroup * 4 && wanted > maxWorkgroup * 2;
  if (fewRows)
    return shared('split', 'registers', maxWorkgroup, maxWorkgroup * Math.min(PART_LOADS, profile.held) * single);
  if (length > maxWorkgroup * mostHeld(profile, holding))
    return shared('whole', 'memory', maxWorkgroup, vectorization.length);
  const { lanes } = LANE_CLASSES.find(({ lanes, held }) => length <= lanes * held[holding]) ?? {
    lanes: maxWorkgroup,
  };
  return shared('whole', 'registers', Math.min(lanes, maxWorkgroup), vectorization.length, profile);
}

/** A group shared out among some invocations of a subgroup or of a workgroup. One is some too: how many is a number of the shape, and one program serves. */
function shared(
  name: Schedule['name'],
  tile: Schedule['tile'],
  lanes: number,
  chunk: number,
  { subgroup }: Pick<Profile, 'subgroup'> = { subgroup: 0 },
): Schedule {
  return { name, reduce: lanes <= subgroup ? 'subgroup' : 'workgroup', tile, lanes, chunk, groupsPerInvocation: 1 };
}

/** Whether the loads of a row lie side by side. Where they do not, as in channels-last groups, each lane sums up a column, which is more exact in parts. */
function isContiguous({ vector, tail, maps }: Vectorization): boolean {
  return vector === 'row' && maps['x']!.element[0]?.stride === (tail === 'exact' ? 1 : 4);
}

/** Whether loads run along the kept axis: neighbours in memory are neighbouring groups. */
export function isColumnwise(vectorization: Vectorization): boolean {
  const [last] = vectorization.maps['x']!.group;
  return (
    vectorization.vector === 'column' || (vectorization.vector === 'scalar' && last?.skip === 1 && last.stride === 1)
  );
}

/**
 * Loads that are held in registers, as kernels are compiled for: two classes, so that a row of another length is seldom another program. (A program
 * for one shape alone holds no more than there are.)
 */
export function loadsHeld(
  count: number,
  holding: Holding,
  vectorization: { vector: string },
  profile: Profile,
): number {
  const each = singlesOf(vectorization);
  const few = FEW_LOADS[holding];
  const most = mostHeld(profile, holding);
  return Math.max(count, Math.min(count <= few * each ? few : most, most) * each);
}

/** Loads of four elements that an invocation may hold. */
function mostHeld({ held }: Profile, holding: Holding): number {
  return holding === 'pair' ? Math.max(1, Math.floor(held / 2)) : held;
}

/** Loads of one element that count as one of four. */
function singlesOf({ vector }: { vector: string }): number {
  return vector === 'scalar' ? 2 : 1;
}

/** Loads of x, and as many of dy, that an invocation may hold. */
export function pairsHeld({ profile, vectorization }: { profile: Profile; vectorization: Vectorization }): number {
  return mostHeld(profile, 'pair') * singlesOf(vectorization);
}

export function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(least, 1)));
}
