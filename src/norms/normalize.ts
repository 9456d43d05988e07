import { backwardOf } from '../dispatch/backward.ts';
import type { ParameterBackward } from '../dispatch/backward.ts';
import { forwardOf } from '../dispatch/call.ts';
import type { Forward } from '../dispatch/forms.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import { resolveAxes } from '../problem/axes.ts';
import type { Definition, Statistic } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { checkChoice } from '../problem/options.ts';
import type { AffineOptions } from './options.ts';

export interface NormalizeOptions<T = Tensor> extends AffineOptions<T> {
  /** The axes whose elements share statistics. */
  axes: number | readonly number[];
  /** Default: `'mean-variance'`. */
  statistic?: Statistic;
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
  options: ['axes', 'statistic', 'weight', 'bias', 'eps', 'save', 'zeroCenteredWeight', ...FUSIONS],
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
  statistic: ({ statistic = 'mean-variance' }) => {
    checkChoice('normalize', 'statistic', statistic, Object.keys(EPS));
    return statistic;
  },
  eps: ({ statistic = 'mean-variance', eps = EPS[statistic] }) => eps,
  broadcasts: true,
};

/**
 * Normalization over any axes, by any statistic of the elements that share all other indices:
 * mean-variance (x - mean) / sqrt(variance + eps); rms x / sqrt(mean(x²) + eps); l2 x / max(sqrt(sum(x²)), eps);
 * l1 x / max(sum(|x|), eps); linf x / max(max(|x|), eps); sum x / sum(x), a sum nearer to zero than eps being replaced by eps with its sign.
 * Then · weight + bias, which broadcast to x by NumPy's rules.
 *
 * @throws NormError before anything is recorded.
 */
export const normalize: Forward<NormalizeOptions> = /* @__PURE__ */ forwardOf(normalizeDefinition);

/**
 * The gradient of {@link normalize}, for g = dy · weight, the normalized x̂ and the factor f: mean-variance
 * f · (g - mean(g) - x̂ · mean(g · x̂)); rms f · (g - x̂ · mean(g · x̂)); l2 f · (g - x̂ · sum(g · x̂)); l1 f · (g - sign(x) · sum(g · x̂)); linf the same at the largest |x|, in equal shares where there are several;
 * sum f · (g - sum(g · x̂)); where eps took the place of a norm, f · g. dweight = sum(dy · x̂) and dbias = sum(dy) over all that they
 * are broadcast along.
 *
 * @throws NormError before anything is recorded.
 */
export const normalizeBackward: ParameterBackward = /* @__PURE__ */ backwardOf('normalize');
