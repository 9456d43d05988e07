import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type {
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { scaleNormDefinition } from '../norms/scale-norm.ts';
import type { ScaleNormOptions as Options } from '../norms/scale-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link scaleNorm} for an x of dtype `X` and a y of dtype `Y`. */
export interface ScaleNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>>, ResultOptions<Y> {}

/**
 * Scaled l2 normalization: y = x / max(sqrt(sum(x²)), eps) · weight, the sum taken over `axes`, the last unless told
 * otherwise, for every index of the others. The weight is one element, of a shape like [1]; y has the shape of x; eps, in the units of x,
 * is 1e-5 unless told otherwise.
 *
 * Nguyen, Salazar 2019, https://arxiv.org/abs/1910.05895
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = scaleNorm(x, { weight });
 */
export const scaleNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: ScaleNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(scaleNormDefinition);

/**
 * {@link scaleNorm} for training: y, and what {@link scaleNormBackward} needs.
 *
 * @function
 * @throws NormError as {@link scaleNorm}.
 * @example const { y, saved } = scaleNormForward(x, { weight });
 */
export const scaleNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: ScaleNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'scaleNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(scaleNormDefinition);

/**
 * The gradient of {@link scaleNorm}: for g = dy · weight and x̂ = x / ‖x‖, dx = (g - x̂ · sum(g · x̂)) / ‖x‖, and
 * dweight = sum(dy · x̂) over all elements; dx = g / eps where eps took the norm's place.
 * Derived in docs/gradients.md as (G9).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight } = scaleNormBackward(dy, saved);
 */
export const scaleNormBackward: NormBackward<
  Exclude<ParameterGradientName, 'dbias'>,
  object,
  'scaleNorm'
> = /* @__PURE__ */ normBackwardOf('scaleNorm');
