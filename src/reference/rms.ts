import type { Affine, Normalized } from './core.ts';
import { affineAlong, normalizeOver } from './core.ts';
import { gradientOver, inGivenShapes, pullbackOf } from './gradients.ts';
import type { Gradients } from './gradients.ts';
import type { NdArray } from './ndarray.ts';
import { resolveAxes } from './ndarray.ts';
import { DEFAULT_EPS, measureOf } from './statistics.ts';

/** Weight and bias have the shape of the normalized axes, in axis order. */
export interface RmsNormOptions extends Affine {
  /** The normalized axes. Default: the last. */
  axes?: number | readonly number[] | undefined;
  /** Default 2⁻²³. */
  eps?: number | undefined;
}

/**
 * y = x / sqrt(mean(x²) + eps) · weight + bias, the mean over `axes`, for each index of the others.
 *
 * Zhang, Sennrich 2019, Root Mean Square Layer Normalization, https://arxiv.org/abs/1910.07467
 *
 * @throws Error where the shapes, axes or eps make no sense.
 */
export function rmsNorm(x: NdArray, options: RmsNormOptions = {}): Normalized {
  const axes = resolveAxes(options.axes ?? [-1], x.shape);
  return normalizeOver(x, axes, measureOf('rms', options.eps), affineAlong(axes, x.shape, options));
}

/**
 * The gradients of {@link rmsNorm}.
 *
 * @throws Error where the shapes, axes or eps make no sense.
 */
export function rmsNormBackward(dy: NdArray, x: NdArray, options: RmsNormOptions = {}): Gradients {
  const axes = resolveAxes(options.axes ?? [-1], x.shape);
  const { eps = DEFAULT_EPS['rms'] } = options;
  const affine = affineAlong(axes, x.shape, options);
  const measure = measureOf('rms', eps);
  return inGivenShapes(gradientOver(dy, x, axes, measure, pullbackOf('rms', eps), affine), options);
}
