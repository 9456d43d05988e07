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
import { instanceNormDefinition } from '../norms/instance-norm.ts';
import type {
  TrackedInstanceNormOptions as TrackedOptions,
  UntrackedInstanceNormOptions as UntrackedOptions,
  PackedInstanceNormOptions as PackedOptions,
} from '../norms/instance-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { SegmentStarts } from '../problem/segments.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link instanceNorm} with running statistics. */
export interface TrackedInstanceNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends TrackedOptions<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link instanceNorm} without running statistics, by those of x. */
export interface UntrackedInstanceNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends UntrackedOptions<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link instanceNorm} of packed sequences, each channel of each by itself. */
export interface PackedInstanceNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends PackedOptions<ParameterTensor<X>, Counts | SegmentStarts>, ResultOptions<Y> {}

/** Options of {@link instanceNorm} for an x of dtype `X` and a y of dtype `Y`. */
export type InstanceNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype> =
  | TrackedInstanceNormOptions<X, Y>
  | UntrackedInstanceNormOptions<X, Y>
  | PackedInstanceNormOptions<X, Y>;

/**
 * Instance normalization: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean
 * and biased variance taken over the positions (H,W) of each channel of each sample. Running statistics, if given, take the
 * mean over the samples. Weight, bias and running statistics: one element a channel; y has the shape of x; eps is 1e-5 unless
 * told otherwise, momentum 0.1. With `meanScale` [C] it is GraphNorm: c = x - meanScale · mean, y = c / sqrt(mean(c²) + eps) · weight + bias. An image in tiles is normalized as a whole by the `moments` of all of them.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, https://arxiv.org/abs/1607.08022
 *
 * @function
 * @throws NormError before anything is recorded: `layout`, `training`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = instanceNorm(x, { layout: 'NHWC' });
 * const z = instanceNorm(nodes, { segments, weight, bias }); // each channel of each graph of packed nodes [T,C]
 * // A tile x [N,C,H,W] of an image, by the statistics of all tiles:
 * const tile = instanceNorm(x, { moments: mergeMoments([moments(x, { axes: [2, 3] }), ...others]) });
 */
export const instanceNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: InstanceNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(instanceNormDefinition);

/**
 * {@link instanceNorm} for training: y, and what {@link instanceNormBackward} needs.
 *
 * @function
 * @throws NormError as {@link instanceNorm}.
 * @example const { y, saved } = instanceNormForward(x, { weight, bias });
 */
export const instanceNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options?: InstanceNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'instanceNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(instanceNormDefinition);

/**
 * The gradient of {@link instanceNorm}: dx = weight · (dy - mean(dy) - x̂ · mean(dy · x̂)) / sqrt(variance + eps),
 * the means over H,W; where the running statistics were used, dx = weight · dy / sqrt(variance + eps). dweight = sum(dy · x̂)
 * and dbias = sum(dy) for each channel, dmeanScale = -sum of mean · the derivatives by c. Where the forward call took `moments` of all tiles of an image, `sums` of all of them are
 * needed (gradientSums): dx is then a tile of that of the whole, and dweight and dbias are the tile's share.
 * Derived in docs/gradients.md as (G8), of a share of the mean (G27).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx } = instanceNormBackward(dy, saved, { gradients: ['dx'] });
 */
export const instanceNormBackward: NormBackward<ParameterGradientName | 'dmeanScale', GivenSums, 'instanceNorm'> =
  /* @__PURE__ */ normBackwardOf('instanceNorm', ['sums']);
