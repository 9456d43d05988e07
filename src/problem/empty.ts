import { NormError } from '../errors.ts';
import type { Axis } from './definition.ts';
import { formatShape, sizeOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** Whether a call has no element: its results are empty, and its gradients zero. */
export function isEmpty({ groups, length }: { groups: number; length: number }): boolean {
  return groups * length === 0;
}

/** @throws NormError `shape` where there are groups, and none has an element to take statistics of. */
export function checkElements(op: string, name: string, shape: Shape, axes: readonly Axis[]): void {
  const sizes = (reduced: boolean): number =>
    sizeOf(axes.filter((axis) => axis.reduced === reduced).map(({ size }) => size));
  const [groups, length] = [sizes(false), sizes(true)];
  if (groups === 0 || length > 0) return;
  throw new NormError(
    'shape',
    `${op}: ${name} ${formatShape(shape)} has no positions to take statistics of; each sample needs one or more`,
  );
}
