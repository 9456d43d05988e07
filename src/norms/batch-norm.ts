import { NormError } from '../errors.ts';
import { AFFINE, FUSIONS, LAYOUT, MASKS, RUNNING } from '../options/names.ts';
import type { Definition } from '../problem/definition.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import type { MaskOptions } from '../problem/mask.ts';
import { stateStatistics } from '../problem/running.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import { TRACKED_SHADERS } from '../programs/shaders.ts';
import type { AffineOptions, NoRunningStatistics, PartOptions, RunningStatistics, TrackingOptions } from './options.ts';

/** Options that do not depend on where the statistics come from. */
interface CommonOptions<T, U>
  extends AffineOptions<T>, PartOptions<T>, TrackingOptions, MaskOptions<T, U>, LayoutOptions {}

/** With running statistics, which normalize, or are updated in training. */
export interface TrackedBatchNormOptions<T, U = T> extends CommonOptions<T, U>, RunningStatistics<T, U> {
  /**
   * Normalize with the statistics of x, and update the running ones; otherwise with the running ones. One value a channel is refused
   * unless `unbiasedRunningVar` is false. Default: false.
   */
  training?: boolean | undefined;
}

/** Without running statistics: those of x, in training. */
export interface UntrackedBatchNormOptions<T, U = T> extends CommonOptions<T, U>, NoRunningStatistics {
  /** True, and said: the default takes running statistics. */
  training: boolean;
}

export type BatchNormOptions<T, U = T> = TrackedBatchNormOptions<T, U> | UntrackedBatchNormOptions<T, U>;

export const batchNormDefinition: Definition<BatchNormOptions<unknown>> = {
  op: 'batchNorm',
  options: ['training', 'moments', ...LAYOUT, ...AFFINE, ...RUNNING, ...MASKS, ...FUSIONS],
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
  check: (shape, { training, moments, unbiasedRunningVar = true, ...options }) => {
    if (!training || moments) return;
    const { channel } = resolveLayout('batchNorm', shape, options);
    const values = sizeOf(shape.filter((_, axis) => axis !== channel));
    if (values === 0) {
      throw new NormError(
        'training',
        `batchNorm: x ${formatShape(shape)} has no value a channel to take statistics of when training; give at least one sample, ` +
          'or the moments of other parts of the batch',
      );
    }
    if (values === 1 && unbiasedRunningVar) {
      throw new NormError(
        'training',
        `batchNorm: expected more than 1 value per channel when training, got x ${formatShape(shape)}; unbiasedRunningVar: false allows one`,
      );
    }
  },
  states: [stateStatistics],
  shaders: [TRACKED_SHADERS],
};
