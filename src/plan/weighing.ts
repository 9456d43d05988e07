import { cellsOf } from './cells.ts';
import type { WeighedCells } from './gradient.ts';
import type { Setting } from './setting.ts';
import { trains } from './task.ts';
import type { Task } from './task.ts';
import { variesAlong } from './walk.ts';
import type { Dimension } from './walk.ts';

/** Loads of x, and of dy, that an invocation may hold in registers. */
export const HELD_EACH = 8;
/** More cells than this are too many reductions for one workgroup. */
const MOST_CELLS = 32;

/** The cells of a group; null where a unit cannot go through them one after the other. */
export function cellsFor({ dimensions, factored, wanted }: Task, { loads, schedule }: Setting): WeighedCells | null {
  const whole = { count: 1, length: loads.length, start: 0, step: 1, apart: false };
  if (factored) return { ...whole, weighed: 'last' };
  if (!trains(wanted) && wanted.dstyle === 'none') return { ...whole, weighed: 'by element' };
  const cells = cellsOf(dimensions, loads);
  if (!cells || (schedule.reduce !== 'invocation' && cells.count > MOST_CELLS)) return null;
  return { ...cells, weighed: 'by cell' };
}

export function cellDimensions({ dimensions }: Task, { weighed }: WeighedCells): Dimension[] {
  const kept = dimensions.filter(({ reduced }) => !reduced);
  const cells = weighed === 'by cell' ? dimensions.filter((one) => one.reduced && variesAlong(one)) : [];
  return [...kept, ...cells];
}

/** The axes of a row, where weight and bias vary along no others and its elements fit the registers; else null. */
export function rowDimensions({ dimensions }: Task, { loads, schedule }: Setting): Dimension[] | null {
  const fits = schedule.tile === 'registers' && Math.ceil(loads.length / schedule.lanes) <= HELD_EACH;
  const shared = !dimensions.some((dimension) => !dimension.reduced && variesAlong(dimension));
  const inRows = loads.vector !== 'column' && loads.edges === 'aligned';
  return fits && shared && inRows ? dimensions.filter(({ reduced }) => reduced) : null;
}
