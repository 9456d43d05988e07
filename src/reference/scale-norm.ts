import { NormError } from '../errors.ts';
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
import { measureOf } from './statistics.ts';

export interface ScaleNormOptions extends Omit<Affine, 'bias'>, FusionOptions {
  /** The axes of a vector. Default: the last. */
  axes?: number | readonly number[] | undefined;
  /** Default 1e-5. */
  eps?: number | undefined;
}

const OPTIONS = ['axes', 'eps', 'weight', 'zeroCenteredWeight', ...FUSIONS] as const;

/**
 * y = x / max(sqrt(Σx²), eps) · weight, Σ over `axes` for each index of the others; and what {@link FusionOptions} say.
 *
 * Nguyen, Salazar 2019, Transformers without Tears, https://arxiv.org/abs/1910.05895
 *
 * @throws NormError `axes`, `shape`, `parameter`, `eps`, `option` where the shapes, axes or options make no sense.
 * @example const { y } = scaleNorm(x, { weight });
 */
export function scaleNorm(x: NdArray, options: ScaleNormOptions = {}, ...more: readonly never[]): Normalized {
  checkCall('scaleNorm', { x }, options, OPTIONS, more);
  const { grouping, fusion } = prepare(x, options);
  return normalizeOver(x, grouping, measureOf('l2', options.eps ?? 1e-5), fusion);
}

/**
 * The gradients of {@link scaleNorm}.
 *
 * @throws NormError as {@link scaleNorm}.
 * @example const { dx, dweight } = scaleNormBackward(dy, x, { weight });
 */
export function scaleNormBackward(
  dy: NdArray,
  x: NdArray,
  options: ScaleNormOptions & BackwardOptions = {},
  ...more: readonly never[]
): Gradients {
  checkCall('scaleNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD], more);
  const { eps = 1e-5, dresidualOut } = options;
  const { grouping, fusion } = prepare(x, options);
  return gradientOver({ dy, dresidualOut }, x, grouping, measureOf('l2', eps), pullbackOf('l2', eps), fusion);
}

function prepare({ shape }: NdArray, options: ScaleNormOptions): { grouping: Grouping; fusion: Fusion } {
  const { axes = [-1], weight, zeroCenteredWeight } = options;
  if (weight && weight.data.length !== 1)
    throw new NormError('parameter', `weight has ${weight.data.length} elements; it must have 1`);
  const affine = affineByNumPy(shape, { weight, zeroCenteredWeight });
  return {
    grouping: { shape, axes: resolveAxes(axes, shape) },
    fusion: fusionOf(shape, firstAndLast(shape), options, affine),
  };
}
