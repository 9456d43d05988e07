import { backwardOf } from '../dispatch/backward.ts';
import type { ParameterBackward } from '../dispatch/backward.ts';
import { forwardOf } from '../dispatch/call.ts';
import type { PlainForward } from '../dispatch/forms.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import type { Axis, Definition } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import type { Shape } from '../problem/shape.ts';
import type { AffineOptions, MaskOptions, RunningOptions } from './options.ts';

export interface InstanceNormOptions<T = Tensor>
  extends AffineOptions<T>, RunningOptions<T>, MaskOptions<T>, LayoutOptions {
  /** Normalize with the statistics of x; otherwise with the running ones. Default: true. */
  useInputStats?: boolean;
}

/** Each channel of each sample by itself. */
export function instanceAxes(op: string, shape: Shape, options: LayoutOptions): Axis[] {
  const { batch, channel } = resolveLayout(op, shape, options);
  return shape.map((size, axis) => {
    const isChannel = axis === channel;
    return { axis, size, reduced: !isChannel && axis !== batch, parameter: isChannel, channel: isChannel };
  });
}

export const instanceNormDefinition: Definition<InstanceNormOptions<unknown>> = {
  op: 'instanceNorm',
  options: [
    'layout',
    'channelAxis',
    'weight',
    'bias',
    'eps',
    'useInputStats',
    'runningMean',
    'runningVar',
    'momentum',
    'numBatchesTracked',
    'runningVariance',
    'save',
    'zeroCenteredWeight',
    'mask',
    'maskOutput',
    ...FUSIONS,
  ],
  axes: (shape, options) => instanceAxes('instanceNorm', shape, options),
  layout: (shape, options) => resolveLayout('instanceNorm', shape, options),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  usesRunning: ({ useInputStats = true }) => !useInputStats,
};

/**
 * Instance normalization (Ulyanov, Vedaldi and Lempitsky 2016): y = (x - mean) / sqrt(variance + eps) · weight + bias, mean
 * and biased variance taken over the positions (H,W) of each channel of each sample. Running statistics, if given, take the
 * mean over the samples. Weight, bias and running statistics: one element a channel.
 *
 * @throws NormError before anything is recorded.
 */
export const instanceNorm: PlainForward<InstanceNormOptions> = /* @__PURE__ */ forwardOf(instanceNormDefinition);

/**
 * The gradient of {@link instanceNorm}: dx = weight · (dy - mean(dy) - x̂ · mean(dy · x̂)) / sqrt(variance + eps) for the normalized x̂,
 * the means over H,W; where the running statistics were used, dx = weight · dy / sqrt(variance + eps). dweight = sum(dy · x̂)
 * and dbias = sum(dy) for each channel.
 *
 * @throws NormError before anything is recorded.
 */
export const instanceNormBackward: ParameterBackward = /* @__PURE__ */ backwardOf('instanceNorm');
