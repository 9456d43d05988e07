import type { Affine, Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import { gradientOver, pullbackOf } from './gradients.ts';
import type { Gradients } from './gradients.ts';
import type { NdArray } from './ndarray.ts';
import { resolveAxes } from './ndarray.ts';
import type { Statistic } from './statistics.ts';
import { DEFAULT_EPS, measureOf } from './statistics.ts';

export interface NormalizeOptions extends Affine {
  /** The axes along which the elements that share statistics differ. */
  axes: number | readonly number[];
  /** Default 'mean-variance'. */
  statistic?: Statistic | undefined;
  /** Default 1e-5 for 'mean-variance', 2⁻²³ for 'rms', 1e-12 for the others. */
  eps?: number | undefined;
}

/**
 * Any axes, any statistic; weight and bias broadcast to x by NumPy's rules.
 *
 *     mean-variance   (x − mean) / sqrt(variance + eps), the variance biased
 *     rms             x / sqrt(mean(x²) + eps)
 *     l2              x / max(sqrt(Σx²), eps)
 *     l1              x / max(Σ|x|, eps)
 *     sum             x / Σx, or where |Σx| < eps, x / ±eps with the sum's sign
 *
 * @throws Error where the shapes, axes, statistic or eps make no sense.
 */
export function normalize(
  x: NdArray,
  { axes, statistic = 'mean-variance', eps, ...affine }: NormalizeOptions,
): Normalized {
  return normalizeOver(x, resolveAxes(axes, x.shape), measureOf(statistic, eps), affine);
}

/**
 * The gradients of {@link normalize}.
 *
 * @throws Error where the shapes, axes, statistic or eps make no sense.
 */
export function normalizeBackward(
  dy: NdArray,
  x: NdArray,
  { axes, statistic = 'mean-variance', eps = DEFAULT_EPS[statistic], ...affine }: NormalizeOptions,
): Gradients {
  const measure = measureOf(statistic, eps);
  return gradientOver(dy, x, resolveAxes(axes, x.shape), measure, pullbackOf(statistic, eps), affine);
}
