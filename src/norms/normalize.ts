import { resolveAxes } from '../problem/axes.ts';
import type { Definition, Statistic } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { checkChoice } from '../problem/options.ts';
import { AFFINE } from './options.ts';
import type { AffineOptions } from './options.ts';

export interface NormalizeOptions<T> extends AffineOptions<T> {
  /** The axes whose elements share statistics. */
  axes: number | readonly number[];
  /** What the elements are divided by. */
  statistic: Statistic;
  /** Default: 1e-5 for mean-variance, 2^-23 for rms, 1e-12 for the norms and the sum. */
  eps?: number;
}

const EPS: Record<Statistic, number> = {
  'mean-variance': 1e-5,
  rms: 2 ** -23,
  l2: 1e-12,
  l1: 1e-12,
  linf: 1e-12,
  sum: 1e-12,
};

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
  eps: ({ statistic, eps = EPS[checked(statistic)] }) => eps,
  broadcasts: true,
};

/** @throws NormError `option` where a call does not say by what it normalizes. */
function checked(statistic: Statistic): Statistic {
  checkChoice('normalize', 'statistic', statistic, Object.keys(EPS));
  return statistic;
}
