import { sizeOf } from '../problem/shape.ts';
import type { Loads } from './loads.ts';
import { variesAlong } from './walk.ts';
import type { Dimension } from './walk.ts';

/** How the loads of a group divide into cells, in each of which weight and bias are constant. */
export interface Cells {
  count: number;
  /** Loads of a cell. */
  length: number;
  /** Loads from one cell's first to the next one's, and from one load of a cell to its next. */
  start: number;
  step: number;
  /** Whether the elements of one load belong to as many cells. */
  apart: boolean;
}

/** One cell, where weight and bias are constant in each group; null where cells are no longer than a load, or lie unevenly. */
export function cellsOf(dimensions: readonly Dimension[], loads: Loads): Cells | null {
  const reduced = dimensions.filter((dimension) => dimension.reduced);
  const [varying, constant] = [reduced.filter(variesAlong), reduced.filter((dimension) => !variesAlong(dimension))];
  if (varying.length === 0) return { count: 1, length: loads.length, start: 0, step: 1, apart: false };
  const after = reduced.findLastIndex(variesAlong) < varying.length;
  const before = reduced.findIndex(variesAlong) >= constant.length;
  // Side by side, cells share loads: those have to be aligned.
  const even = after || (before && loads.edges === 'aligned');
  if (constant.length === 0 || loads.vector === 'column' || !even) return null;
  // One cell after the other, its loads side by side; or the cells side by side, four of them a load.
  const cells = sizeOf(varying.map(({ size }) => size));
  const count = after ? cells : cells / loads.elementsPerLoad;
  const length = loads.length / count;
  const apart = !after && loads.vector === 'row';
  return { count, length, start: after ? length : 1, step: after ? 1 : count, apart };
}
