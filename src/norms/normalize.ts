import { AFFINE, FUSIONS } from '../options/names.ts';
import { resolveAxes } from '../problem/axes.ts';
import type { Definition } from '../problem/definition.ts';
import { checkChoice } from '../options/checks.ts';
import { STATISTICS } from '../problem/statistics.ts';
import type { Statistic } from '../problem/statistics.ts';
import { STATISTIC_SHADERS } from '../programs/shaders.ts';
import type { AffineOptions } from './options.ts';

export interface NormalizeOptions<T> extends AffineOptions<T> {
  /** The axes whose elements share statistics. */
  axes: number | readonly number[];
  /** The statistic that the elements are divided by. */
  statistic: Statistic;
  /** Default: 1e-5 for mean-variance, 2^-23 for rms, 1e-12 for the norms and the sum. */
  eps?: number | undefined;
}

export const normalizeDefinition: Definition<NormalizeOptions<unknown>> = {
  op: 'normalize',
  options: ['axes', 'statistic', ...AFFINE, ...FUSIONS],
  axes: (shape, { axes }) => {
    const reduced = resolveAxes('normalize', axes, shape);
    return shape.map((size, axis) => ({
      axis,
      size,
      reduced: reduced.includes(axis),
      parameter: false,
      channel: false,
    }));
  },
  statistic: ({ statistic }) => checked(statistic),
  eps: ({ statistic, eps = STATISTICS[checked(statistic)].eps }) => eps,
  broadcasts: true,
  shaders: [STATISTIC_SHADERS],
};

/** @throws NormError `option` where a call does not say by what it normalizes. */
function checked(statistic: Statistic): Statistic {
  checkChoice('normalize', 'statistic', statistic, Object.keys(STATISTICS));
  return statistic;
}
