import { NormError } from '../errors.ts';
import { AFFINE, MASKS, SEGMENTS } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineAlong, affineAlongOrTrailing } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { MaskOptions } from './counting.ts';
import { maskAlongLast, selects } from './counting.ts';
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
import { normalizeSegments, segmentsBackward } from './segments.ts';
import type { SegmentsOptions } from './segments.ts';
import { DEFAULT_EPS, measureOf } from './statistics.ts';

/** Weight and bias have the shape of the normalized axes, in axis order; or that of trailing axes with all of them. */
export interface LayerNormOptions extends Affine, FusionOptions, MaskOptions, SegmentsOptions {
  /** The normalized axes. Default: the last. */
  axes?: number | readonly number[] | undefined;
  /** Default 1e-5. */
  eps?: number | undefined;
  /** Whether the variance is Σ(s − mean)² / (n − 1). Default false: / n. */
  unbiased?: boolean | undefined;
  /** The dtype that (s − mean) / divisor is rounded to before weight and bias are applied. Default: none. */
  castBeforeWeight?: HalfDtype | undefined;
  /** How y is rotated, where the last axis alone is normalized. Default: it is not. */
  rotary?: RotaryOptions | undefined;
}

export const OPTIONS: readonly string[] = [
  'axes',
  'unbiased',
  'castBeforeWeight',
  'rotary',
  ...AFFINE,
  ...MASKS,
  ...SEGMENTS,
  ...FUSIONS,
];

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics over `axes`, for each index of the others; and what
 * {@link FusionOptions} say. Gradients take the rounding of `castBeforeWeight` for the identity.
 *
 * Ba, Kiros, Hinton 2016, Layer Normalization, https://arxiv.org/abs/1607.06450
 *
 * @throws NormError `axes`, `shape`, `parameter`, `eps`, `option` where the shapes, axes or options make no sense.
 * @example const { y } = layerNorm({ data, shape: [8, 768] }, { axes: [-1] });
 */
export function layerNorm(x: NdArray, options: LayerNormOptions = {}, ...more: readonly never[]): Normalized {
  checkCall('layerNorm', { x }, options, OPTIONS, more);
  if (options.segments !== undefined) {
    return normalizeSegments('layerNorm', x, options, (of, own) => normalizeIn(of, own, prepareSequence(of, own)));
  }
  return normalizeIn(x, options, prepare(x, options));
}

function normalizeIn(x: NdArray, { eps, unbiased }: LayerNormOptions, { grouping, fusion }: Prepared): Normalized {
  return normalizeOver(x, grouping, measureOf('mean-variance', eps, unbiased), fusion);
}

/**
 * The gradients of {@link layerNorm}.
 *
 * @throws NormError as {@link layerNorm}.
 * @example const { dx } = layerNormBackward(dy, x);
 */
export function layerNormBackward(
  dy: NdArray,
  x: NdArray,
  options: LayerNormOptions & BackwardOptions = {},
  ...more: readonly never[]
): Gradients {
  checkCall('layerNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD], more);
  if (options.segments !== undefined) {
    return segmentsBackward('layerNormBackward', dy, x, options, (arriving, of, own) =>
      gradientIn(arriving, of, own, prepareSequence(of, own)),
    );
  }
  return gradientIn(dy, x, options, prepare(x, options));
}

function gradientIn(
  dy: NdArray,
  x: NdArray,
  { eps = DEFAULT_EPS['mean-variance'], unbiased, dresidualOut }: LayerNormOptions & BackwardOptions,
  { grouping, fusion }: Prepared,
): Gradients {
  const measure = measureOf('mean-variance', eps, unbiased);
  return gradientOver({ dy, dresidualOut }, x, grouping, measure, pullbackOf('mean-variance', eps, unbiased), fusion);
}

interface Prepared {
  grouping: Grouping;
  fusion: Fusion;
}

/** A whole sequence [1, length, C], with a weight and a bias a channel. */
function prepareSequence({ shape }: NdArray, options: LayerNormOptions): Prepared {
  const { castBeforeWeight } = options;
  const affine = affineAlong([2], shape, options);
  return {
    grouping: { shape, axes: [1, 2] },
    fusion: fusionOf(shape, firstAndLast(shape), options, { ...affine, castBeforeWeight }),
  };
}

function prepare({ shape }: NdArray, options: LayerNormOptions): Prepared {
  const axes = resolveAxes(options.axes ?? [-1], shape);
  const affine = affineAlongOrTrailing(axes, shape, options);
  const { castBeforeWeight, maskOutput, unbiased } = options;
  const mask = options.mask && maskAlongLast(options.mask, shape);
  const grouping = { shape, axes };
  if (unbiased && selects(mask, grouping)) {
    throw new NormError(
      'option',
      'layerNorm: mask and unbiased are both given; the variance of what a mask leaves is biased',
    );
  }
  const rotation = rotationOf('layerNorm', shape, axes, options.rotary);
  return {
    grouping,
    fusion: fusionOf(shape, firstAndLast(shape), options, { ...affine, mask, maskOutput, castBeforeWeight, rotation }),
  };
}
