import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type {
  Counts,
  ForwardResult,
  GivenSums,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { groupNormDefinition } from '../norms/group-norm.ts';
import type {
  PictureGroupNormOptions as PictureOptions,
  PackedGroupNormOptions as PackedOptions,
} from '../norms/group-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { SegmentStarts } from '../problem/segments.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link groupNorm} of pictures, whose axes a layout names. */
export interface PictureGroupNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends PictureOptions<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link groupNorm} of packed sequences, each group of channels of each by itself. */
export interface PackedGroupNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends PackedOptions<ParameterTensor<X>, Counts | SegmentStarts>, ResultOptions<Y> {}

/** Options of {@link groupNorm} for an x of dtype `X` and a y of dtype `Y`. */
export type GroupNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype> =
  | PictureGroupNormOptions<X, Y>
  | PackedGroupNormOptions<X, Y>;

/**
 * Group normalization: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased variance
 * taken over the positions and the channels of each group of each sample. Weight and bias: one element a channel;
 * y has the shape of x; eps is 1e-5 unless told otherwise. An image in tiles is normalized as a whole by the `moments` of all of them.
 *
 * Wu, He 2018, https://arxiv.org/abs/1803.08494
 *
 * @function
 * @throws NormError before anything is recorded: `layout`, `groups`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = groupNorm(x, { numGroups: 32, weight, bias, activation: 'silu' });
 * // A tile x [N,C,H,W] of an image, by the statistics of all tiles:
 * const part = moments(x.reshape([N, 32, C / 32, H, W]), { axes: [2, 3, 4] });
 * const tile = groupNorm(x, { numGroups: 32, weight, bias, moments: mergeMoments([part, ...others]) });
 */
export const groupNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: GroupNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(groupNormDefinition);

/**
 * {@link groupNorm} for training: y, and what {@link groupNormBackward} needs.
 *
 * @function
 * @throws NormError as {@link groupNorm}.
 * @example const { y, saved } = groupNormForward(x, { numGroups: 32, weight, bias });
 */
export const groupNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: GroupNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'groupNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(groupNormDefinition);

/**
 * The gradient of {@link groupNorm}: for g = dy · weight and x̂, dx = (g - mean(g) - x̂ · mean(g · x̂)) / sqrt(variance + eps),
 * the means over each group; dweight = sum(dy · x̂) and dbias = sum(dy) for each channel. Where the forward call took `moments` of
 * all tiles of an image, `sums` of all of them are needed (gradientSums): dx is then a tile of that of the whole, and dweight and
 * dbias are the tile's share.
 * Derived in docs/gradients.md as (G8).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight, dbias } = groupNormBackward(dy, saved);
 */
export const groupNormBackward: NormBackward<ParameterGradientName, GivenSums, 'groupNorm'> =
  /* @__PURE__ */ normBackwardOf('groupNorm', ['sums']);
