import type { Affine, Normalized } from './core.ts';
import { affineAlong, normalizeOver } from './core.ts';
import { constantPullback, gradientOver, inGivenShapes, pullbackOf } from './gradients.ts';
import type { Gradients, Pullback } from './gradients.ts';
import { placesOf } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { Moments } from './moments.ts';
import { momentsOver } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import { keepOnly, otherAxes, reshape } from './ndarray.ts';
import type { Running, RunningOptions } from './running.ts';
import { hasRunning, track } from './running.ts';
import { knownMeasure, measureOf } from './statistics.ts';
import type { Measure } from './statistics.ts';

/** Weight, bias and running statistics hold one number a channel. */
export interface BatchNormOptions extends Affine, LayoutOptions, RunningOptions {
  /** Default 1e-5. */
  eps?: number | undefined;
  /** Whether the batch's own statistics are used, and the running ones updated. Default false. */
  training?: boolean | undefined;
  /** Statistics of the whole batch, of which x is a part: used in training instead of those of x. */
  moments?: Moments | undefined;
}

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics for each channel: in training those over all other
 * axes, otherwise the running ones.
 *
 * Ioffe, Szegedy 2015, Batch Normalization, https://arxiv.org/abs/1502.03167
 *
 * @throws Error where the shapes or options make no sense, for training with one value per channel, and for no
 * training without running statistics.
 */
export function batchNorm(x: NdArray, options: BatchNormOptions = {}): Normalized & Running {
  const { channel } = layoutOf(x.shape, options);
  const axes = otherAxes(x.shape, [channel]);
  if (!options.training) return normalizeByRunning(x, axes, options);
  const { count, mean, variance } = options.moments ?? momentsOver(x, axes);
  if (count < 2) throw new Error('batchNorm: expected more than 1 value per channel when training');
  const channels = [x.shape[channel]!];
  const batch = { count, mean: reshape('mean', mean, channels), variance: reshape('variance', variance, channels) };
  return { ...normalizeChannels(x, axes, batch, options), ...track(batch, options) };
}

/** What the gradient of a split batch needs of all its parts: sums over the whole batch, one of each a channel. */
export interface GradientSums {
  /** Σ dy */
  dy: NdArray;
  /** Σ dy · (x − mean) / sqrt(variance + eps) */
  dyXhat: NdArray;
  /** Values a channel. */
  count: number;
}

export interface BatchNormBackwardOptions extends BatchNormOptions {
  /** Of the whole batch, where `moments` are. */
  sums?: GradientSums | undefined;
}

/**
 * The gradients of {@link batchNorm}: in training through the statistics of the batch, otherwise with constant ones. Where
 * x is a part of a batch (`moments`, `sums`), dweight and dbias are those of the part.
 *
 * @throws Error where the shapes or options make no sense, and for moments without sums.
 */
export function batchNormBackward(dy: NdArray, x: NdArray, options: BatchNormBackwardOptions = {}): Gradients {
  const { channel } = layoutOf(x.shape, options);
  const axes = otherAxes(x.shape, [channel]);
  if (!options.training) return backwardByRunning(dy, x, axes, options);
  const { eps = 1e-5, moments, sums } = options;
  if (!moments) {
    const affine = affineAlong([channel], x.shape, options);
    const measure = measureOf('mean-variance', eps);
    return inGivenShapes(gradientOver(dy, x, axes, measure, pullbackOf('mean-variance', eps), affine), options);
  }
  if (!sums) throw new Error('batchNormBackward: moments of a whole batch need the sums of its gradient too');
  const weights = options.weight && reshape('weight', options.weight, [x.shape[channel]!]).data;
  return backwardOfChannels(dy, x, axes, moments, options, ({ index, g, normalized, factor }) => {
    const weight = weights?.[index] ?? 1;
    const [mean, slope] = [sums.dy.data[index]! / sums.count, sums.dyXhat.data[index]! / sums.count];
    return g.map((value, e) => factor * (value - weight * mean - weight * normalized[e]! * slope));
  });
}

/** Σ dy and Σ dy · (x − mean) / sqrt(variance + eps) for each channel of a part of a batch whose moments are known. */
export function gradientSums(dy: NdArray, x: NdArray, options: BatchNormOptions & { moments: Moments }): GradientSums {
  const { channel } = layoutOf(x.shape, options);
  const axes = otherAxes(x.shape, [channel]);
  const ones = { data: new Float64Array(x.shape[channel]!).fill(1), shape: [x.shape[channel]!] };
  const asked = { ...options, weight: ones, bias: ones };
  const { dweight, dbias } = backwardOfChannels(dy, x, axes, options.moments, asked, constantPullback);
  return { dy: dbias!, dyXhat: dweight!, count: x.data.length / x.shape[channel]! };
}

/** BatchNorm outside training, and InstanceNorm without statistics of its own. */
export function normalizeByRunning(x: NdArray, axes: readonly number[], options: BatchNormOptions): Normalized {
  return normalizeChannels(x, axes, runningOf(x, options), options);
}

/** The gradient of {@link normalizeByRunning}. */
export function backwardByRunning(
  dy: NdArray,
  x: NdArray,
  axes: readonly number[],
  options: BatchNormOptions,
): Gradients {
  return backwardOfChannels(dy, x, axes, runningOf(x, options), options, constantPullback);
}

type Known = Pick<Moments, 'mean' | 'variance'>;

function runningOf(x: NdArray, options: BatchNormOptions): Known {
  if (!hasRunning(options))
    throw new Error('runningMean and runningVar are missing, and the statistics of x are not to be used');
  if (options.moments) throw new Error('moments are given, but the running statistics are to be used');
  const channels = [x.shape[layoutOf(x.shape, options).channel]!];
  const mean = reshape('runningMean', options.runningMean, channels);
  return { mean, variance: reshape('runningVar', options.runningVar, channels) };
}

/** By one known mean and variance a channel; the groups over `axes` hold elements of one channel each. */
function normalizeChannels(x: NdArray, axes: readonly number[], known: Known, options: BatchNormOptions): Normalized {
  const { channel } = layoutOf(x.shape, options);
  return normalizeOver(x, axes, measureOfChannels(x, axes, known, options), affineAlong([channel], x.shape, options));
}

function backwardOfChannels(
  dy: NdArray,
  x: NdArray,
  axes: readonly number[],
  known: Known,
  options: BatchNormOptions,
  pullback: Pullback,
): Gradients {
  const affine = affineAlong([layoutOf(x.shape, options).channel], x.shape, options);
  const measure = measureOfChannels(x, axes, known, options);
  return inGivenShapes(gradientOver(dy, x, axes, measure, pullback, affine), options);
}

function measureOfChannels(x: NdArray, axes: readonly number[], known: Known, options: BatchNormOptions): Measure {
  const { channel } = layoutOf(x.shape, options);
  const channelOf = placesOf('channels', keepOnly(x.shape, [channel]), x.shape, axes).group;
  const ofGroups = ({ data }: NdArray): Float64Array => Float64Array.from(channelOf, (at) => data[at]!);
  return knownMeasure(ofGroups(known.mean), ofGroups(known.variance), options.eps ?? 1e-5);
}
