import type { Affine, Normalized } from './core.ts';
import { affineAlong, normalizeOver } from './core.ts';
import { gradientOver, inGivenShapes, pullbackOf } from './gradients.ts';
import type { Gradients } from './gradients.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { NdArray } from './ndarray.ts';
import { checkArray, otherAxes } from './ndarray.ts';
import { measureOf } from './statistics.ts';

/** Weight and bias hold one number a channel. */
export interface GroupNormOptions extends Affine, LayoutOptions {
  /** How many groups of neighbouring channels; it divides the channels. */
  numGroups: number;
  /** Default 1e-5. */
  eps?: number | undefined;
}

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics for each group of channels of each sample.
 *
 * Wu, He 2018, Group Normalization, https://arxiv.org/abs/1803.08494
 *
 * @returns mean and rstd have one axis more than x: the channel axis split in [numGroups, channels of a group], and the
 * reduced axes 1; [N,G,1,1,1] for NCHW.
 * @throws Error where the shapes or options make no sense.
 */
export function groupNorm(x: NdArray, options: GroupNormOptions): Normalized {
  const { split, axes, affine } = splitChannels(x, options);
  const { y, mean, rstd } = normalizeOver(split, axes, measureOf('mean-variance', options.eps), affine);
  return { y: { data: y.data, shape: x.shape }, mean, rstd };
}

/**
 * The gradients of {@link groupNorm}.
 *
 * @throws Error where the shapes or options make no sense.
 */
export function groupNormBackward(dy: NdArray, x: NdArray, options: GroupNormOptions): Gradients {
  const { eps = 1e-5 } = options;
  const { split, axes, affine } = splitChannels(x, options);
  const pulled = { data: dy.data, shape: splitChannels(dy, options).split.shape };
  const measure = measureOf('mean-variance', eps);
  const { dx, ...parameters } = gradientOver(pulled, split, axes, measure, pullbackOf('mean-variance', eps), affine);
  return inGivenShapes({ dx: { data: dx.data, shape: x.shape }, ...parameters }, options);
}

/** x with its channel axis as two, groups and channels of a group; the axes to reduce; the parameters to match. */
function splitChannels(x: NdArray, options: GroupNormOptions): { split: NdArray; axes: number[]; affine: Affine } {
  checkArray('x', x);
  const { channel, sample } = layoutOf(x.shape, options);
  const { numGroups } = options;
  const perGroup = x.shape[channel]! / numGroups;
  if (!(numGroups > 0) || !Number.isInteger(numGroups) || !Number.isInteger(perGroup)) {
    throw new Error(`groupNorm: ${x.shape[channel]} channels cannot be divided into ${numGroups} groups`);
  }
  const shape = [...x.shape.slice(0, channel), numGroups, perGroup, ...x.shape.slice(channel + 1)];
  const kept = [channel, ...sample.map((axis) => (axis > channel ? axis + 1 : axis))];
  const affine = affineAlong([channel, channel + 1], shape, options);
  return { split: { data: x.data, shape }, axes: otherAxes(shape, kept), affine };
}
