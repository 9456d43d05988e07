import { NormError } from '../errors.ts';
import { FUSIONS } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import type { TensorSpec } from '../problem/parameters.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import { STATISTIC_SHADERS } from '../programs/shaders.ts';
import { normalizedAxes } from './layer-norm.ts';
import type { AffineOptions } from './options.ts';

export interface ScaleNormOptions<T> extends Omit<AffineOptions<T>, 'bias'> {
  /** The axes that a vector lies along. Default: `[-1]`. */
  axes?: number | readonly number[] | undefined;
  /** One element: the length that vectors get. */
  weight?: T | undefined;
  /** The least norm that is divided by. Default: 1e-5. */
  eps?: number | undefined;
}

export const scaleNormDefinition: Definition<ScaleNormOptions<unknown>> = {
  op: 'scaleNorm',
  options: ['axes', 'weight', 'zeroCenteredWeight', 'eps', ...FUSIONS],
  axes: (shape, { axes }) => normalizedAxes('scaleNorm', shape, axes).map((axis) => ({ ...axis, parameter: false })),
  statistic: () => 'l2',
  eps: ({ eps = 1e-5 }) => eps,
  broadcasts: true,
  shaders: [STATISTIC_SHADERS],
  check: (_, { weight }) => {
    const shape = (weight as TensorSpec | undefined)?.shape;
    if (shape && sizeOf(shape) !== 1) {
      throw new NormError('parameter', `scaleNorm: weight has shape ${formatShape(shape)}; it must have one element`);
    }
  },
};
