import { normBackwardOf } from '../calls/backward.ts';
import type {
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { dynamicTanhDefinition } from '../norms/dynamic-tanh.ts';
import type { DynamicTanhOptions as Options } from '../norms/dynamic-tanh.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { pointwiseForwardOf, pointwiseOf } from './pointwise.ts';

/** Options of {@link dynamicTanh} for an x of dtype `X` and a y of dtype `Y`. */
export interface DynamicTanhOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>>, ResultOptions<Y> {}

/**
 * Dynamic tanh (DyT), in the place of a normalization: y = tanh(alpha · x) · weight + bias. Each element by itself: nothing is measured.
 * alpha is one element; weight and bias have the shape of `axes`, the last unless told otherwise; y has the shape of x.
 *
 * Zhu et al. 2025, Transformers without Normalization, https://arxiv.org/abs/2503.10622
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `option` where what is
 * given does not fit x, is missing or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = dynamicTanh(x, { alpha, weight, bias });
 */
export const dynamicTanh: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: DynamicTanhOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ pointwiseOf(dynamicTanhDefinition);

/**
 * {@link dynamicTanh} for training: y, and what {@link dynamicTanhBackward} needs. `saved.mean` and `saved.rstd` have no element.
 *
 * @function
 * @throws NormError as {@link dynamicTanh}.
 * @example const { y, saved } = dynamicTanhForward(x, { alpha, weight, bias });
 */
export const dynamicTanhForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: DynamicTanhOptions<NoInfer<X>, Y>,
) => ForwardResult<'dynamicTanh', X, NoInfer<Y>> = /* @__PURE__ */ pointwiseForwardOf(dynamicTanhDefinition);

/**
 * The gradient of {@link dynamicTanh}: for t = tanh(alpha · x) and g = dy · weight · (1 - t²), dx = g · alpha, dalpha = sum(g · x) over all
 * elements, dweight = sum(dy · t) and dbias = sum(dy) over all that they are repeated for.
 * Derived in docs/gradients.md as (G26).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dalpha, dweight, dbias } = dynamicTanhBackward(dy, saved, { gradients: ['dx', 'dalpha', 'dweight', 'dbias'] });
 */
export const dynamicTanhBackward: NormBackward<ParameterGradientName | 'dalpha', object, 'dynamicTanh'> =
  /* @__PURE__ */ normBackwardOf('dynamicTanh');
