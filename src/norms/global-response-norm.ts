import { FUSIONS, LAYOUT } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import { checkElements } from '../problem/empty.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { RESPONSE_SHADERS, STATISTIC_SHADERS } from '../programs/shaders.ts';
import { instanceAxes } from './instance-norm.ts';
import type { AffineOptions } from './options.ts';

export interface GlobalResponseNormOptions<T> extends Omit<AffineOptions<T>, 'zeroCenteredWeight'>, LayoutOptions {
  /** Added to the mean of the norms. Default: 1e-6. */
  eps?: number | undefined;
}

/** Norms as InstanceNorm's groups are, each divided by the mean of those of its sample. */
export const globalResponseNormDefinition: Definition<GlobalResponseNormOptions<unknown>> = {
  op: 'globalResponseNorm',
  options: ['weight', 'bias', 'eps', ...LAYOUT, ...FUSIONS],
  axes: (shape, options) => instanceAxes('globalResponseNorm', shape, options),
  layout: (shape, options) => resolveLayout('globalResponseNorm', shape, options),
  statistic: () => 'response',
  eps: ({ eps = 1e-6 }) => eps,
  check: (shape, options) =>
    checkElements('globalResponseNorm', 'x', shape, instanceAxes('globalResponseNorm', shape, options)),
  shaders: [RESPONSE_SHADERS, STATISTIC_SHADERS],
};
