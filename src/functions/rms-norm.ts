import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import { normQuantizedOf } from '../calls/quantized.ts';
import type {
  Counts,
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  QuantizedCallOptions,
  QuantizedResult,
  ResultOptions,
} from '../calls/types.ts';
import { rmsNormDefinition } from '../norms/rms-norm.ts';
import type { RmsNormOptions as Options } from '../norms/rms-norm.ts';
import { rmsNormQuantizedDefinition } from '../norms/quantized.ts';
import type { RmsNormQuantizedOptions as QuantizedOptions } from '../norms/quantized.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link rmsNorm} for an x of dtype `X` and a y of dtype `Y`. */
export interface RmsNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link rmsNormQuantized} for an x of dtype `X`. */
export interface RmsNormQuantizedOptions<X extends FloatDtype = FloatDtype>
  extends QuantizedOptions<ParameterTensor<X>, Counts, Tensor<'f32'>>, QuantizedCallOptions {}

/**
 * Root mean square normalization: y = x / sqrt(mean(x²) + eps) · weight + bias, the mean taken
 * over `axes`, the last unless told otherwise, for every index of the others. Weight and bias have the shape of the normalized axes,
 * y that of x; eps is 2^-23 unless told otherwise.
 *
 * Zhang, Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = rmsNorm(x, { residual, residualOut: hidden, weight, eps: 1e-6 });
 * @example const q = rmsNorm(heads, { weight, rotary: { cos, sin, positions, tokenAxis: 1 } });
 */
export const rmsNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: RmsNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(rmsNormDefinition);

/**
 * {@link rmsNorm} in whole numbers of 8 bits, for matrix products that take them: z = rmsNorm(x, options), y = round(z / scale), of two as near
 * the even one, and between -127 and 127; so z = y · scale to half a scale. There is a scale for each row of the normalized axes, which must be
 * the last ones of x, or for each `groupSize` elements of one: its largest |z| divided by 127, or what `scales` gives. A row of zeros has the
 * scale 0, one with a NaN or an infinity that scale, and zeros for y. There is no gradient.
 *
 * Rows scaled by their largest magnitude: Dettmers et al. 2022, LLM.int8(), https://arxiv.org/abs/2208.07339
 *
 * @function
 * @throws NormError before anything is recorded: as {@link rmsNorm}, `axes` where the normalized axes are not the last ones, `option` where
 * groupSize is no power of two of at least 4, `parameter` where scales do not fit.
 * @example const { y, scales } = rmsNormQuantized(x, { weight, groupSize: 128 }); // y i8 [N,T,C], scales f32 [N,T,C/128]
 */
export const rmsNormQuantized: <X extends FloatDtype = FloatDtype>(
  x: Tensor<X>,
  options?: RmsNormQuantizedOptions<NoInfer<X>>,
) => QuantizedResult = /* @__PURE__ */ normQuantizedOf(rmsNormQuantizedDefinition);

/**
 * {@link rmsNorm} for training: y, and what {@link rmsNormBackward} needs.
 *
 * @function
 * @throws NormError as {@link rmsNorm}.
 * @example const { y, saved } = rmsNormForward(x, { weight });
 */
export const rmsNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: RmsNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'rmsNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(rmsNormDefinition);

/**
 * The gradient of {@link rmsNorm}: for g = dy · weight and x̂, dx = (g - x̂ · mean(g · x̂)) / sqrt(mean(x²) + eps),
 * the mean over the normalized axes; dweight = sum(dy · x̂) and dbias = sum(dy) over the others.
 * Derived in docs/gradients.md as (G9).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight } = rmsNormBackward(dy, saved);
 */
export const rmsNormBackward: NormBackward<ParameterGradientName, object, 'rmsNorm'> =
  /* @__PURE__ */ normBackwardOf('rmsNorm');
