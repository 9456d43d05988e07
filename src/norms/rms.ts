import { backwardOf } from '../dispatch/backward.ts';
import type { ParameterBackward } from '../dispatch/backward.ts';
import { forwardOf } from '../dispatch/call.ts';
import type { PlainForward } from '../dispatch/forms.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import type { Definition } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { normalizedAxes } from './layer.ts';
import type { LayerNormOptions } from './layer.ts';

/** As of {@link LayerNormOptions}; eps is 2^-23 unless told otherwise, the epsilon of f32. */
export interface RmsNormOptions<T = Tensor> extends Omit<LayerNormOptions<T>, 'unbiased'> {
  /** The share of each row, from its beginning, that the mean square is taken of: partial RMSNorm. Default: 1, all of it. */
  partial?: number;
}

export const rmsNormDefinition: Definition<RmsNormOptions<unknown>> = {
  op: 'rmsNorm',
  options: ['axes', 'weight', 'bias', 'eps', 'save', 'partial', 'castBeforeWeight', 'zeroCenteredWeight', ...FUSIONS],
  axes: (shape, { axes }) => normalizedAxes('rmsNorm', shape, axes),
  statistic: () => 'rms',
  eps: ({ eps = 2 ** -23 }) => eps,
  trailing: true,
};

/**
 * Root mean square normalization (Zhang and Sennrich 2019): y = x / sqrt(mean(x²) + eps) · weight + bias, the mean taken
 * over `axes` for every index of the others. Weight and bias have the shape of the normalized axes.
 *
 * @throws NormError before anything is recorded.
 */
export const rmsNorm: PlainForward<RmsNormOptions> = /* @__PURE__ */ forwardOf(rmsNormDefinition);

/**
 * The gradient of {@link rmsNorm}: for g = dy · weight and the normalized x̂, dx = (g - x̂ · mean(g · x̂)) / sqrt(mean(x²) + eps),
 * the mean over the normalized axes; dweight = sum(dy · x̂) and dbias = sum(dy) over the others.
 *
 * @throws NormError before anything is recorded.
 */
export const rmsNormBackward: ParameterBackward = /* @__PURE__ */ backwardOf('rmsNorm');
