import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type {
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { globalResponseNormDefinition } from '../norms/global-response-norm.ts';
import type { GlobalResponseNormOptions as Options } from '../norms/global-response-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link globalResponseNorm} for an x of dtype `X` and a y of dtype `Y`. */
export interface GlobalResponseNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>>, ResultOptions<Y> {}

/**
 * Global response normalization (GRN, ConvNeXt V2): for g = sqrt(sum(x²)) over the positions of each channel of each sample, and
 * n = g / (mean of g over the channels + eps), y = x + x · n · weight + bias. weight and bias have one element a channel; left out they are 1 and 0,
 * a trained layer begins with 0 and 0. y has the shape of x; eps is 1e-6 unless told otherwise. Whatever follows (a modulation, an activation) is of y.
 *
 * Woo et al. 2023, https://arxiv.org/abs/2301.00808
 *
 * @function
 * @throws NormError before anything is recorded: `layout`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = globalResponseNorm(x, { layout: 'NHWC', weight, bias });
 */
export const globalResponseNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: GlobalResponseNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(globalResponseNormDefinition);

/**
 * {@link globalResponseNorm} for training: y, and what {@link globalResponseNormBackward} needs; `saved.rstd` is n.
 *
 * @function
 * @throws NormError as {@link globalResponseNorm}.
 * @example const { y, saved } = globalResponseNormForward(x, { weight, bias });
 */
export const globalResponseNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: GlobalResponseNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'globalResponseNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(globalResponseNormDefinition);

/**
 * The gradient of {@link globalResponseNorm}: with r = sum(dy · x) over the positions of a channel and m the mean of g plus eps,
 * dx = dy · (1 + weight · n) + x / g · (r · weight - mean of r · weight · n over the channels) / m, dweight = sum(r · n) over the samples,
 * dbias = sum(dy). Where g is 0, the second part of dx is.
 * Derived in docs/gradients.md as (G24).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight, dbias } = globalResponseNormBackward(dy, saved, { gradients: ['dx', 'dweight', 'dbias'] });
 */
export const globalResponseNormBackward: NormBackward<ParameterGradientName, object, 'globalResponseNorm'> =
  /* @__PURE__ */ normBackwardOf('globalResponseNorm');
