import { NormError } from '../errors.ts';
import type { Axis } from './definition.ts';
import type { Dtype } from './dtype.ts';
import type { Layout } from './layout.ts';
import type { TensorSpec } from './parameters.ts';
import { formatShape, stridesOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** An array of a call by the name of its option: how it is stored, and its strides along the axes of x, 0 where it does not vary. */
export interface Strided {
  resource: string;
  dtype: Dtype;
  strides: number[];
  /** Whether it has an element for each of x, in the same order: its gradient lies as x does, whatever it strides. */
  isLikeX?: boolean;
}

/**
 * The strides, along the axes of a normalization, of an array that broadcasts to x: [N, C], one row a sample and one element a channel,
 * whatever order x has them in; or [C]; or of as many axes as x, each of size 1 or that of x. Where x has but two axes, [N, C] comes first; a residual, factor
 * or addend of the shape of x is not read here.
 *
 * @throws NormError `parameter` where it does not broadcast.
 */
export function modulationStrides(
  op: string,
  name: string,
  tensor: Pick<TensorSpec, 'shape' | 'strides'>,
  shape: Shape,
  axes: readonly Axis[],
  layout: Layout,
): number[] {
  const { shape: given } = tensor;
  const along = readingsOf(given, shape, layout).find((reading) => fits(given, shape, reading));
  if (!along) {
    const { batch, channel } = layout;
    const samples = batch < 0 ? 1 : shape[batch];
    throw new NormError(
      'parameter',
      `${op}: ${name} ${formatShape(given)} does not broadcast to x ${formatShape(shape)}; it must have sizes of 1 or those of x ` +
        `on every axis, or be [N,C] ${formatShape([samples!, shape[channel]!])} or [C] ${formatShape([shape[channel]!])}`,
    );
  }
  return stridesAlong(tensor, along, axes);
}

/** The strides of an array whose axes lie along these of x, in whatever order they lie there. */
export function stridesAlong(
  { shape: given, strides: own = stridesOf(given) }: Pick<TensorSpec, 'shape' | 'strides'>,
  along: readonly number[],
  axes: readonly Axis[],
): number[] {
  const strideOf = (axis: number): number => {
    const index = along.indexOf(axis);
    return index < 0 || given[index] === 1 ? 0 : own[index]!;
  };
  return axes.map(({ axis }, index) => strideOf(axis) * within(axes.slice(index + 1), axis));
}

/** The axis of x that each axis of an array may lie along; -1: none, its size must be 1. */
function readingsOf(given: Shape, shape: Shape, { batch, channel }: Layout): number[][] {
  return [
    ...(given.length === 2 && batch !== channel ? [[batch, channel]] : []),
    ...(given.length === 1 ? [[channel]] : []),
    ...(given.length === shape.length ? [shape.map((_, axis) => axis)] : []),
  ];
}

function fits(given: Shape, shape: Shape, along: readonly number[]): boolean {
  return given.every((size, index) => size === 1 || size === shape[along[index]!]);
}

/** Elements of an axis of x in one step along an outer part of it. */
function within(inner: readonly Axis[], axis: number): number {
  return inner.filter((one) => one.axis === axis).reduce((product, { size }) => product * size, 1);
}
