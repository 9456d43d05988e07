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
import { batchNormDefinition } from '../norms/batch-norm.ts';
import type {
  TrackedBatchNormOptions as TrackedOptions,
  UntrackedBatchNormOptions as UntrackedOptions,
} from '../norms/batch-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link batchNorm} with running statistics, which normalize, or are updated in training. */
export interface TrackedBatchNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends TrackedOptions<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link batchNorm} without running statistics: by those of x, in training. */
export interface UntrackedBatchNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends UntrackedOptions<ParameterTensor<X>, Counts>, ResultOptions<Y> {}

/** Options of {@link batchNorm} for an x of dtype `X` and a y of dtype `Y`. */
export type BatchNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype> =
  | TrackedBatchNormOptions<X, Y>
  | UntrackedBatchNormOptions<X, Y>;

/**
 * Batch normalization: y = (x - mean) / sqrt(variance + eps) · weight + bias for each channel.
 * In training mean and biased variance are those of x over all axes but the channels (N,H,W), and running statistics, if
 * given, are updated on the GPU; otherwise the running ones are used. Weight, bias and running statistics: one element a channel;
 * y has the shape of x; eps is 1e-5 unless told otherwise, momentum 0.1.
 * Training needs more than one value a channel, unless `unbiasedRunningVar` is false: y is then the bias.
 *
 * Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167
 *
 * @function
 * @throws NormError before anything is recorded: `layout`, `training`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = batchNorm(x, { weight, bias, training: true, runningMean, runningVar });
 */
export const batchNorm: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: BatchNormOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(batchNormDefinition);

/**
 * {@link batchNorm} for training: y, and what {@link batchNormBackward} needs.
 *
 * @function
 * @throws NormError as {@link batchNorm}.
 * @example const { y, saved } = batchNormForward(x, { weight, bias, training: true });
 */
export const batchNormForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: BatchNormOptions<NoInfer<X>, Y>,
) => ForwardResult<'batchNorm', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(batchNormDefinition);

/**
 * The gradient of {@link batchNorm}. In training, through the statistics of the batch: dx = weight · (dy - mean(dy) - x̂ · mean(dy · x̂)) /
 * sqrt(variance + eps), the means over N,H,W; in inference statistics are constants and
 * dx = weight · dy / sqrt(variance + eps). dweight = sum(dy · x̂) and dbias = sum(dy) for each channel. Where the forward call
 * took `moments` of several parts of a batch, `sums` of all of them are needed (gradientSums); dweight and dbias are then
 * those of x alone.
 * Derived in docs/gradients.md as (G8).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight, dbias } = batchNormBackward(dy, saved);
 */
export const batchNormBackward: NormBackward<ParameterGradientName, GivenSums, 'batchNorm'> =
  /* @__PURE__ */ normBackwardOf('batchNorm', ['sums']);
