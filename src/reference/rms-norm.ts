import { NormError } from '../errors.ts';
import { AFFINE, MASKS } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineAlongOrTrailing } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { MaskOptions } from './counting.ts';
import { maskAlongLast } from './counting.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import type { Grouping } from './groups.ts';
import type { NdArray } from './ndarray.ts';
import { resolveAxes } from './ndarray.ts';
import { pullbackOf } from './pullback.ts';
import { rotationOf } from './rotary.ts';
import type { RotaryOptions } from './rotary.ts';
import type { HalfDtype } from './rounding.ts';
import { firstAndLast } from './spread.ts';
import { DEFAULT_EPS, measureOf } from './statistics.ts';

/** Weight and bias have the shape of the normalized axes, in axis order; or that of trailing axes with all of them. */
export interface RmsNormOptions extends Affine, FusionOptions, MaskOptions {
  /** The normalized axes. Default: the last. */
  axes?: number | readonly number[] | undefined;
  /** Default 2⁻²³. */
  eps?: number | undefined;
  /** The share of the normalized elements, from the first on, whose squares are averaged: pRMSNorm. Default 1. */
  partial?: number | undefined;
  /** The dtype that s / divisor is rounded to before weight and bias are applied. Default: none. */
  castBeforeWeight?: HalfDtype | undefined;
  /** How y is rotated, where the last axis alone is normalized. Default: it is not. */
  rotary?: RotaryOptions | undefined;
}

export const OPTIONS: readonly string[] = [
  'axes',
  'partial',
  'castBeforeWeight',
  'rotary',
  ...AFFINE,
  ...MASKS,
  ...FUSIONS,
];

/**
 * y = x / sqrt(mean(x²) + eps) · weight + bias, the mean over `axes`, for each index of the others; and what
 * {@link FusionOptions} say. With `partial`, the mean is over the first max(1, floor(partial · n)) of the n elements.
 *
 * Zhang, Sennrich 2019, Root Mean Square Layer Normalization, https://arxiv.org/abs/1910.07467
 *
 * @throws NormError `axes`, `shape`, `parameter`, `eps`, `option` where the shapes, axes or options make no sense.
 * @example const { y } = rmsNorm(x, { weight, eps: 1e-6 });
 */
export function rmsNorm(x: NdArray, options: RmsNormOptions = {}, ...more: readonly never[]): Normalized {
  checkCall('rmsNorm', { x }, options, OPTIONS, more);
  const { grouping, fusion } = prepare(x, options);
  return normalizeOver(x, grouping, measureOf('rms', options.eps), fusion);
}

/**
 * The gradients of {@link rmsNorm}.
 *
 * @throws NormError as {@link rmsNorm}.
 * @example const { dx, dweight } = rmsNormBackward(dy, x, { weight });
 */
export function rmsNormBackward(
  dy: NdArray,
  x: NdArray,
  options: RmsNormOptions & BackwardOptions = {},
  ...more: readonly never[]
): Gradients {
  checkCall('rmsNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD], more);
  const { eps = DEFAULT_EPS['rms'], dresidualOut } = options;
  const { grouping, fusion } = prepare(x, options);
  return gradientOver({ dy, dresidualOut }, x, grouping, measureOf('rms', eps), pullbackOf('rms', eps), fusion);
}

function prepare({ shape }: NdArray, options: RmsNormOptions): { grouping: Grouping; fusion: Fusion } {
  const { partial, castBeforeWeight, maskOutput } = options;
  if (options.mask && partial !== undefined) {
    throw new NormError('option', 'rmsNorm: mask and partial are both given; each says which elements count');
  }
  const axes = resolveAxes(options.axes ?? [-1], shape);
  const affine = affineAlongOrTrailing(axes, shape, options);
  const rotation = rotationOf('rmsNorm', shape, axes, options.rotary);
  const mask = options.mask && maskAlongLast(options.mask, shape);
  const fusion = fusionOf(shape, firstAndLast(shape), options, {
    ...affine,
    mask,
    maskOutput,
    partial,
    castBeforeWeight,
    rotation,
  });
  return { grouping: { shape, axes }, fusion };
}
