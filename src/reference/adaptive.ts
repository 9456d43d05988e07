import type { Normalized } from './core.ts';
import { gather, normalizeOver } from './core.ts';
import { gradientOver, pullbackOf } from './gradients.ts';
import { placesOf } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import { momentsOver } from './moments.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { formatShape, keepOnly, otherAxes } from './ndarray.ts';
import { centre, measureOf } from './statistics.ts';

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

/** The derivatives of Σ dy · y with respect to content and style. */
export interface AdaptiveInstanceNormGradients {
  dx: Float64NdArray;
  dstyle: Float64NdArray;
}

/**
 * The gradients of {@link adaptiveInstanceNorm}. The style reaches y by its mean and its deviation σ = sqrt(variance + eps),
 * which for m positions depend on it by ∂mean/∂style = 1/m and ∂σ/∂style = (style − mean) / (m · σ).
 *
 * @throws Error where the shapes or options make no sense.
 */
export function adaptiveInstanceNormBackward(
  dy: NdArray,
  content: NdArray,
  style: NdArray,
  options: AdaptiveInstanceNormOptions = {},
): AdaptiveInstanceNormGradients {
  const { eps = 1e-5 } = options;
  const { spatial } = layoutOf(content.shape, options);
  const ofStyle = layoutOf(style.shape, options).spatial;
  const { variance, count } = momentsOver(style, ofStyle);
  const shape = keepOnly(content.shape, otherAxes(content.shape, spatial));
  const deviation = { data: variance.data.map((value) => Math.sqrt(value + eps)), shape };
  const { dx, dweight, dbias } = gradientOver(
    dy,
    content,
    spatial,
    measureOf('mean-variance', eps),
    pullbackOf('mean-variance', eps),
    { weight: deviation, bias: { data: new Float64Array(variance.data.length), shape } },
  );
  const at = placesOf('style', style.shape, style.shape, ofStyle);
  const dstyle = new Float64Array(style.data.length);
  const values = new Float64Array(count);
  for (let g = 0; g < at.group.length; g++) {
    gather(style.data, at.group[g]!, at.element, values);
    centre(values);
    for (let e = 0; e < count; e++) {
      const spread = deviation.data[g] === 0 ? 0 : values[e]! / deviation.data[g]!;
      dstyle[at.group[g]! + at.element[e]!] = (dbias!.data[g]! + dweight!.data[g]! * spread) / count;
    }
  }
  return { dx, dstyle: { data: dstyle, shape: style.shape } };
}
