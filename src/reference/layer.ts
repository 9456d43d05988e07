import type { Affine, Normalized } from './core.ts';
import { affineAlong, normalizeOver } from './core.ts';
import { gradientOver, inGivenShapes, pullbackOf } from './gradients.ts';
import type { Gradients } from './gradients.ts';
import type { NdArray } from './ndarray.ts';
import { resolveAxes } from './ndarray.ts';
import { DEFAULT_EPS, measureOf } from './statistics.ts';

/** Weight and bias have the shape of the normalized axes, in axis order. */
export interface LayerNormOptions extends Affine {
  /** The normalized axes. Default: the last. */
  axes?: number | readonly number[] | undefined;
  /** Default 1e-5. */
  eps?: number | undefined;
}

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics over `axes`, for each index of the others.
 *
 * Ba, Kiros, Hinton 2016, Layer Normalization, https://arxiv.org/abs/1607.06450
 *
 * @throws Error where the shapes, axes or eps make no sense.
 */
export function layerNorm(x: NdArray, options: LayerNormOptions = {}): Normalized {
  const axes = resolveAxes(options.axes ?? [-1], x.shape);
  return normalizeOver(x, axes, measureOf('mean-variance', options.eps), affineAlong(axes, x.shape, options));
}

/**
 * The gradients of {@link layerNorm}.
 *
 * @throws Error where the shapes, axes or eps make no sense.
 */
export function layerNormBackward(dy: NdArray, x: NdArray, options: LayerNormOptions = {}): Gradients {
  const axes = resolveAxes(options.axes ?? [-1], x.shape);
  const { eps = DEFAULT_EPS['mean-variance'] } = options;
  const affine = affineAlong(axes, x.shape, options);
  const measure = measureOf('mean-variance', eps);
  return inGivenShapes(gradientOver(dy, x, axes, measure, pullbackOf('mean-variance', eps), affine), options);
}
