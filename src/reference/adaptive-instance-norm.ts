import { NormError } from '../errors.ts';
import { LAYOUT } from '../options/names.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { gather, normalizeOver } from './core.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf } from './fusion.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { Grouping } from './groups.ts';
import { checkElements, placesIn } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import { momentsOver } from './moments.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { formatShape, keepOnly, otherAxes } from './ndarray.ts';
import { pullbackOf } from './pullback.ts';
import { spreadByNumPy } from './spread.ts';
import { besselOf, measureOf } from './statistics.ts';

export interface AdaptiveInstanceNormOptions extends FusionOptions, LayoutOptions {
  /** Added to both variances. Default 1e-5. */
  eps?: number | undefined;
  /** Whether both variances are Σ(s − mean)² / (n − 1). Default false: / n. */
  unbiased?: boolean | undefined;
}

const OPTIONS = ['eps', 'unbiased', ...LAYOUT, ...FUSIONS] as const;

/**
 * Gives the content the style's mean and deviation, for each channel of each sample:
 *
 *     y = (x − mean(content)) / sqrt(variance(content) + eps) · sqrt(variance(style) + eps) + mean(style)
 *
 * Content and style share layout, samples and channels; the style's other axes may have other sizes. A residual is added to
 * the content; the style's deviation and mean are the weight and bias of what {@link FusionOptions} say.
 *
 * Huang, Belongie 2017, Arbitrary Style Transfer with Adaptive Instance Normalization, https://arxiv.org/abs/1703.06868
 *
 * @throws NormError `layout`, `shape`, `parameter`, `eps`, `option` where the shapes or options make no sense.
 * @example const { y } = adaptiveInstanceNorm(content, style);
 */
export function adaptiveInstanceNorm(
  content: NdArray,
  style: NdArray,
  options: AdaptiveInstanceNormOptions = {},
  ...more: readonly never[]
): Normalized {
  checkCall('adaptiveInstanceNorm', { content, style }, options, OPTIONS, more);
  const { grouping, fusion } = prepare(content, style, options);
  return normalizeOver(content, grouping, measureOf('mean-variance', options.eps, options.unbiased), fusion);
}

/** The derivatives of Σ dy · y + Σ dresidualOut · s; `dx` is that with respect to the content. */
export interface AdaptiveInstanceNormGradients extends Omit<Gradients, 'dweight' | 'dbias'> {
  dstyle: Float64NdArray;
}

/**
 * The gradients of {@link adaptiveInstanceNorm}. The style reaches y by its mean and its deviation σ = sqrt(variance + eps),
 * which for m positions depend on it by ∂mean/∂style = 1/m and ∂σ/∂style = (style − mean) / (m · σ), or / ((m − 1) · σ) where it is unbiased.
 *
 * @throws NormError as {@link adaptiveInstanceNorm}.
 * @example const { dx, dstyle } = adaptiveInstanceNormBackward(dy, content, style);
 */
export function adaptiveInstanceNormBackward(
  dy: NdArray,
  content: NdArray,
  style: NdArray,
  options: AdaptiveInstanceNormOptions & BackwardOptions = {},
  ...more: readonly never[]
): AdaptiveInstanceNormGradients {
  checkCall('adaptiveInstanceNormBackward', { dy, content, style }, options, [...OPTIONS, ...BACKWARD], more);
  const { eps = 1e-5, unbiased = false, dresidualOut } = options;
  const { grouping, fusion, means, deviations } = prepare(content, style, options);
  const measure = measureOf('mean-variance', eps, unbiased);
  const pullback = pullbackOf('mean-variance', eps, unbiased);
  const gradients = gradientOver({ dy, dresidualOut }, content, grouping, measure, pullback, fusion);
  const { dweight, dbias, ...others } = gradients;
  const at = placesIn({ shape: style.shape, axes: layoutOf(style.shape, options).spatial });
  const count = at.element.length;
  const dstyle = new Float64Array(style.data.length);
  const values = new Float64Array(count);
  for (let g = 0; g < at.group.length; g++) {
    gather(style.data, at.group[g]!, at.element, values);
    for (let e = 0; e < count; e++) {
      const spread = deviations[g] === 0 ? 0 : (values[e]! - means[g]!) / deviations[g]!;
      dstyle[at.group[g]! + at.element[e]!] =
        dbias!.data[g]! / count + (dweight!.data[g]! * spread) / (unbiased ? count - 1 : count);
    }
  }
  return { ...others, dstyle: { data: dstyle, shape: style.shape } };
}

/** The style's means and deviations, one of each a group of the content, too. */
function prepare(
  content: NdArray,
  style: NdArray,
  options: AdaptiveInstanceNormOptions,
): { grouping: Grouping; fusion: Fusion; means: Float64Array; deviations: Float64Array } {
  const { eps = 1e-5, unbiased } = options;
  const layout = layoutOf(content.shape, options);
  checkElements('adaptiveInstanceNorm: content', { shape: content.shape, axes: layout.spatial });
  checkElements('adaptiveInstanceNorm: style', { shape: style.shape, axes: layoutOf(style.shape, options).spatial });
  const { mean, variance, count } = momentsOver(style, layoutOf(style.shape, options).spatial);
  const instances = otherAxes(content.shape, layout.spatial);
  if (formatShape(mean.shape) !== formatShape(instances.map((axis) => content.shape[axis]!))) {
    throw new NormError(
      'shape',
      `adaptiveInstanceNorm: style ${formatShape(style.shape)} and content ${formatShape(content.shape)} differ in samples or channels`,
    );
  }
  const shape = keepOnly(content.shape, instances);
  const bessel = unbiased && mean.data.length > 0 ? besselOf(count) : 1;
  const deviations = variance.data.map((value) => Math.sqrt(value * bessel + eps));
  const fusion = fusionOf(content.shape, layout, options, {
    weight: spreadByNumPy('deviation of style', { data: deviations, shape }, content.shape),
    bias: spreadByNumPy('mean of style', { data: mean.data, shape }, content.shape),
  });
  return { grouping: { shape: content.shape, axes: layout.spatial }, fusion, means: mean.data, deviations };
}
