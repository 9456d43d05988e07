import type { Normalized } from './core.ts';
import { erf } from './erf.ts';
import type { BackwardOptions } from './gradients.ts';
import type { NdArray } from './ndarray.ts';
import { pointwise, pointwiseBackward } from './pointwise.ts';
import type { Pointwise, PointwiseGradients, PointwiseOptions } from './pointwise.ts';

export type DynamicErfOptions = PointwiseOptions;

const ERF: Pointwise = {
  op: 'dynamicErf',
  curve: { value: erf, gradient: (z, dy) => dy * (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) },
  takes: ['alpha', 'inputShift'],
};

/**
 * y = erf(alpha · x + inputShift) · weight + bias; and what {@link FusionOptions} say. Nothing is measured: mean and rstd have no element.
 *
 * Chen et al. 2025, Stronger Normalization-Free Transformers, https://arxiv.org/abs/2512.10938
 *
 * @throws NormError `axes`, `shape`, `parameter`, `option` where the shapes, axes or options make no sense.
 * @example const { y } = dynamicErf(x, { alpha, inputShift, weight, bias });
 */
export function dynamicErf(x: NdArray, options: DynamicErfOptions, ...more: readonly never[]): Normalized {
  return pointwise(ERF, x, options, more);
}

/**
 * The gradients of {@link dynamicErf}.
 *
 * @throws NormError as {@link dynamicErf}.
 * @example const { dx, dalpha } = dynamicErfBackward(dy, x, { alpha });
 */
export function dynamicErfBackward(
  dy: NdArray,
  x: NdArray,
  options: DynamicErfOptions & BackwardOptions,
  ...more: readonly never[]
): PointwiseGradients {
  return pointwiseBackward(ERF, dy, x, options, more);
}
