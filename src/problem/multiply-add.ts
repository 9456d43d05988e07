import type { MultiplierActivation } from '../options/activation.ts';
import type { Axis } from './definition.ts';
import type { Layout } from './layout.ts';
import { modulationStrides, stridesAlong } from './modulation.ts';
import type { Strided } from './modulation.ts';
import { checkParameterDtype } from './parameters.ts';
import type { TensorSpec } from './parameters.ts';
import { isSameShape } from './shape.ts';

/** An elementwise factor: a gated RMSNorm's z, a gate of a block. */
export interface Multiply<T> {
  /** The factor: of the shape of x, or broadcast to it as a modulation is; of f32 or what x holds. */
  by: T;
  /** The function that the factor goes through first. Default: none. */
  activation?: MultiplierActivation | undefined;
  /** Whether x is multiplied before anything is measured, or z, what follows weight, bias and modulation. Default: `'after'`. */
  where?: 'before' | 'after' | undefined;
}

/** A factor of x or of z, and an addend at the end. */
export interface MultiplyAddOptions<T> {
  /** x · activation(by) before, or z · activation(by) after all that is named above: norm(x) · silu(z), norm(x · silu(z)). */
  multiply?: Multiply<T> | undefined;
  /** Added last, before the activation: of the shape of x, or broadcast to it as a modulation is; of f32 or what x holds. */
  add?: T | undefined;
}

/** Factor and addend of a problem, element by element; `Array` is how the arrays are described. */
export interface MultiplyAdd<Array> {
  multiply: { by: Array; activation: MultiplierActivation | null; before: boolean } | null;
  add: Array | null;
}

/**
 * The factor and the addend of a call.
 *
 * @throws NormError `dtype` or `parameter` where they do not fit x.
 */
export function multiplyAddOf(
  op: string,
  x: TensorSpec,
  axes: readonly Axis[],
  layout: Layout,
  { multiply, add }: MultiplyAddOptions<TensorSpec>,
): MultiplyAdd<Strided> {
  const strided = (resource: 'by' | 'add', tensor: TensorSpec): Strided => {
    checkParameterDtype(op, resource, tensor, x.dtype);
    // Of the shape of x it lies as x does, also where x has but two axes, samples last, and as many channels.
    const isLikeX = isSameShape(tensor.shape, x.shape);
    const ofX = tensor.shape.map((_, axis) => axis);
    const strides = isLikeX
      ? stridesAlong(tensor, ofX, axes)
      : modulationStrides(op, resource, tensor, x.shape, axes, layout);
    return { resource, dtype: tensor.dtype, strides, isLikeX };
  };
  return {
    multiply: multiply
      ? {
          by: strided('by', multiply.by),
          activation: multiply.activation ?? null,
          before: multiply.where === 'before',
        }
      : null,
    add: add ? strided('add', add) : null,
  };
}
