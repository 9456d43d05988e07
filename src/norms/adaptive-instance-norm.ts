import { NormError } from '../errors.ts';
import { FUSIONS, LAYOUT } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import { checkElements } from '../problem/empty.ts';
import type { FusionOptions } from '../problem/fusion.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { stateStyle } from '../problem/style.ts';
import { STATISTIC_SHADERS } from '../programs/shaders.ts';
import { instanceAxes } from './instance-norm.ts';

export interface AdaptiveInstanceNormOptions<T> extends FusionOptions<T>, LayoutOptions {
  /** Added to both variances, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** Divide both sums of squares by n - 1 rather than by n, as the published code does. Default: false. */
  unbiased?: boolean | undefined;
}

/** Parameters vary over samples and channels, and are measured of the style. */
export const adaptiveInstanceNormDefinition: Definition<AdaptiveInstanceNormOptions<unknown> & { style?: unknown }> = {
  op: 'adaptiveInstanceNorm',
  options: ['eps', 'unbiased', 'style', ...LAYOUT, ...FUSIONS],
  axes: (shape, options) =>
    instanceAxes('adaptiveInstanceNorm', shape, options).map((axis) => ({ ...axis, parameter: !axis.reduced })),
  layout: (shape, options) => resolveLayout('adaptiveInstanceNorm', shape, options),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  check: (shape, { style, ...options }) => {
    if (!style) throw new NormError('option', 'adaptiveInstanceNorm: style is missing; it must be a Tensor');
    checkElements('adaptiveInstanceNorm', 'content', shape, instanceAxes('adaptiveInstanceNorm', shape, options));
  },
  states: [stateStyle],
  shaders: [STATISTIC_SHADERS],
};
