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
import { layerNormDefinition } from '../norms/layer-norm.ts';
import type {
  AxesLayerNormOptions as AxesOptions,
  PackedLayerNormOptions as PackedOptions,
} from '../norms/layer-norm.ts';
import { layerNormQuantizedDefinition } from '../norms/quantized.ts';
import type { LayerNormQuantizedOptions as QuantizedOptions } from '../norms/quantized.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { SegmentStarts } from '../problem/segments.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link layerNorm} of axes. */
export interface AxesLayerNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends AxesOptions<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link layerNorm} of packed sequences, all of each together. */
export interface PackedLayerNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends PackedOptions<ParameterTensor<X>, Counts | SegmentStarts>, ResultOptions<Y> {}

/** Options of {@link layerNorm} for an x of dtype `X` and a y of dtype `Y`. */
export type LayerNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype> =
  | AxesLayerNormOptions<X, Y>
  | PackedLayerNormOptions<X, Y>;

/** Options of {@link layerNormQuantized} for an x of dtype `X`. */
export interface LayerNormQuantizedOptions<X extends FloatDtype = FloatDtype>
  extends QuantizedOptions<ParameterTensor<X>, Counts, Tensor<'f32'>>, QuantizedCallOptions {}

/**
 * Layer normalization: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased
 * variance taken over `axes`, the last unless told otherwise, for every index of the others. Weight and bias have the shape of the
 * normalized axes, y that of x; eps is 1e-5 unless told otherwise.
 *
 * Ba, Kiros, Hinton 2016, https://arxiv.org/abs/1607.06450
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = layerNorm(x, { weight, bias });
 * const z = layerNorm(packed, { segments, weight, bias }); // all of each sequence of packed rows [T,C]
 */
export const layerNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: LayerNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(layerNormDefinition);

/**
 * {@link layerNorm} in whole numbers of 8 bits, for matrix products that take them: z = layerNorm(x, options), y = round(z / scale), of two as near
 * the even one, and between -127 and 127; so z = y · scale to half a scale. There is a scale for each row of the normalized axes, which must be
 * the last ones of x, or for each `groupSize` elements of one: its largest |z| divided by 127, or what `scales` gives. A row of zeros has the
 * scale 0, one with a NaN or an infinity that scale, and zeros for y. There is no gradient.
 *
 * Rows scaled by their largest magnitude: Dettmers et al. 2022, LLM.int8(), https://arxiv.org/abs/2208.07339
 *
 * @function
 * @throws NormError before anything is recorded: as {@link layerNorm}, `axes` where the normalized axes are not the last ones, `option` where
 * groupSize is no power of two of at least 4, `parameter` where scales do not fit.
 * @example const { y, scales } = layerNormQuantized(x, { weight, groupSize: 128 }); // y i8 [N,T,C], scales f32 [N,T,C/128]
 */
export const layerNormQuantized: <X extends FloatDtype = FloatDtype>(
  x: Tensor<X>,
  options?: LayerNormQuantizedOptions<NoInfer<X>>,
) => QuantizedResult = /* @__PURE__ */ normQuantizedOf(layerNormQuantizedDefinition);

/**
 * {@link layerNorm} for training: y, and what {@link layerNormBackward} needs.
 *
 * @function
 * @throws NormError as {@link layerNorm}.
 * @example const { y, saved } = layerNormForward(x, { weight, bias });
 */
export const layerNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: LayerNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'layerNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(layerNormDefinition);

/**
 * The gradient of {@link layerNorm}: for g = dy · weight and x̂, dx = (g - mean(g) - x̂ · mean(g · x̂)) / sqrt(variance + eps),
 * the means over the normalized axes; dweight = sum(dy · x̂) and dbias = sum(dy) over the others.
 * Derived in docs/gradients.md as (G8).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight, dbias } = layerNormBackward(dy, saved);
 */
export const layerNormBackward: NormBackward<ParameterGradientName, object, 'layerNorm'> =
  /* @__PURE__ */ normBackwardOf('layerNorm');
