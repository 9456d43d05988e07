import type { Affine, Normalized } from './core.ts';
import { affineAlong, normalizeOver } from './core.ts';
import { placesOf } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { Moments } from './moments.ts';
import { momentsOver } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import { keepOnly, otherAxes, reshape } from './ndarray.ts';
import type { Running, RunningOptions } from './running.ts';
import { hasRunning, track } from './running.ts';
import { knownMeasure } from './statistics.ts';

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

/** BatchNorm outside training, and InstanceNorm without statistics of its own. */
export function normalizeByRunning(x: NdArray, axes: readonly number[], options: BatchNormOptions): Normalized {
  if (!hasRunning(options))
    throw new Error('runningMean and runningVar are missing, and the statistics of x are not to be used');
  if (options.moments) throw new Error('moments are given, but the running statistics are to be used');
  const channels = [x.shape[layoutOf(x.shape, options).channel]!];
  const mean = reshape('runningMean', options.runningMean, channels);
  const variance = reshape('runningVar', options.runningVar, channels);
  return normalizeChannels(x, axes, { mean, variance }, options);
}

/** By one known mean and variance a channel; the groups over `axes` hold elements of one channel each. */
function normalizeChannels(
  x: NdArray,
  axes: readonly number[],
  known: Pick<Moments, 'mean' | 'variance'>,
  options: BatchNormOptions,
): Normalized {
  const { channel } = layoutOf(x.shape, options);
  const channelOf = placesOf('channels', keepOnly(x.shape, [channel]), x.shape, axes).group;
  const ofGroups = ({ data }: NdArray): Float64Array => Float64Array.from(channelOf, (at) => data[at]!);
  const measure = knownMeasure(ofGroups(known.mean), ofGroups(known.variance), options.eps ?? 1e-5);
  return normalizeOver(x, axes, measure, affineAlong([channel], x.shape, options));
}
