import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import type { OptionsOf } from '../bridge/call-options.ts';
import { withStyle } from '../bridge/kind.ts';
import { adaptiveInstanceNormDefinition } from '../norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../norms/batch-norm.ts';
import { dynamicErfDefinition } from '../norms/dynamic-erf.ts';
import { dynamicTanhDefinition, pointwiseOptions } from '../norms/dynamic-tanh.ts';
import type { PointwiseDefinition } from '../norms/dynamic-tanh.ts';
import { globalResponseNormDefinition } from '../norms/global-response-norm.ts';
import { groupNormDefinition } from '../norms/group-norm.ts';
import { instanceNormDefinition } from '../norms/instance-norm.ts';
import { layerNormDefinition } from '../norms/layer-norm.ts';
import { normalizeDefinition } from '../norms/normalize.ts';
import { rmsNormDefinition } from '../norms/rms-norm.ts';
import { scaleNormDefinition } from '../norms/scale-norm.ts';
import { tensorNormOf } from './norm.ts';
import type { TensorNorm } from './norm.ts';

type Options = OptionsOf<Tensor>;

export type AdaptiveInstanceNormOptions = Options['adaptiveInstanceNorm'];
export type BatchNormOptions = Options['batchNorm'];
export type DynamicErfOptions = Options['dynamicErf'];
export type DynamicTanhOptions = Options['dynamicTanh'];
export type GlobalResponseNormOptions = Options['globalResponseNorm'];
export type GroupNormOptions = Options['groupNorm'];
export type InstanceNormOptions = Options['instanceNorm'];
export type LayerNormOptions = Options['layerNorm'];
export type NormalizeOptions = Options['normalize'];
export type RmsNormOptions = Options['rmsNorm'];
export type ScaleNormOptions = Options['scaleNorm'];

/**
 * Layer normalization of a tf.Tensor: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased variance taken over `axes`, the last
 * unless told otherwise. Weight and bias have the shape of the normalized axes; eps is 1e-5 unless told otherwise (Keras: 1e-3). It has gradients
 * for x, weight, bias and what else is trained among the options (residual, gate, inputBias, scale, shift, by, add).
 *
 * Ba, Kiros, Hinton 2016, https://arxiv.org/abs/1607.06450
 *
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is given does not fit x or is
 * unknown; `unsupported`, `usage`, `lost` where there is no WebGPU backend or nobody connected; `device`, `destroyed`, `limit` where a tensor
 * cannot take part.
 * @example const y = layerNorm(x, { weight, bias });
 * const dx = tf.grad((x: tf.Tensor) => layerNorm(x, { weight, bias }))(x);
 */
export const layerNorm: TensorNorm<LayerNormOptions> = /* @__PURE__ */ tensorNormOf(layerNormDefinition);

/**
 * RMS normalization of a tf.Tensor: y = x / sqrt(mean(x²) + eps) · weight + bias, the mean over `axes`, the last unless told otherwise;
 * eps is 2^-23 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Zhang, Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = rmsNorm(x, { weight, residual, eps: 1e-6 });
 */
export const rmsNorm: TensorNorm<RmsNormOptions> = /* @__PURE__ */ tensorNormOf(rmsNormDefinition);

/**
 * Batch normalization of a tf.Tensor, channels last unless `layout` or `channelAxis` says otherwise: y = (x - mean) / sqrt(variance + eps) ·
 * weight + bias for each channel. In training mean and biased variance are those of x, and running statistics, which have to be variables, are
 * assigned; otherwise the running ones are used. momentum is the share of the new batch (0.1; Keras's 0.99 is 0.01 here), and the running
 * variance is unbiased unless `unbiasedRunningVar` is false, as Keras has it. eps is 1e-5 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167
 *
 * @throws NormError as {@link layerNorm}; `layout`, `training`; `usage` where running statistics are to be updated and are no variables.
 * @example const y = batchNorm(x, { weight, bias, training: true, runningMean, runningVar });
 */
export const batchNorm: TensorNorm<BatchNormOptions> = /* @__PURE__ */ tensorNormOf(batchNormDefinition);

/**
 * Instance normalization of a tf.Tensor, channels last unless told otherwise: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and
 * biased variance of each channel of each sample; eps is 1e-5 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, https://arxiv.org/abs/1607.08022
 *
 * @throws NormError as {@link batchNorm}.
 * @example const y = instanceNorm(x, { weight, bias, activation: 'relu' });
 */
export const instanceNorm: TensorNorm<InstanceNormOptions> = /* @__PURE__ */ tensorNormOf(instanceNormDefinition);

