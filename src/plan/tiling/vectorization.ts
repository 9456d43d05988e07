import { isOfElements } from '../../problem/arrays.ts';
import { sizeOf } from '../../problem/shape.ts';
import type { Profile } from '../profile.ts';
import { meetingOf, runsOf, runsWithTail, digitsOf, widenRuns, widenStrides } from './index-map.ts';
import type { IndexMap, Meeting, Run } from './index-map.ts';
import type { IterationSpace } from './iteration-space.ts';

/** Elements that one load brings: one, four of one row, or one of each of four columns (shaders/vector/). */
export type Vector = 'scalar' | 'row' | 'column';
/** Whether every element belongs to one load, and if not, whether rows or columns end within one (shaders/tail/). */
export type Tail = 'exact' | 'row' | 'column';

const WIDTH = 4;
/** Runs shorter than this are not worth loads that repeat some elements. */
const LEAST_WITH_TAIL = 7;

/** How the arrays of an iteration space are read: everything counted in loads. */
export interface Vectorization {
  vector: Vector;
  tail: Tail;
  /** Groups a load counts as one, and loads a group has. */
  groups: number;
  length: number;
  /** Elements of one group, and groups, that a load brings. */
  elementsPerLoad: number;
  groupsPerLoad: number;
  maps: Record<string, IndexMap>;
  /** Arrays of which a load takes one element for each of its own. */
  each: Record<string, boolean>;
  /** Neighbours in memory, where they are no multiple of a load: elements of a run of rows, or columns. */
  run?: number;
}

/**
 * Wide loads along the contiguous axis where every array allows them; elsewhere single ones, which neighbouring lanes of a
 * GPU make wide together. A CPU has four elements a step instead. `rowsOnly`: what a load brings is of one group, and follows what the
 * load before it brought.
 */
export function vectorize(
  space: IterationSpace,
  { software }: Pick<Profile, 'software'>,
  rowsOnly = false,
): Vectorization {
  const columns = !rowsOnly && isContiguousKept(space);
  const wide = tryWide(space, columns ? 'column' : 'row');
  if (space.pairDistance !== undefined) return wide && holdsPairs(wide, space.pairDistance) ? wide : scalar(space);
  if (wide || !software) return wide ?? scalar(space);
  return (columns ? tryColumnsWithTail(space) : tryRowsWithTail(space, rowsOnly)) ?? scalar(space);
}

/** Columns, four a load where all arrays allow it, with a tail where that `mayEnd` within a load. */
export function vectorizeColumns(space: IterationSpace, mayEnd: boolean): Vectorization {
  if (!isContiguousKept(space)) return scalar(space);
  return tryWide(space, 'column') ?? (mayEnd ? tryColumnsWithTail(space) : null) ?? scalar(space);
}

export function isWide({ vector, tail }: Vectorization): boolean {
  return vector !== 'scalar' && tail === 'exact';
}

/** Whether the two of each pair lie in one load, or at the same place of two. */
function holdsPairs({ each }: Vectorization, distance: number): boolean {
  return each['position'] === true && each['token'] !== true && (distance === 1 || distance % WIDTH === 0);
}

/** Whether neighbours in memory belong to different groups. */
function isContiguousKept({ kept, views }: IterationSpace): boolean {
  return kept.some((size, axis) => size > 1 && views['x']!.kept[axis] === 1);
}

function tryWide(space: IterationSpace, vector: 'row' | 'column'): Vectorization | null {
  const along = vector === 'row' ? 'reduced' : 'kept';
  const across = vector === 'row' ? 'kept' : 'reduced';
  const maps: Record<string, IndexMap> = {};
  const each: Record<string, boolean> = {};
  for (const [name, view] of Object.entries(space.views)) {
    const inner = runsOf(space[along], view[along]);
    const outer = runsOf(space[across], view[across]);
    const meeting = meetingOf(inner, WIDTH);
    if (meeting === null || !fitsAcross(name, meeting, outer)) return null;
    const wideInner = digitsOf(widenRuns(inner, WIDTH, meeting));
    const wideOuter = digitsOf(meeting === 'each' ? widenStrides(outer, WIDTH) : outer);
    maps[name] = vector === 'row' ? { group: wideOuter, element: wideInner } : { group: wideInner, element: wideOuter };
    each[name] = meeting === 'each';
  }
  return {
    vector,
    tail: 'exact',
    groups: sizeOf(space.kept) / (vector === 'column' ? WIDTH : 1),
    length: sizeOf(space.reduced) / (vector === 'row' ? WIDTH : 1),
    elementsPerLoad: vector === 'row' ? WIDTH : 1,
    groupsPerLoad: vector === 'column' ? WIDTH : 1,
    maps,
    each,
  };
}

