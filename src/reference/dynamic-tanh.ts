import type { Normalized } from './core.ts';
import type { BackwardOptions } from './gradients.ts';
import type { NdArray } from './ndarray.ts';
import { pointwise, pointwiseBackward } from './pointwise.ts';
import type { Pointwise, PointwiseGradients, PointwiseOptions } from './pointwise.ts';

export type DynamicTanhOptions = Omit<PointwiseOptions, 'inputShift'>;

const TANH: Pointwise = {
  op: 'dynamicTanh',
  curve: { value: Math.tanh, gradient: (z, dy) => dy / Math.cosh(z) ** 2 },
  takes: ['alpha'],
};

/**
 * y = tanh(alpha · x) · weight + bias; and what {@link FusionOptions} say. Nothing is measured: mean and rstd have no element.
 *
 * Zhu et al. 2025, Transformers without Normalization, https://arxiv.org/abs/2503.10622
 *
 * @throws NormError `axes`, `shape`, `parameter`, `option` where the shapes, axes or options make no sense.
 * @example const { y } = dynamicTanh(x, { alpha, weight, bias });
 */
export function dynamicTanh(x: NdArray, options: DynamicTanhOptions, ...more: readonly never[]): Normalized {
  return pointwise(TANH, x, options, more);
}

/**
 * The gradients of {@link dynamicTanh}.
 *
 * @throws NormError as {@link dynamicTanh}.
 * @example const { dx, dalpha } = dynamicTanhBackward(dy, x, { alpha });
 */
export function dynamicTanhBackward(
  dy: NdArray,
  x: NdArray,
  options: DynamicTanhOptions & BackwardOptions,
  ...more: readonly never[]
): PointwiseGradients {
  return pointwiseBackward(TANH, dy, x, options, more);
}
