import { normBackwardOf } from '../calls/backward.ts';
import type {
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { dynamicErfDefinition } from '../norms/dynamic-erf.ts';
import type { DynamicErfOptions as Options } from '../norms/dynamic-erf.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { pointwiseForwardOf, pointwiseOf } from './pointwise.ts';

/** Options of {@link dynamicErf} for an x of dtype `X` and a y of dtype `Y`. */
export interface DynamicErfOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>>, ResultOptions<Y> {}

/**
 * Dynamic erf (Derf), in the place of a normalization: y = erf(alpha · x + inputShift) · weight + bias, erf(z) the integral of
 * 2 / sqrt(π) · exp(-t²) from 0 to z. Each element by itself: nothing is measured. alpha and inputShift (0 unless given) are one element each; weight
 * and bias have the shape of `axes`, the last unless told otherwise; y has the shape of x.
 *
 * Chen et al. 2025, Stronger Normalization-Free Transformers, https://arxiv.org/abs/2512.10938
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `option` where what is
 * given does not fit x, is missing or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = dynamicErf(x, { alpha, inputShift, weight, bias });
 */
export const dynamicErf: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: DynamicErfOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ pointwiseOf(dynamicErfDefinition);

/**
 * {@link dynamicErf} for training: y, and what {@link dynamicErfBackward} needs. `saved.mean` and `saved.rstd` have no element.
 *
 * @function
 * @throws NormError as {@link dynamicErf}.
 * @example const { y, saved } = dynamicErfForward(x, { alpha, inputShift, weight, bias });
 */
export const dynamicErfForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: DynamicErfOptions<NoInfer<X>, Y>,
) => ForwardResult<'dynamicErf', X, NoInfer<Y>> = /* @__PURE__ */ pointwiseForwardOf(dynamicErfDefinition);

/**
 * The gradient of {@link dynamicErf}: for z = alpha · x + inputShift and g = dy · weight · 2 / sqrt(π) · exp(-z²), dx = g · alpha,
 * dalpha = sum(g · x) and dinputShift = sum(g) over all elements, dweight = sum(dy · erf(z)) and dbias = sum(dy) over all that they are
 * repeated for.
 * Derived in docs/gradients.md as (G26).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dalpha, dinputShift } = dynamicErfBackward(dy, saved, { gradients: ['dx', 'dalpha', 'dinputShift'] });
 */
export const dynamicErfBackward: NormBackward<ParameterGradientName | 'dalpha' | 'dinputShift', object, 'dynamicErf'> =
  /* @__PURE__ */ normBackwardOf('dynamicErf');