function fitsAcross(name: string, meeting: Meeting, outer: readonly Run[]): boolean {
  if (meeting === 'shared') return !isOfElements(name);
  return outer.every((run) => run.stride % WIDTH === 0);
}

/** Four elements a load along runs of any length, where all arrays follow x along them or stay. `isWhole`: a run must be all of a group. */
function tryRowsWithTail({ kept, reduced, views }: IterationSpace, isWhole: boolean): Vectorization | null {
  const runs = Object.entries(views).map(([name, view]) => [name, runsOf(reduced, view.reduced)] as const);
  const run = Math.min(...runs.map(([, along]) => along.at(-1)?.size ?? 0));
  const fits = ([name, along]: (typeof runs)[number]): boolean => {
    const { size, stride } = along.at(-1)!;
    return size % run === 0 && (stride === 0 ? !isOfElements(name) : stride === 1 && name !== 'group');
  };
  if (run < LEAST_WITH_TAIL || !runs.every(fits) || (isWhole && run < sizeOf(reduced))) return null;
  const maps = runs.map(([name, along]): [string, IndexMap] => [
    name,
    { group: digitsOf(runsOf(kept, views[name]!.kept)), element: digitsOf(runsWithTail(along, run, WIDTH)) },
  ]);
  return {
    vector: 'row',
    tail: 'row',
    groups: sizeOf(kept),
    length: (sizeOf(reduced) / run) * Math.ceil(run / WIDTH),
    elementsPerLoad: WIDTH,
    groupsPerLoad: 1,
    maps: Object.fromEntries(maps),
    each: Object.fromEntries(runs.map(([name, along]) => [name, along.at(-1)!.stride === 1])),
    run,
  };
}

/** Four columns a load where they are one run for all arrays, or the same for all columns. */
function tryColumnsWithTail({ kept, reduced, views }: IterationSpace): Vectorization | null {
  const run = sizeOf(kept);
  const maps: Record<string, IndexMap> = {};
  const each: Record<string, boolean> = {};
  if (run < LEAST_WITH_TAIL) return null;
  for (const [name, view] of Object.entries(views)) {
    const along = runsOf(kept, view.kept).filter(({ size }) => size > 1);
    const { stride } = along[0]!;
    const element = digitsOf(runsOf(reduced, view.reduced));
    const fits = along.length === 1 && (stride === 0 ? !isOfElements(name) : stride === 1);
    // Numbers of groups lie in planes that begin with a load: those are aligned.
    const aligned = name === 'group' && stride === 1;
    if (!fits || (aligned && element.length > 0)) return null;
    maps[name] = { group: digitsOf([{ size: Math.ceil(run / WIDTH), stride: aligned ? 1 : stride * WIDTH }]), element };
    each[name] = stride === 1;
  }
  return {
    vector: 'column',
    tail: 'column',
    groups: Math.ceil(run / WIDTH),
    length: sizeOf(reduced),
    elementsPerLoad: 1,
    groupsPerLoad: WIDTH,
    maps,
    each,
    run,
  };
}

function scalar({ kept, reduced, views }: IterationSpace): Vectorization {
  const maps = Object.entries(views).map(([name, view]): [string, IndexMap] => [
    name,
    { group: digitsOf(runsOf(kept, view.kept)), element: digitsOf(runsOf(reduced, view.reduced)) },
  ]);
  return {
    vector: 'scalar',
    tail: 'exact',
    groups: sizeOf(kept),
    length: sizeOf(reduced),
    elementsPerLoad: 1,
    groupsPerLoad: 1,
    maps: Object.fromEntries(maps),
    each: Object.fromEntries(maps.map(([name]) => [name, true])),
  };
}
