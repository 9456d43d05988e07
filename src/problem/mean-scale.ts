import { operandOf } from './affine.ts';
import type { Operand } from './affine.ts';
import { checkParameterDtype, parameterStrides } from './parameters.ts';
import type { Stated, TensorSpec } from './parameters.ts';

/** How much of the mean is taken off (GraphNorm). */
export interface MeanScaleOption<T> {
  /**
   * The share of the mean that is taken off, one element a channel: x - meanScale · mean is divided by the root of its mean square + eps (GraphNorm,
   * where it is trained; PyG's `mean_scale`). Not with running statistics, nor with `moments`. Default: all of it.
   */
  meanScale?: T | undefined;
}

/** @throws NormError `parameter`, `dtype`. */
export function stateMeanScale({ definition, x, axes, options }: Stated<MeanScaleOption<TensorSpec>>): {
  meanScale?: Operand;
} {
  const { op } = definition;
  const { meanScale: tensor } = options;
  if (!tensor) return {};
  checkParameterDtype(op, 'meanScale', tensor, x.dtype);
  const strides = parameterStrides(definition, 'meanScale', tensor, x.shape, axes);
  return { meanScale: operandOf(axes, { resource: 'meanScale', dtype: tensor.dtype, strides }) };
}
