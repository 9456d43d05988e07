import { NormError } from '../errors.ts';
import { operandOf } from './affine.ts';
import type { Operand } from './affine.ts';
import { checkParameterDtype } from './parameters.ts';
import type { Stated, TensorSpec } from './parameters.ts';
import { formatShape, sizeOf } from './shape.ts';

/** The factor of an element before its function is taken, and the number added to that. */
export interface PointwiseOption<T> {
  alpha: T;
  inputShift?: T | undefined;
}

/** The same as arrays of a problem: one element each, which does not vary along any axis. */
export type PointwiseOperands = Record<'alpha' | 'inputShift', Operand | null>;

/** With those, that there are no statistics. */
interface PointwiseFields extends PointwiseOperands {
  source: 'none';
  statisticsShape: number[];
}

/** @throws NormError `parameter` where one has more than an element, or none; `dtype`. */
export function statePointwise({
  definition: { op },
  x,
  axes,
  options: { pointwise },
}: Stated<{ pointwise?: PointwiseOption<TensorSpec> | undefined }>): PointwiseFields {
  const operand = (resource: 'alpha' | 'inputShift'): Operand | null => {
    const tensor = pointwise?.[resource];
    if (!tensor) return null;
    const { shape, dtype } = tensor;
    checkParameterDtype(op, resource, tensor, x.dtype);
    if (sizeOf(shape) !== 1) {
      throw new NormError('parameter', `${op}: ${resource} has shape ${formatShape(shape)}; it must have one element`);
    }
    return operandOf(axes, { resource, dtype, strides: axes.map(() => 0) });
  };
  return { alpha: operand('alpha'), inputShift: operand('inputShift'), source: 'none', statisticsShape: [0] };
}