/**
 * Group normalization of a tf.Tensor, channels last unless told otherwise: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased
 * variance over the positions and the channels of each group of each sample; eps is 1e-5 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Wu, He 2018, https://arxiv.org/abs/1803.08494
 *
 * @throws NormError as {@link batchNorm}; `groups`.
 * @example const y = groupNorm(x, { numGroups: 8, weight, bias, activation: 'silu' });
 */
export const groupNorm: TensorNorm<GroupNormOptions> = /* @__PURE__ */ tensorNormOf(groupNormDefinition);

/**
 * Global response normalization (GRN) of a tf.Tensor, channels last unless told otherwise: y = x + x · n · weight + bias, n the norm of each channel
 * of a sample divided by the mean of those of all channels + eps; eps is 1e-6 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Woo et al. 2023, https://arxiv.org/abs/2301.00808
 *
 * @throws NormError as {@link batchNorm}.
 * @example const y = globalResponseNorm(x, { weight, bias });
 */
export const globalResponseNorm: TensorNorm<GlobalResponseNormOptions> =
  /* @__PURE__ */ tensorNormOf(globalResponseNormDefinition);

/**
 * ScaleNorm of a tf.Tensor: y = x / max(‖x‖₂, eps) · weight, one element, the norm over `axes`, the last unless told otherwise; eps is 1e-5 unless
 * told otherwise. Gradients as of {@link layerNorm}.
 *
 * Nguyen, Salazar 2019, https://arxiv.org/abs/1910.05895
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = scaleNorm(x, { weight: tf.scalar(8) });
 */
export const scaleNorm: TensorNorm<ScaleNormOptions> = /* @__PURE__ */ tensorNormOf(scaleNormDefinition);

/**
 * Any axes of a tf.Tensor by any statistic: mean and variance, rms, l2, l1, linf or sum; weight and bias broadcast to x. Gradients as of
 * {@link layerNorm}.
 *
 * @throws NormError as {@link layerNorm}; `option` unless a statistic is named.
 * @example const y = normalize(x, { axes: [-1], statistic: 'l2' });
 */
export const normalize: TensorNorm<NormalizeOptions> = /* @__PURE__ */ tensorNormOf(normalizeDefinition);

/**
 * Dynamic tanh (DyT) of a tf.Tensor, in the place of a normalization: y = tanh(alpha · x) · weight + bias; alpha is one element. Gradients for alpha
 * too.
 *
 * Zhu et al. 2025, https://arxiv.org/abs/2503.10622
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = dynamicTanh(x, { alpha: tf.scalar(0.5), weight, bias });
 */
export const dynamicTanh: TensorNorm<DynamicTanhOptions> = /* @__PURE__ */ pointwiseNormOf(dynamicTanhDefinition);

/**
 * Derf of a tf.Tensor, in the place of a normalization: y = erf(alpha · x + inputShift) · weight + bias; alpha and inputShift are one element each.
 * Gradients for both too.
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = dynamicErf(x, { alpha: tf.scalar(0.5), inputShift: tf.scalar(0), weight, bias });
 */
export const dynamicErf: TensorNorm<DynamicErfOptions> = /* @__PURE__ */ pointwiseNormOf(dynamicErfDefinition);

const adapt = /* @__PURE__ */ tensorNormOf<AdaptiveInstanceNormOptions & { style: Tensor }>(
  adaptiveInstanceNormDefinition,
);

/**
 * Adaptive instance normalization of tf.Tensors, channels last unless told otherwise: each channel of each content sample takes the mean and the
 * deviation of the style's, y = sqrt(variance(style) + eps) · (x - mean) / sqrt(variance + eps) + mean(style); eps is 1e-5 unless told otherwise.
 * Gradients for content and style.
 *
 * Huang, Belongie 2017, https://arxiv.org/abs/1703.06868
 *
 * @throws NormError as {@link batchNorm}.
 * @example const y = adaptiveInstanceNorm(content, style);
 */
export function adaptiveInstanceNorm<R extends Rank>(
  content: Tensor<R>,
  style: Tensor,
  options: AdaptiveInstanceNormOptions = {},
  ...more: readonly never[]
): Tensor<R> {
  return adapt(content, withStyle(adaptiveInstanceNormDefinition, style, options, more, 'a tf.Tensor'));
}

/** A function of each element, whose alpha and shift are options of their own. */
function pointwiseNormOf<O extends object>(definition: PointwiseDefinition): TensorNorm<O> {
  return tensorNormOf(definition, definition.given, (options) => pointwiseOptions(definition, options));
}
