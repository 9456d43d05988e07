import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import { momentsOver } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import { formatShape, keepOnly, otherAxes } from './ndarray.ts';
import { measureOf } from './statistics.ts';

export interface AdaptiveInstanceNormOptions extends LayoutOptions {
  /** Added to both variances. Default 1e-5. */
  eps?: number | undefined;
}

/**
 * Gives the content the style's mean and deviation, for each channel of each sample:
 *
 *     y = (x − mean(content)) / sqrt(variance(content) + eps) · sqrt(variance(style) + eps) + mean(style)
 *
 * Content and style share layout, samples and channels; the style's other axes may have other sizes.
 *
 * Huang, Belongie 2017, Arbitrary Style Transfer with Adaptive Instance Normalization, https://arxiv.org/abs/1703.06868
 *
 * @throws Error where the shapes or options make no sense.
 */
export function adaptiveInstanceNorm(
  content: NdArray,
  style: NdArray,
  options: AdaptiveInstanceNormOptions = {},
): Normalized {
  const { eps = 1e-5 } = options;
  const { spatial } = layoutOf(content.shape, options);
  const { mean, variance } = momentsOver(style, layoutOf(style.shape, options).spatial);
  const instances = otherAxes(content.shape, spatial);
  if (formatShape(mean.shape) !== formatShape(instances.map((axis) => content.shape[axis]!))) {
    throw new Error(
      `adaptiveInstanceNorm: style ${formatShape(style.shape)} and content ${formatShape(content.shape)} differ in samples or channels`,
    );
  }
  const shape = keepOnly(content.shape, instances);
  return normalizeOver(content, spatial, measureOf('mean-variance', eps), {
    weight: { data: variance.data.map((value) => Math.sqrt(value + eps)), shape },
    bias: { data: mean.data, shape },
  });
}
