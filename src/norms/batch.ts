import { backwardOf } from '../dispatch/backward.ts';
import type { ParameterBackward } from '../dispatch/backward.ts';
import { forwardOf } from '../dispatch/call.ts';
import type { PlainForward } from '../dispatch/forms.ts';
import type { GradientSums } from '../dispatch/gradient-sums.ts';
import type { Moments } from '../dispatch/moments.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import { NormError } from '../errors.ts';
import type { Definition } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import type { AffineOptions, MaskOptions, RunningOptions } from './options.ts';

export interface BatchNormOptions<T = Tensor>
  extends AffineOptions<T>, RunningOptions<T>, MaskOptions<T>, LayoutOptions {
  /** Normalize with the statistics of x, and update the running ones; otherwise with the running ones. Default: false. */
  training?: boolean;
  /** In training: statistics of more data than x, merged from several devices or workers. */
  moments?: Pick<Moments, 'count'> & { mean: T; packed: T };
}

export const batchNormDefinition: Definition<BatchNormOptions<unknown>> = {
  op: 'batchNorm',
  options: [
    'layout',
    'channelAxis',
    'weight',
    'bias',
    'eps',
    'training',
    'runningMean',
    'runningVar',
    'momentum',
    'numBatchesTracked',
    'runningVariance',
    'moments',
    'save',
    'zeroCenteredWeight',
    'mask',
    'maskOutput',
    ...FUSIONS,
  ],
  axes: (shape, options) => {
    const { channel } = resolveLayout('batchNorm', shape, options);
    return shape.map((size, axis) => {
      const isChannel = axis === channel;
      return { axis, size, reduced: !isChannel, parameter: isChannel, channel: isChannel };
    });
  },
  layout: (shape, options) => resolveLayout('batchNorm', shape, options),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  usesRunning: ({ training = false }) => !training,
  check: (shape, options) => {
    const { channel } = resolveLayout('batchNorm', shape, options);
    const one = sizeOf(shape) === shape[channel];
    if (options.training && !options.moments && one && options.runningVariance !== 'biased') {
      throw new NormError(
        'training',
        `batchNorm: expected more than 1 value per channel when training, got x ${formatShape(shape)}; runningVariance 'biased' allows one`,
      );
    }
  },
};

/**
 * Batch normalization (Ioffe and Szegedy 2015): y = (x - mean) / sqrt(variance + eps) · weight + bias for each channel.
 * In training mean and biased variance are those of x over all axes but the channels (N,H,W), and running statistics, if
 * given, are updated on the GPU; otherwise the running ones are used. Weight, bias and running statistics: one element a channel.
 * Training needs more than one value a channel, unless `runningVariance` is `'biased'`: y is then the bias.
 *
 * @throws NormError before anything is recorded.
 */
export const batchNorm: PlainForward<BatchNormOptions> = /* @__PURE__ */ forwardOf(batchNormDefinition);

/**
 * The gradient of {@link batchNorm}. In training, through the statistics of the batch: dx = weight · (dy - mean(dy) - x̂ · mean(dy · x̂)) /
 * sqrt(variance + eps) for the normalized x̂, the means over N,H,W; in inference statistics are constants and
 * dx = weight · dy / sqrt(variance + eps). dweight = sum(dy · x̂) and dbias = sum(dy) for each channel. Where the forward call
 * took `moments` of several parts of a batch, `sums` of all of them are needed ({@link gradientSums}); dweight and dbias are then
 * those of x alone.
 *
 * @throws NormError before anything is recorded.
 */
export const batchNormBackward: ParameterBackward<{ sums?: GradientSums }> = /* @__PURE__ */ backwardOf('batchNorm', [
  'sums',
]);
