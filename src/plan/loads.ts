import type { Problem, View } from '../problem/problem.ts';
import { meetingOf, runsOf, termsOf, widenRuns, widenStrides } from './maps.ts';
import type { IndexMap, Meeting, Run } from './maps.ts';

/** What one load brings: an element, four of one row, or one of each of four columns (shaders/vector/). */
export type Vector = 'scalar' | 'row' | 'column';

const WIDTH = 4;

/** How a problem's arrays are read: everything counted in loads. */
export interface Loads {
  vector: Vector;
  /** Groups a load counts as one, and loads a group has. */
  groups: number;
  length: number;
  /** Elements of one group, and groups, that a load brings. */
  elementsPerLoad: number;
  groupsPerLoad: number;
  maps: Record<string, IndexMap>;
  /** Arrays of which a load takes one element for each of its own. */
  each: Record<string, boolean>;
}

/** Wide loads along the contiguous axis where every array allows them, single ones elsewhere. */
export function planLoads(problem: Problem): Loads {
  const views = viewsOf(problem);
  const wide = isContiguousKept(problem) ? 'column' : 'row';
  return tryWide(problem, views, wide) ?? single(problem, views);
}

function viewsOf(problem: Problem): Record<string, View> {
  const views: Record<string, View> = { x: problem.x };
  if (problem.weight) views['weight'] = problem.weight;
  if (problem.bias) views['bias'] = problem.bias;
  if (problem.channel) views['channel'] = { kept: problem.channel, reduced: problem.reduced.map(() => 0) };
  return views;
}

/** Whether neighbours in memory belong to different groups. */
function isContiguousKept(problem: Problem): boolean {
  const inner = (sizes: readonly number[], strides: readonly number[]): boolean =>
    sizes.some((size, axis) => size > 1 && strides[axis] === 1);
  return inner(problem.kept, problem.x.kept);
}

function tryWide(problem: Problem, views: Record<string, View>, vector: 'row' | 'column'): Loads | null {
  const along = vector === 'row' ? 'reduced' : 'kept';
  const across = vector === 'row' ? 'kept' : 'reduced';
  const maps: Record<string, IndexMap> = {};
  const each: Record<string, boolean> = {};
  for (const [name, view] of Object.entries(views)) {
    const inner = runsOf(problem[along], view[along]);
    const outer = runsOf(problem[across], view[across]);
    const meeting = meetingOf(inner, WIDTH);
    if (meeting === null || !fitsAcross(name, meeting, outer)) return null;
    const wideInner = termsOf(widenRuns(inner, WIDTH, meeting));
    const wideOuter = termsOf(meeting === 'each' ? widenStrides(outer, WIDTH) : outer);
    maps[name] = vector === 'row' ? { group: wideOuter, element: wideInner } : { group: wideInner, element: wideOuter };
    each[name] = meeting === 'each';
  }
  return {
    vector,
    groups: vector === 'column' ? problem.groups / WIDTH : problem.groups,
    length: vector === 'row' ? problem.length / WIDTH : problem.length,
    elementsPerLoad: vector === 'row' ? WIDTH : 1,
    groupsPerLoad: vector === 'column' ? WIDTH : 1,
    maps,
    each,
  };
}

function fitsAcross(name: string, meeting: Meeting, outer: readonly Run[]): boolean {
  if (meeting === 'shared') return name !== 'x';
  return outer.every((run) => run.stride % WIDTH === 0);
}

function single(problem: Problem, views: Record<string, View>): Loads {
  const maps: Record<string, IndexMap> = {};
  const each: Record<string, boolean> = {};
  for (const [name, view] of Object.entries(views)) {
    maps[name] = {
      group: termsOf(runsOf(problem.kept, view.kept)),
      element: termsOf(runsOf(problem.reduced, view.reduced)),
    };
    each[name] = true;
  }
  return {
    vector: 'scalar',
    groups: problem.groups,
    length: problem.length,
    elementsPerLoad: 1,
    groupsPerLoad: 1,
    maps,
    each,
  };
}
