import { checkChoice, checkCount, checkNames } from '../options/checks.ts';
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

/** What each part of a schedule may be; null: a positive whole number. */
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
    else checkCount(op, `${part} of schedule`, value);
  }
}

/** Loads of x that an invocation may hold in registers; and of x and of dy each. */
export const FORWARD_LOADS_HELD = 16;
export const BACKWARD_LOADS_HELD = 8;
const HELD_CLASSES = [1, 4, 16];
/** Invocations that share a row of up to four loads each; a longer one takes a whole workgroup. */
const NARROW = 64;
/** Loads one invocation sums up on its own before the error of a long f32 sum shows. */
const LONGEST_SUM = 1 << 15;
/** A row shorter than this many loads is left to one invocation even on a GPU. */
const SHORT_ROW = 8;

export function chooseSchedule(vectorization: Vectorization, profile: Profile, held: number): Schedule {
  if (profile.software) return softwareSchedule(vectorization, profile);
  return vectorization.vector === 'column' || isColumnwise(vectorization)
    ? columnSchedule(vectorization, profile)
    : rowSchedule(vectorization, profile, held);
}

/** One invocation a group, because barriers cost more than they save; split where that leaves cores idle. */
function softwareSchedule(vectorization: Vectorization, profile: Profile): Schedule {
  const { groups, length } = vectorization;
  // Cut in two, rows take three dispatches, and no core that has none without.
  const isBusy = isContiguous(vectorization) && 2 * groups >= profile.parallel;
  const wanted = isBusy ? 1 : Math.ceil(profile.parallel / groups);
  const chunk = Math.min(LONGEST_SUM, Math.max(Math.ceil(length / wanted), 1024));
  const name = length <= chunk ? 'whole' : 'split';
  // A subgroup is one core's vector: fewer groups than that leave most of it idle.
  if (name === 'whole' && groups < profile.subgroup && length >= SHORT_ROW * profile.subgroup) {
    return { ...oneInvocation(name, length), reduce: 'subgroup', lanes: profile.subgroup };
  }
  const enough = groups >= 4 * (name === 'whole' ? profile.parallel : 1);
  return oneInvocation(name, Math.min(chunk, length), enough && shareParameters(vectorization) ? 4 : 1);
}

/** Whether all groups have the same weights and biases, one for each of their loads. */
export function shareParameters({ vector, maps }: Vectorization): boolean {
  const given = [maps['weight'], maps['bias']].filter((map) => map !== undefined);
  const shared = given.every(({ group }) => group.length === 0);
  return vector !== 'column' && shared && given.some(({ element }) => element.length > 0);
}

/** Neighbouring invocations take neighbouring columns; rows are split until the adapter is busy. */
function columnSchedule(vectorization: Vectorization, profile: Profile): Schedule {
  const { groups, length } = vectorization;
  const wanted = Math.ceil(profile.parallel / groups);
  const chunk = Math.min(512, Math.max(Math.ceil(length / wanted), 32));
  return oneInvocation(length <= chunk ? 'whole' : 'split', Math.min(chunk, length));
}

/** A row in the registers of up to a workgroup; split where it is longer, or where too few rows are there. */
function rowSchedule(vectorization: Vectorization, profile: Profile, held: number): Schedule {
  const { groups, length } = vectorization;
  if (length <= SHORT_ROW) return oneInvocation('whole', length);
  // A subgroup exchanges without a barrier; a row that leaves half of it idle is better off with fewer lanes.
  const { subgroup } = profile;
  if (subgroup > 1 && length <= subgroup * held && length > subgroup / 2) {
    return {
      name: 'whole',
      reduce: 'subgroup',
      tile: 'registers',
      lanes: subgroup,
      chunk: length,
      groupsPerInvocation: 1,
    };
  }
  const most = profile.maxWorkgroup * held;
  const wanted = Math.ceil(profile.parallel / groups);
  const fewRows = length > profile.maxWorkgroup * 4 && wanted > profile.maxWorkgroup * 2;
  if (length > most || fewRows) {
    const chunk = fewRows ? profile.maxWorkgroup * 4 : most;
    return {
      name: 'split',
      reduce: 'workgroup',
      tile: 'registers',
      lanes: profile.maxWorkgroup,
      chunk,
      groupsPerInvocation: 1,
    };
  }
  const lanes = length <= 4 * NARROW ? Math.min(NARROW, profile.maxWorkgroup) : profile.maxWorkgroup;
  return { name: 'whole', reduce: 'workgroup', tile: 'registers', lanes, chunk: length, groupsPerInvocation: 1 };
}

function oneInvocation(
  name: Schedule['name'],
  chunk: number,
  groupsPerInvocation: Schedule['groupsPerInvocation'] = 1,
): Schedule {
  return { name, reduce: 'invocation', tile: 'memory', lanes: 1, chunk, groupsPerInvocation };
}

/** Whether the loads of a row lie side by side. Where they do not, as in channels-last groups, each lane sums up a column, which is more exact in parts. */
function isContiguous({ vector, tail, maps }: Vectorization): boolean {
  return vector === 'row' && maps['x']!.element[0]?.stride === (tail === 'exact' ? 1 : 4);
}

/** Whether single loads run along the kept axis: neighbours in memory are neighbouring groups. */
function isColumnwise(vectorization: Vectorization): boolean {
  const [last] = vectorization.maps['x']!.group;
  return vectorization.vector === 'scalar' && last?.skip === 1 && last.stride === 1;
}

/** How many items share out rows that each takes one after the other: enough to keep an adapter busy, few enough to merge. */
export function rowItems(rows: number, lanes: number, profile: Profile): number {
  return Math.min(rows, Math.max(256, Math.ceil(profile.parallel / 4 / lanes)));
}

/** Loads that are held in registers, as kernels are compiled for: a few classes, so that a row of another length is no other program. */
export function loadsHeld(loads: number, most: number): number {
  return Math.max(loads, Math.min(most, HELD_CLASSES.find((held) => loads <= held) ?? loads));
}

export function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(least, 1)));
}
