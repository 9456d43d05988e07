import { NormError } from '../errors.ts';
import { AFFINE, LAYOUT, MASKS, RUNNING } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineAlong } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { MaskOptions } from './counting.ts';
import { countingOf, maskAlong } from './counting.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf, normalizedSum } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { Arriving, BackwardOptions, Gradients } from './gradients.ts';
import { placesOf } from './groups.ts';
import type { Grouping } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { Moments } from './moments.ts';
import { groupMoments } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import { keepOnly, otherAxes, reshape, sizeOf } from './ndarray.ts';
import { measureOfMoments, throughSums } from './parts.ts';
import type { GradientSums, PartBackwardOptions, PartOptions } from './parts.ts';
import { constantPullback, pullbackOf } from './pullback.ts';
import type { Running, RunningOptions } from './running.ts';
import { checkRunning, hasRunning, isTracked, track, trackedVariance } from './running.ts';
import { knownMeasure, measureOf } from './statistics.ts';
import type { Measure } from './statistics.ts';

/** Weight, bias and running statistics hold one number a channel. */
export interface BatchNormOptions
  extends Affine, FusionOptions, LayoutOptions, MaskOptions, PartOptions, RunningOptions {
  /** Default 1e-5. */
  eps?: number | undefined;
  /** Whether the batch's own statistics are used, and the running ones updated. Default false. */
  training?: boolean | undefined;
}

const OPTIONS = ['training', 'moments', ...LAYOUT, ...AFFINE, ...RUNNING, ...MASKS, ...FUSIONS] as const;

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics for each channel: in training those over all other
 * axes without what is masked, otherwise the running ones; and what {@link FusionOptions} say.
 *
 * Ioffe, Szegedy 2015, Batch Normalization, https://arxiv.org/abs/1502.03167
 *
 * @throws NormError `layout`, `shape`, `parameter`, `eps`, `option` where the shapes or options make no sense and for no training
 * without running statistics, `training` for one value per channel, masked or not, unless the running variance is biased.
 * @example const { y, mean } = batchNorm(x, { training: true });
 */
export function batchNorm(x: NdArray, options: BatchNormOptions = {}, ...more: readonly never[]): Normalized & Running {
  checkCall('batchNorm', { x }, options, OPTIONS, more);
  const { grouping, fusion } = prepare(x, options);
  if (!options.training) return normalizeByRunning(x, grouping, fusion, options);
  const channels = [x.shape[layoutOf(x.shape, options).channel]!];
  const values = options.moments?.count ?? valuesOf(grouping);
  if (values === 0) {
    throw new NormError('training', 'batchNorm: x has no value a channel to take statistics of when training');
  }
  const { count, mean, variance } = options.moments ?? momentsOfBatch(x, grouping, fusion);
  if (values < 2 && options.unbiasedRunningVar !== false)
    throw new NormError('training', 'batchNorm: expected more than 1 value per channel when training');
  const batch = { mean: reshape('mean', mean, channels), variance: reshape('variance', variance, channels) };
  const tracked = Float64Array.from(batch.variance.data, (value) => trackedVariance(value, count, options));
  return {
    ...normalizeChannels(x, grouping, batch, fusion, options),
    ...track(
      isTracked(count, options) ? { mean: batch.mean, variance: { data: tracked, shape: channels } } : null,
      options,
    ),
  };
}

export interface BatchNormBackwardOptions extends BatchNormOptions, BackwardOptions, PartBackwardOptions {}

/**
 * The gradients of {@link batchNorm}: in training through the statistics of the batch, otherwise with constant ones. Where
 * x is a part of a batch (`moments`, `sums`), those of the parameters are of the part.
 *
 * @throws NormError as {@link batchNorm}, and `option` for moments without sums.
 * @example const { dx } = batchNormBackward(dy, x, { training: true });
 */
