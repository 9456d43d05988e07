import type { Array as JaxArray } from '@jax-js/jax';
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
import { arrayNormOf, trackingNormOf } from './norm.ts';
import type { ArrayNorm, TrackingNorm } from './norm.ts';

type Options = OptionsOf<JaxArray>;

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

/** A call that updates running statistics is given them. */
type Tracked<O extends { runningMean?: unknown; runningVar?: unknown }, Without extends keyof O> = Omit<
  O,
  Without | 'runningMean' | 'runningVar'
> & { runningMean: JaxArray; runningVar: JaxArray };

export type BatchNormTrackedOptions = Tracked<BatchNormOptions, 'training'>;
export type InstanceNormTrackedOptions = Tracked<InstanceNormOptions, 'useInputStats'>;

/**
 * Layer normalization of an Array of jax-js: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased variance taken over `axes`, the
 * last unless told otherwise. Weight and bias have the shape of the normalized axes; eps is 1e-5 unless told otherwise. As every function of jax-js it
 * gives up a reference to each Array that it is given, in options too: `x.ref` is for what is to outlive the call. `grad`, `valueAndGrad` and `vjp`
 * have its gradients for x, weight, bias and what else is trained among the options (residual, gate, inputBias, scale, shift, by, add).
 *
 * Ba, Kiros, Hinton 2016, https://arxiv.org/abs/1607.06450
 *
 * @throws NormError before anything is recorded or given up: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is given does not fit x
 * or is unknown; `unsupported`, `usage`, `lost` where jax-js has no WebGPU, nobody connected, or it is called within `jit` or `vmap`; `device`,
 * `destroyed`, `limit` where an Array cannot take part.
 * @example const y = layerNorm(x.ref, { weight: weight.ref, bias: bias.ref });
 * const dx = jax.grad((x: jax.Array) => layerNorm(x, { weight, bias }).sum())(x);
 */
export const layerNorm: ArrayNorm<LayerNormOptions> = /* @__PURE__ */ arrayNormOf(layerNormDefinition);

/**
 * RMS normalization of an Array of jax-js: y = x / sqrt(mean(x²) + eps) · weight + bias, the mean over `axes`, the last unless told otherwise;
 * eps is 2^-23 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Zhang, Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = rmsNorm(x, { weight, residual, eps: 1e-6 });
 */
export const rmsNorm: ArrayNorm<RmsNormOptions> = /* @__PURE__ */ arrayNormOf(rmsNormDefinition);

/**
 * Batch normalization of an Array of jax-js, channels second unless `layout` or `channelAxis` says otherwise: y = (x - mean) / sqrt(variance + eps) ·
 * weight + bias for each channel. In training mean and biased variance are those of x, otherwise the running ones; {@link batchNormTracked}
 * takes those of x and gives new running ones. eps is 1e-5 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167
 *
 * @throws NormError as {@link layerNorm}; `layout`, `training`; `usage` where running statistics would be updated.
 * @example const y = batchNorm(x, { weight, bias, runningMean, runningVar });
 */
export const batchNorm: ArrayNorm<BatchNormOptions> = /* @__PURE__ */ arrayNormOf(batchNormDefinition);

/**
 * Batch normalization in training that updates running statistics: {@link batchNorm} by the statistics of x, and beside y new running ones in Arrays of
 * their own, running = (1 - momentum) · running + momentum · batch. momentum is 0.1 unless told otherwise, null for the average over all batches, counted by
 * `numBatchesTracked`; the running variance is unbiased unless `unbiasedRunningVar` is false, as Flax has it. Nothing is differentiated by them.
 *
 * Ioffe, Szegedy 2015, https://arxiv.org/abs/1502.03167
 *
 * @throws NormError as {@link layerNorm}; `layout`, `training`; `option` where running statistics are missing.
 * @example const { y, running } = batchNormTracked(x, { weight, bias, runningMean, runningVar });
 * const later = batchNorm(y, running);
 */
export const batchNormTracked: TrackingNorm<BatchNormTrackedOptions> = /* @__PURE__ */ trackingNormOf(
  batchNormDefinition,
  'training',
  { training: true },
);

/**
 * Instance normalization of an Array of jax-js, channels second unless told otherwise: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and
 * biased variance of each channel of each sample; eps is 1e-5 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, https://arxiv.org/abs/1607.08022
 *
 * @throws NormError as {@link batchNorm}.
 * @example const y = instanceNorm(x, { weight, bias, activation: 'relu' });
 */
export const instanceNorm: ArrayNorm<InstanceNormOptions> = /* @__PURE__ */ arrayNormOf(instanceNormDefinition);

/**
 * Instance normalization that updates running statistics: {@link instanceNorm} by the statistics of x, and beside y new running ones, each the average over
 * samples; see {@link batchNormTracked}.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, https://arxiv.org/abs/1607.08022
 *
 * @throws NormError as {@link batchNormTracked}.
 * @example const { y, running } = instanceNormTracked(x, { runningMean, runningVar });
 */
