import { NormError } from '../errors.ts';
import type { Axis } from './definition.ts';
import type { Layout } from './layout.ts';
import { formatShape, stridesOf } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * The strides, along the axes of a normalization, of an array that broadcasts to x: of as many axes as x, each of size 1 or that of
 * x; or [N, C], one row a sample and one element a channel; or [C].
 *
 * @throws NormError `parameter` where it does not broadcast.
 */
export function modulationStrides(
  op: string,
  name: string,
  given: Shape,
  shape: Shape,
  axes: readonly Axis[],
  { batch, channel }: Layout,
): number[] {
  const aligned = alignedShape(given, shape, { batch, channel });
  if (!aligned?.every((size, axis) => size === 1 || size === shape[axis])) {
    const samples = batch < 0 ? 1 : shape[batch];
    throw new NormError(
      'parameter',
      `${op}: ${name} ${formatShape(given)} does not broadcast to x ${formatShape(shape)}; it must have sizes of 1 or those of x ` +
        `on every axis, or be [N,C] ${formatShape([samples!, shape[channel]!])} or [C] ${formatShape([shape[channel]!])}`,
    );
  }
  const strides = stridesOf(aligned).map((stride, axis) => (aligned[axis] === 1 ? 0 : stride));
  return axes.map(({ axis }, index) => strides[axis]! * within(axes.slice(index + 1), axis));
}

/** The shape with an axis for each of x; null where there is no such reading. */
function alignedShape(given: Shape, shape: Shape, { batch, channel }: Layout): number[] | null {
  if (given.length === shape.length) return [...given];
  const place = (sizes: Map<number, number>): number[] => shape.map((_, axis) => sizes.get(axis) ?? 1);
  if (given.length === 1) return place(new Map([[channel, given[0]!]]));
  if (given.length !== 2 || batch === channel) return null;
  if (batch < 0) return given[0] === 1 ? place(new Map([[channel, given[1]!]])) : null;
  return place(
    new Map([
      [batch, given[0]!],
      [channel, given[1]!],
    ]),
  );
}

/** Elements of an axis of x in one step along an outer part of it. */
function within(inner: readonly Axis[], axis: number): number {
  return inner.filter((one) => one.axis === axis).reduce((product, { size }) => product * size, 1);
}
