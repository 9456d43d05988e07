import { sizeOf } from '../../problem/shape.ts';
import { weightVaries } from './iteration-space.ts';
import type { StridedAxis } from './iteration-space.ts';
import type { Vectorization } from './vectorization.ts';

/** How the loads of a group divide into segments, in each of which weight and bias are constant. */
export interface Segments {
  count: number;
  /** Loads of a segment. */
  length: number;
  /** Loads from one segment's first to the next one's, and from one load of a segment to its next. */
  start: number;
  step: number;
  /** Whether each lane of a load belongs to a segment of its own. */
  perLane: boolean;
}

/** All of a group. */
export function oneSegment({ length }: Vectorization): Segments {
  return { count: 1, length, start: 0, step: 1, perLane: false };
}

/** One segment where weight and bias are constant in each group; null where segments are no longer than a load, or lie unevenly. */
export function segmentsOf(axes: readonly StridedAxis[], vectorization: Vectorization): Segments | null {
  const reduced = axes.filter((axis) => axis.reduced && axis.size > 1);
  const [varying, constant] = [reduced.filter(weightVaries), reduced.filter((axis) => !weightVaries(axis))];
  if (varying.length === 0) return oneSegment(vectorization);
  const after = reduced.findLastIndex(weightVaries) < varying.length;
  const before = reduced.findIndex(weightVaries) >= constant.length;
  // Side by side, segments share loads: those have to be aligned.
  const even = after || (before && vectorization.tail === 'exact');
  if (constant.length === 0 || vectorization.vector === 'column' || !even) return null;
  // One segment after the other, its loads side by side; or the segments side by side, four of them a load.
  const segments = sizeOf(varying.map(({ size }) => size));
  const count = after ? segments : segments / vectorization.elementsPerLoad;
  const length = vectorization.length / count;
  const perLane = !after && vectorization.vector === 'row';
  return { count, length, start: after ? length : 1, step: after ? 1 : count, perLane };
}