export const instanceNormTracked: TrackingNorm<InstanceNormTrackedOptions> = /* @__PURE__ */ trackingNormOf(
  instanceNormDefinition,
  'useInputStats',
  { useInputStats: true },
);

/**
 * Group normalization of an Array of jax-js, channels second unless told otherwise: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased
 * variance over the positions and the channels of each group of each sample; eps is 1e-5 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Wu, He 2018, https://arxiv.org/abs/1803.08494
 *
 * @throws NormError as {@link batchNorm}; `groups`.
 * @example const y = groupNorm(x, { numGroups: 8, weight, bias, activation: 'silu' });
 */
export const groupNorm: ArrayNorm<GroupNormOptions> = /* @__PURE__ */ arrayNormOf(groupNormDefinition);

/**
 * Global response normalization (GRN) of an Array of jax-js, channels second unless told otherwise: y = x + x · n · weight + bias, n the norm of each channel
 * of a sample divided by the mean of those of all channels + eps; eps is 1e-6 unless told otherwise. Gradients as of {@link layerNorm}.
 *
 * Woo et al. 2023, https://arxiv.org/abs/2301.00808
 *
 * @throws NormError as {@link batchNorm}.
 * @example const y = globalResponseNorm(x, { weight, bias });
 */
export const globalResponseNorm: ArrayNorm<GlobalResponseNormOptions> =
  /* @__PURE__ */ arrayNormOf(globalResponseNormDefinition);

/**
 * ScaleNorm of an Array of jax-js: y = x / max(‖x‖₂, eps) · weight, one element, the norm over `axes`, the last unless told otherwise; eps is 1e-5 unless
 * told otherwise. Gradients as of {@link layerNorm}.
 *
 * Nguyen, Salazar 2019, https://arxiv.org/abs/1910.05895
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = scaleNorm(x, { weight: jax.numpy.array(8) });
 */
export const scaleNorm: ArrayNorm<ScaleNormOptions> = /* @__PURE__ */ arrayNormOf(scaleNormDefinition);

/**
 * Any axes of an Array of jax-js by any statistic: mean and variance, rms, l2, l1, linf or sum; weight and bias broadcast to x. Gradients as of
 * {@link layerNorm}.
 *
 * @throws NormError as {@link layerNorm}; `option` unless a statistic is named.
 * @example const y = normalize(x, { axes: [-1], statistic: 'l2' });
 */
export const normalize: ArrayNorm<NormalizeOptions> = /* @__PURE__ */ arrayNormOf(normalizeDefinition);

/**
 * Dynamic tanh (DyT) of an Array of jax-js, in the place of a normalization: y = tanh(alpha · x) · weight + bias; alpha is one element. Gradients for alpha
 * too.
 *
 * Zhu et al. 2025, https://arxiv.org/abs/2503.10622
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = dynamicTanh(x, { alpha: jax.numpy.array(0.5), weight, bias });
 */
export const dynamicTanh: ArrayNorm<DynamicTanhOptions> = /* @__PURE__ */ pointwiseNormOf(dynamicTanhDefinition);

/**
 * Derf of an Array of jax-js, in the place of a normalization: y = erf(alpha · x + inputShift) · weight + bias; alpha and inputShift are one element each.
 * Gradients for both too.
 *
 * @throws NormError as {@link layerNorm}.
 * @example const y = dynamicErf(x, { alpha: jax.numpy.array(0.5), inputShift: jax.numpy.array(0), weight, bias });
 */
export const dynamicErf: ArrayNorm<DynamicErfOptions> = /* @__PURE__ */ pointwiseNormOf(dynamicErfDefinition);

const adapt = /* @__PURE__ */ arrayNormOf<AdaptiveInstanceNormOptions & { style: JaxArray }>(
  adaptiveInstanceNormDefinition,
);

/**
 * Adaptive instance normalization of Arrays of jax-js, channels second unless told otherwise: each channel of each content sample takes the mean and the
 * deviation of the style's, y = sqrt(variance(style) + eps) · (x - mean) / sqrt(variance + eps) + mean(style); eps is 1e-5 unless told otherwise.
 * Gradients for content and style.
 *
 * Huang, Belongie 2017, https://arxiv.org/abs/1703.06868
 *
 * @throws NormError as {@link batchNorm}.
 * @example const y = adaptiveInstanceNorm(content, style);
 */
export function adaptiveInstanceNorm(
  content: JaxArray,
  style: JaxArray,
  options: AdaptiveInstanceNormOptions = {},
  ...more: readonly never[]
): JaxArray {
  return adapt(content, withStyle(adaptiveInstanceNormDefinition, style, options, more, 'an Array of jax-js'));
}

/** A function of each element, whose alpha and shift are options of their own. */
function pointwiseNormOf<O extends object>(definition: PointwiseDefinition): ArrayNorm<O> {
  return arrayNormOf(definition, definition.given, (options) => pointwiseOptions(definition, options));
}
