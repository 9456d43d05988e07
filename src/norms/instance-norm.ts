import { AFFINE, FUSIONS, LAYOUT, MASKS, MEAN_SCALE, RUNNING, SEGMENTS } from '../options/names.ts';
import type { Axis, Definition } from '../problem/definition.ts';
import { checkElements } from '../problem/empty.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import type { MaskOptions } from '../problem/mask.ts';
import { stateMeanScale } from '../problem/mean-scale.ts';
import type { MeanScaleOption } from '../problem/mean-scale.ts';
import { stateStatistics } from '../problem/running.ts';
import { PACKED_LAYOUT, packedAxes } from '../problem/segments.ts';
import type { SegmentsOptions, SegmentStarts } from '../problem/segments.ts';
import type { Shape } from '../problem/shape.ts';
import type { TensorSpec } from '../problem/parameters.ts';
import { TRACKED_SHADERS } from '../programs/shaders.ts';
import type { AffineOptions, NoRunningStatistics, PartOptions, RunningStatistics, TrackingOptions } from './options.ts';

/** Options of pictures, whose axes a layout names. */
interface PictureOptions<T, U>
  extends AffineOptions<T>, PartOptions<T>, TrackingOptions, MaskOptions<T, U>, LayoutOptions {
  segments?: undefined;
}

/** With running statistics. */
export interface TrackedInstanceNormOptions<T, U = T> extends PictureOptions<T, U>, RunningStatistics<T, U> {
  /** Normalize with the statistics of x; otherwise with the running ones. Default: true. */
  useInputStats?: boolean | undefined;
  meanScale?: undefined;
}

/** Without: by the statistics of x. */
export interface UntrackedInstanceNormOptions<T, U = T>
  extends PictureOptions<T, U>, NoRunningStatistics, MeanScaleOption<T> {
  useInputStats?: true | undefined;
}

/** Of packed sequences, each channel of each by itself. */
export interface PackedInstanceNormOptions<T, S>
  extends AffineOptions<T>, TrackingOptions, NoRunningStatistics, MeanScaleOption<T>, SegmentsOptions<T, S> {
  segments: S;
  useInputStats?: true | undefined;
  layout?: undefined;
  channelAxis?: undefined;
  mask?: undefined;
  maskOutput?: false | undefined;
  moments?: undefined;
}

export type InstanceNormOptions<T, U = T, S = U | SegmentStarts> =
  | TrackedInstanceNormOptions<T, U>
  | UntrackedInstanceNormOptions<T, U>
  | PackedInstanceNormOptions<T, S>;

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
    'useInputStats',
    'moments',
    ...MEAN_SCALE,
    ...LAYOUT,
    ...AFFINE,
    ...RUNNING,
    ...MASKS,
    ...SEGMENTS,
    ...FUSIONS,
  ],
  axes: (shape, options) =>
    options.segments
      ? packedAxes('instanceNorm', shape, options.segments as TensorSpec, 'each channel')
      : instanceAxes('instanceNorm', shape, options),
  layout: (shape, options) => (options.segments ? PACKED_LAYOUT : resolveLayout('instanceNorm', shape, options)),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  usesRunning: ({ useInputStats = true }) => !useInputStats,
  check: (shape, { useInputStats = true, moments, segments, ...options }) => {
    if (!useInputStats || moments || segments) return;
    checkElements('instanceNorm', 'x', shape, instanceAxes('instanceNorm', shape, options));
  },
  states: [stateStatistics, stateMeanScale],
  shaders: [TRACKED_SHADERS],
};
