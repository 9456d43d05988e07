import { AFFINE } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineByNumPy } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import type { Grouping } from './groups.ts';
import type { NdArray } from './ndarray.ts';
import { resolveAxes } from './ndarray.ts';
import { pullbackOf } from './pullback.ts';
import { firstAndLast } from './spread.ts';
import type { Statistic } from './statistics.ts';
import { checkStatistic, DEFAULT_EPS, measureOf } from './statistics.ts';

export interface NormalizeOptions extends Affine, FusionOptions {
  /** The axes along which the elements that share statistics differ. */
  axes: number | readonly number[];
  statistic: Statistic;
  /** Default 1e-5 for 'mean-variance', 2⁻²³ for 'rms', 1e-12 for the others. */
  eps?: number | undefined;
}

const OPTIONS = ['axes', 'statistic', ...AFFINE, ...FUSIONS] as const;

/**
 * Any axes, any statistic; weight and bias broadcast to x by NumPy's rules; and what {@link FusionOptions} say.
 *
 *     mean-variance   (x − mean) / sqrt(variance + eps), the variance biased
 *     rms             x / sqrt(mean(x²) + eps)
 *     l2              x / max(sqrt(Σx²), eps)
 *     l1              x / max(Σ|x|, eps)
 *     linf            x / max(max(|x|), eps)
 *     sum             x / Σx, or where |Σx| < eps, x / ±eps with the sum's sign
 *
 * @throws NormError `axes`, `shape`, `parameter`, `eps`, `option` where the shapes, axes, statistic or options make no sense.
 * @example const { y } = normalize(x, { axes: [-1], statistic: 'l2' });
 */
export function normalize(x: NdArray, options: NormalizeOptions, ...more: readonly never[]): Normalized {
  checkCall('normalize', { x }, options, OPTIONS, more);
  checkStatistic('normalize', options.statistic);
  const { statistic, eps } = options;
  const { grouping, fusion } = prepare(x, options);
  return normalizeOver(x, grouping, measureOf(statistic, eps), fusion);
}

/**
 * The gradients of {@link normalize}.
 *
 * @throws NormError as {@link normalize}.
 * @example const { dx } = normalizeBackward(dy, x, { axes: [-1], statistic: 'l2' });
 */
export function normalizeBackward(
  dy: NdArray,
  x: NdArray,
  options: NormalizeOptions & BackwardOptions,
  ...more: readonly never[]
): Gradients {
  checkCall('normalizeBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD], more);
  checkStatistic('normalizeBackward', options.statistic);
  const { statistic, eps = DEFAULT_EPS[statistic], dresidualOut } = options;
  const { grouping, fusion } = prepare(x, options);
  return gradientOver({ dy, dresidualOut }, x, grouping, measureOf(statistic, eps), pullbackOf(statistic, eps), fusion);
}

function prepare({ shape }: NdArray, options: NormalizeOptions): { grouping: Grouping; fusion: Fusion } {
  const axes = resolveAxes(options.axes, shape);
  const affine = affineByNumPy(shape, options);
  return { grouping: { shape, axes }, fusion: fusionOf(shape, firstAndLast(shape), options, affine) };
}
