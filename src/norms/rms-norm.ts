import { AFFINE, FUSIONS, MASKS } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import { stateRotary } from '../problem/rotary.ts';
import { STATISTIC_SHADERS } from '../programs/shaders.ts';
import { normalizedAxes } from './layer-norm.ts';
import type { NormalizedOptions } from './layer-norm.ts';

/** As of LayerNorm; eps is 2^-23 unless told otherwise, the epsilon of f32. */
export interface RmsNormOptions<T, U = T> extends NormalizedOptions<T, U> {
  /** The share of each row, from its beginning, that the mean square is taken of: partial RMSNorm. Default: 1, all of it. */
  partial?: number | undefined;
}

export const rmsNormDefinition: Definition<RmsNormOptions<unknown>> = {
  op: 'rmsNorm',
  options: ['axes', 'partial', 'castBeforeWeight', 'rotary', ...AFFINE, ...MASKS, ...FUSIONS],
  axes: (shape, { axes }) => normalizedAxes('rmsNorm', shape, axes),
  statistic: () => 'rms',
  eps: ({ eps = 2 ** -23 }) => eps,
  trailing: true,
  states: [stateRotary],
  shaders: [STATISTIC_SHADERS],
};
