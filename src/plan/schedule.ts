import type { Loads } from './loads.ts';
import type { Profile } from './profile.ts';

/**
 * How groups are shared out. `whole`: a unit sees its whole group, one dispatch. `split`: several units a group, whose
 * moments are merged before the result is written, three dispatches.
 */
export interface Schedule {
  name: 'whole' | 'split';
  reduce: 'invocation' | 'subgroup' | 'workgroup';
  tile: 'memory' | 'registers';
  /** Invocations of a unit, a power of two. */
  lanes: number;
  /** Loads of a unit. */
  chunk: number;
  /** Groups a unit writes at once, so that they share the loads of weight and bias, if they have the same. */
  together: 1 | 4;
}

/** Loads an invocation may hold in registers. */
export const HELD = 16;
/** Loads one invocation sums up on its own before the error of a long f32 sum shows. */
const ALONE = 1 << 15;
/** A row shorter than this many loads is left to one invocation even on a GPU. */
const SHORT = 8;

export function chooseSchedule(loads: Loads, profile: Profile, held: number): Schedule {
  if (profile.software) return softwareSchedule(loads, profile);
  return loads.vector === 'column' || isColumnwise(loads)
    ? columnSchedule(loads, profile)
    : rowSchedule(loads, profile, held);
}

/** One invocation a group, because barriers cost more than they save; split where that leaves cores idle. */
function softwareSchedule(loads: Loads, profile: Profile): Schedule {
  const { groups, length } = loads;
  const wanted = Math.ceil(profile.parallel / groups);
  const chunk = Math.min(ALONE, Math.max(Math.ceil(length / wanted), 1024));
  const name = length <= chunk ? 'whole' : 'split';
  // A subgroup is one core's vector: fewer groups than that leave most of it idle.
  if (name === 'whole' && groups < profile.subgroup && length >= SHORT * profile.subgroup) {
    return { ...alone(name, length), reduce: 'subgroup', lanes: profile.subgroup };
  }
  const enough = groups >= 4 * (name === 'whole' ? profile.parallel : 1);
  return alone(name, Math.min(chunk, length), enough && shareParameters(loads) ? 4 : 1);
}

/** Whether all groups have the same weights and biases, one for each of their loads. */
export function shareParameters({ vector, maps }: Loads): boolean {
  const given = [maps['weight'], maps['bias']].filter((map) => map !== undefined);
  const shared = given.every(({ group }) => group.length === 0);
  return vector !== 'column' && shared && given.some(({ element }) => element.length > 0);
}

/** Neighbouring invocations take neighbouring columns; rows are split until the adapter is busy. */
function columnSchedule(loads: Loads, profile: Profile): Schedule {
  const { groups, length } = loads;
  const wanted = Math.ceil(profile.parallel / groups);
  const chunk = Math.min(512, Math.max(Math.ceil(length / wanted), 32));
  return alone(length <= chunk ? 'whole' : 'split', Math.min(chunk, length));
}

/** A row in the registers of up to a workgroup; split where it is longer, or where too few rows are there. */
function rowSchedule(loads: Loads, profile: Profile, held: number): Schedule {
  const { groups, length } = loads;
  if (length <= SHORT) return alone('whole', length);
  // A subgroup exchanges without a barrier; a row that leaves half of it idle is better off with fewer lanes.
  const { subgroup } = profile;
  if (subgroup > 1 && length <= subgroup * held && length > subgroup / 2) {
    return { name: 'whole', reduce: 'subgroup', tile: 'registers', lanes: subgroup, chunk: length, together: 1 };
  }
  const most = profile.maxWorkgroup * held;
  const wanted = Math.ceil(profile.parallel / groups);
  const fewRows = length > profile.maxWorkgroup * 4 && wanted > profile.maxWorkgroup * 2;
  if (length > most || fewRows) {
    const chunk = fewRows ? profile.maxWorkgroup * 4 : most;
    return { name: 'split', reduce: 'workgroup', tile: 'registers', lanes: profile.maxWorkgroup, chunk, together: 1 };
  }
  const lanes = Math.min(profile.maxWorkgroup, powerOfTwo(Math.ceil(length / 4)));
  return { name: 'whole', reduce: 'workgroup', tile: 'registers', lanes, chunk: length, together: 1 };
}

function alone(name: Schedule['name'], chunk: number, together: Schedule['together'] = 1): Schedule {
  return { name, reduce: 'invocation', tile: 'memory', lanes: 1, chunk, together };
}

/** Whether single loads run along the kept axis: neighbours in memory are neighbouring groups. */
function isColumnwise(loads: Loads): boolean {
  return loads.vector === 'scalar' && loads.maps['x']!.group.some((term) => term.divide === 1 && term.stride === 1);
}

/** How many units share out rows that each takes one after the other: enough to keep an adapter busy, few enough to merge. */
export function rowUnits(rows: number, lanes: number, profile: Profile): number {
  return Math.min(rows, Math.max(256, Math.ceil(profile.parallel / 4 / lanes)));
}

export function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(least, 1)));
}
