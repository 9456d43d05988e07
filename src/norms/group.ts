import { backwardOf } from '../dispatch/backward.ts';
import type { ParameterBackward } from '../dispatch/backward.ts';
import { forwardOf } from '../dispatch/call.ts';
import type { Forward } from '../dispatch/forms.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import { NormError } from '../errors.ts';
import type { Axis, Definition } from '../problem/definition.ts';
import { formatValue } from '../problem/format-value.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { formatShape } from '../problem/shape.ts';
import type { AffineOptions } from './options.ts';

export interface GroupNormOptions<T = Tensor> extends AffineOptions<T>, LayoutOptions {
  /** Into how many groups the channels are divided; a divisor of their number. */
  numGroups: number;
}

export const groupNormDefinition: Definition<GroupNormOptions<unknown>> = {
  op: 'groupNorm',
  options: ['numGroups', 'layout', 'channelAxis', 'weight', 'bias', 'eps', 'save', 'zeroCenteredWeight', ...FUSIONS],
  axes: (shape, options) => {
    const { batch, channel } = resolveLayout('groupNorm', shape, options);
    const { numGroups } = options;
    const channels = shape[channel]!;
    if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
      throw new NormError(
        'groups',
        `groupNorm: numGroups is ${formatValue(numGroups)}; it must be a divisor of the ${channels} channels of x ${formatShape(shape)}`,
      );
    }
    return shape.flatMap((size, axis): Axis[] =>
      axis === channel
        ? [
            { axis, size: numGroups, reduced: false, parameter: true, channel: false },
            { axis, size: channels / numGroups, reduced: true, parameter: true, channel: false },
          ]
        : [{ axis, size, reduced: axis !== batch, parameter: false, channel: false }],
    );
  },
  layout: (shape, options) => resolveLayout('groupNorm', shape, options),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
};

/**
 * Group normalization (Wu and He 2018): y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased variance
 * taken over the positions and the channels of each group of each sample. Weight and bias: one element a channel.
 *
 * @throws NormError before anything is recorded.
 */
export const groupNorm: Forward<GroupNormOptions> = /* @__PURE__ */ forwardOf(groupNormDefinition);

/**
 * The gradient of {@link groupNorm}: for g = dy · weight and the normalized x̂, dx = (g - mean(g) - x̂ · mean(g · x̂)) / sqrt(variance + eps),
 * the means over each group; dweight = sum(dy · x̂) and dbias = sum(dy) for each channel.
 *
 * @throws NormError before anything is recorded.
 */
export const groupNormBackward: ParameterBackward = /* @__PURE__ */ backwardOf('groupNorm');