export function batchNormBackward(
  dy: NdArray,
  x: NdArray,
  options: BatchNormBackwardOptions = {},
  ...more: readonly never[]
): Gradients {
  checkCall('batchNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD, 'sums'], more);
  const { eps = 1e-5, moments, sums, dresidualOut, training } = options;
  const { grouping, fusion } = prepare(x, options);
  if (!training) return backwardByRunning({ dy, dresidualOut }, x, grouping, fusion, options);
  if (!moments) {
    const measure = measureOf('mean-variance', eps);
    return gradientOver({ dy, dresidualOut }, x, grouping, measure, pullbackOf('mean-variance', eps), fusion);
  }
  const measure = measureOfMoments('batchNormBackward', moments, grouping, eps);
  // One weight a channel, so that Σ g = weight · Σ da over the whole batch.
  const pullback = throughSums('batchNormBackward', sums, moments, grouping, (channel) =>
    weightOfChannel(options, channel),
  );
  return gradientOver({ dy, dresidualOut }, x, grouping, measure, pullback, fusion);
}

export function weightOfChannel({ weight, zeroCenteredWeight }: Affine, channel: number): number {
  return weight ? weight.data[channel]! + (zeroCenteredWeight ? 1 : 0) : 1;
}

/**
 * Σ da and Σ da · (x − mean) / sqrt(variance + eps) for each channel of a part of a batch whose moments are known.
 *
 * @throws NormError as {@link batchNorm}, and `option` without moments.
 * @example const sums = gradientSums(dy, x, { training: true, moments: whole });
 */
export function gradientSums(
  dy: NdArray,
  x: NdArray,
  options: BatchNormOptions & { moments: Moments },
  ...more: readonly never[]
): GradientSums {
  checkCall('gradientSums', { dy, x }, options, OPTIONS, more);
  if (!options.moments)
    throw new NormError('option', 'gradientSums: moments are missing; give those of the whole batch');
  const channels = [x.shape[layoutOf(x.shape, options).channel]!];
  // Where there are none, those that change nothing, to have their gradients.
  const neutral = (value: number): NdArray => ({ data: new Float64Array(channels[0]!).fill(value), shape: channels });
  const { weight = neutral(options.zeroCenteredWeight ? 0 : 1), bias = neutral(0) } = options;
  const { grouping, fusion } = prepare(x, { ...options, weight, bias });
  const measure = measureOfMoments('gradientSums', options.moments, grouping, options.eps);
  const { dweight, dbias } = gradientOver({ dy }, x, grouping, measure, constantPullback, fusion);
  return {
    dy: { data: dbias!.data, shape: channels },
    dyXhat: { data: dweight!.data, shape: channels },
    count: valuesOf(grouping),
  };
}

/** BatchNorm outside training, and InstanceNorm without statistics of its own. */
export function normalizeByRunning(
  x: NdArray,
  grouping: Grouping,
  fusion: Fusion,
  options: BatchNormOptions,
): Normalized {
  return normalizeChannels(x, grouping, runningOf(x, options), fusion, options);
}

/** The gradient of {@link normalizeByRunning}. */
export function backwardByRunning(
  arriving: Arriving,
  x: NdArray,
  grouping: Grouping,
  fusion: Fusion,
  options: BatchNormOptions,
): Gradients {
  const measure = measureOfChannels(x, grouping, runningOf(x, options), options);
  return gradientOver(arriving, x, grouping, measure, constantPullback, fusion);
}

function prepare({ shape }: NdArray, options: BatchNormOptions): { grouping: Grouping; fusion: Fusion } {
  const { mask, maskOutput } = options;
  const layout = layoutOf(shape, options);
  checkRunning(options, shape[layout.channel]!);
  const fusion = fusionOf(shape, layout, options, {
    ...affineAlong([layout.channel], shape, options),
    mask: mask && maskAlong(mask, shape, layout.channel),
    maskOutput,
  });
  return { grouping: { shape, axes: otherAxes(shape, [layout.channel]) }, fusion };
}

type Known = Pick<Moments, 'mean' | 'variance'>;

/** One mean and variance a channel; as many values count in each, for a mask has no channels. */
function momentsOfBatch(x: NdArray, grouping: Grouping, fusion: Fusion): Moments {
  const sum = { data: normalizedSum(x, fusion, grouping), shape: x.shape };
  const { means, variances, counts } = groupMoments(sum, grouping.axes, countingOf(fusion, grouping));
  const shape = [means.length];
  return { mean: { data: means, shape }, variance: { data: variances, shape }, count: counts[0] ?? 0 };
}

/** How many values a channel has. */
function valuesOf({ shape, axes }: Grouping): number {
  return sizeOf(axes.map((axis) => shape[axis]!));
}

function runningOf(x: NdArray, options: BatchNormOptions): Known {
  if (!hasRunning(options))
    throw new NormError('option', 'runningMean and runningVar are missing, and the statistics of x are not to be used');
  if (options.moments) throw new NormError('option', 'moments are given, but the running statistics are to be used');
  const channels = [x.shape[layoutOf(x.shape, options).channel]!];
  const mean = reshape('runningMean', options.runningMean, channels);
  return { mean, variance: reshape('runningVar', options.runningVar, channels) };
}

/** By one known mean and variance a channel; the groups hold elements of one channel each. */
function normalizeChannels(
  x: NdArray,
  grouping: Grouping,
  known: Known,
  fusion: Fusion,
  options: BatchNormOptions,
): Normalized {
  return normalizeOver(x, grouping, measureOfChannels(x, grouping, known, options), fusion);
}

function measureOfChannels(x: NdArray, { axes }: Grouping, known: Known, options: BatchNormOptions): Measure {
  const { channel } = layoutOf(x.shape, options);
  const channelOf = placesOf('channels', keepOnly(x.shape, [channel]), x.shape, axes).group;
  const ofGroups = ({ data }: NdArray): Float64Array => Float64Array.from(channelOf, (at) => data[at]!);
  return knownMeasure(ofGroups(known.mean), ofGroups(known.variance), options.eps ?? 1e-5);
}
