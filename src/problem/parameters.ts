import { NormError } from '../errors.ts';
import type { Axis, Definition } from './definition.ts';
import { parameterShape } from './definition.ts';
import type { Dtype } from './dtype.ts';
import { formatShape, isSameShape, sizeOf, stridesOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** A tensor as far as planning needs to know it. */
export interface TensorSpec {
  shape: Shape;
  dtype: Dtype;
  /** Elements from one index of each axis to the next; left out: row-major. */
  strides?: readonly number[];
}

/** A call whose options become fields of its problem. */
export interface Stated<O> {
  definition: Definition<O>;
  x: TensorSpec;
  axes: readonly Axis[];
  options: O;
}

/** @throws NormError `dtype` where a tensor holds something else. */
export function checkDtype(op: string, name: string, tensor: TensorSpec, dtype: Dtype): void {
  if (tensor.dtype !== dtype) {
    throw new NormError('dtype', `${op}: ${name} holds ${tensor.dtype}; it must hold ${dtype}`);
  }
}

/** @throws NormError `dtype` where a parameter is stored neither as f32 nor as x is. */
export function checkParameterDtype(op: string, name: string, tensor: TensorSpec, x: Dtype): void {
  if (tensor.dtype !== 'f32' && tensor.dtype !== x) {
    const wanted = x === 'f32' ? 'f32' : `f32, or ${x} as x does`;
    throw new NormError('dtype', `${op}: ${name} holds ${tensor.dtype}; it must hold ${wanted}`);
  }
}

/**
 * The strides of weight or bias along the axes of x, 0 where it does not vary.
 *
 * @throws NormError `parameter` where its shape does not fit.
 */
export function parameterStrides<O>(
  definition: Definition<O>,
  name: string,
  parameter: TensorSpec,
  shape: Shape,
  axes: readonly Axis[],
): number[] {
  if (definition.broadcasts) return broadcastStrides(definition.op, name, parameter.shape, shape);
  const wanted = parameterShape(axes);
  if (definition.trailing && isTrailing(parameter.shape, shape, axes)) {
    return broadcastStrides(definition.op, name, parameter.shape, shape);
  }
  if (withoutOnes(wanted).join() !== withoutOnes(parameter.shape).join()) {
    throw new NormError('parameter', mismatch(definition.op, name, parameter.shape, shape, axes, wanted));
  }
  const strides = stridesOf(axes.map((axis) => (axis.parameter ? axis.size : 1)));
  return axes.map((axis, index) => (axis.parameter ? strides[index]! : 0));
}

function broadcastStrides(op: string, name: string, given: Shape, shape: Shape): number[] {
  const missing = shape.length - given.length;
  const padded = [...shape.map(() => 1).slice(0, Math.max(missing, 0)), ...given];
  const fits = missing >= 0 && padded.every((size, axis) => size === 1 || size === shape[axis]);
  if (!fits) {
    throw new NormError(
      'parameter',
      `${op}: ${name} ${formatShape(given)} does not broadcast to x ${formatShape(shape)}; ` +
        `it may have ${shape.length} axes at most; aligned at the last, every size must be 1 or that of x`,
    );
  }
  const strides = stridesOf(padded);
  return padded.map((size, axis) => (size === 1 ? 0 : strides[axis]!));
}

/** Whether a shape is that of the last axes of x, all the normalized ones among them and some more. */
function isTrailing(given: Shape, shape: Shape, axes: readonly Axis[]): boolean {
  const from = shape.length - given.length;
  const more = given.length > axes.filter((axis) => axis.parameter).length;
  return (
    more && from >= 0 && isSameShape(given, shape.slice(from)) && !axes.slice(0, from).some((axis) => axis.parameter)
  );
}

function mismatch(op: string, name: string, given: Shape, shape: Shape, axes: readonly Axis[], wanted: Shape): string {
  const x = `x ${formatShape(shape)}`;
  const numbers = [...new Set(axes.filter((axis) => axis.parameter).map((axis) => axis.axis))];
  const kind = axes.every((axis) => axis.parameter === axis.reduced) ? 'normalized' : 'channel';
  const named = `the ${kind} ${numbers.length === 1 ? 'axis' : 'axes'} [${numbers.join(',')}] of ${x}`;
  const size = sizeOf(given);
  return size === sizeOf(wanted)
    ? `${op}: ${name} has shape ${formatShape(given)}, but that of ${named} is ${formatShape(wanted)}`
    : `${op}: ${name} has ${size} elements, but ${named} hold${numbers.length === 1 ? 's' : ''} ${sizeOf(wanted)}`;
}

function withoutOnes(shape: Shape): number[] {
  return shape.filter((size) => size !== 1);
}
