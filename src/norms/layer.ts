import { backwardOf } from '../dispatch/backward.ts';
import type { ParameterBackward } from '../dispatch/backward.ts';
import { forwardOf } from '../dispatch/call.ts';
import type { PlainForward } from '../dispatch/forms.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import { resolveAxes } from '../problem/axes.ts';
import type { Axis, Definition } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import type { Shape } from '../problem/shape.ts';
import type { AffineOptions } from './options.ts';

export interface LayerNormOptions<T = Tensor> extends AffineOptions<T> {
  /**
   * The normalized axes: `[-1]` unless told otherwise, `[1, 2, 3]` for C,H,W of a picture. Weight and bias have their shape, or that of
   * more of the last axes: `[heads, size]` for a weight of its own for each head of `[N, tokens, heads, size]`.
   */
  axes?: number | readonly number[];
  /** Divide the sum of squares by n - 1 rather than by n, as `torch.var` does unless told otherwise. Default: false. */
  unbiased?: boolean;
  /**
   * Round the normalized elements to what x holds before weight and bias are applied, as the published Llama and T5 code does. Gradients
   * take the rounding for the identity. Default: false, the result is rounded once.
   */
  castBeforeWeight?: boolean;
}

/** The normalized axes share statistics, and each normalized element has a weight of its own. */
export function normalizedAxes(op: string, shape: Shape, axes: number | readonly number[] = [-1]): Axis[] {
  const normalized = resolveAxes(op, axes, shape);
  return shape.map((size, axis) => {
    const reduced = normalized.includes(axis);
    return { axis, size, reduced, parameter: reduced, channel: false };
  });
}

export const layerNormDefinition: Definition<LayerNormOptions<unknown>> = {
  op: 'layerNorm',
  options: ['axes', 'weight', 'bias', 'eps', 'save', 'unbiased', 'castBeforeWeight', 'zeroCenteredWeight', ...FUSIONS],
  axes: (shape, { axes }) => normalizedAxes('layerNorm', shape, axes),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  trailing: true,
};

/**
 * Layer normalization (Ba, Kiros and Hinton 2016): y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased
 * variance taken over `axes` for every index of the others. Weight and bias have the shape of the normalized axes.
 *
 * @throws NormError before anything is recorded.
 */
export const layerNorm: PlainForward<LayerNormOptions> = /* @__PURE__ */ forwardOf(layerNormDefinition);

/**
 * The gradient of {@link layerNorm}: for g = dy · weight and the normalized x̂, dx = (g - mean(g) - x̂ · mean(g · x̂)) / sqrt(variance + eps),
 * the means over the normalized axes; dweight = sum(dy · x̂) and dbias = sum(dy) over the others.
 *
 * @throws NormError before anything is recorded.
 */
export const layerNormBackward: ParameterBackward = /* @__PURE__ */ backwardOf('layerNorm');
