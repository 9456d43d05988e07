import { NormError } from '../errors.ts';
import { AFFINE, FUSIONS, LAYOUT, MASKS, SEGMENTS } from '../options/names.ts';
import type { Axis, Definition } from '../problem/definition.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import type { MaskOptions } from '../problem/mask.ts';
import { stateStatistics } from '../problem/running.ts';
import { PACKED_LAYOUT, packedAxes } from '../problem/segments.ts';
import type { SegmentsOptions, SegmentStarts } from '../problem/segments.ts';
import { formatShape } from '../problem/shape.ts';
import { formatValue } from '../options/format-value.ts';
import type { TensorSpec } from '../problem/parameters.ts';
import { TRACKED_SHADERS } from '../programs/shaders.ts';
import type { AffineOptions, PartOptions } from './options.ts';

/** Options of pictures and of packed sequences. */
interface CommonOptions<T> extends AffineOptions<T> {
  /** Into how many groups the channels are divided; a divisor of their number. */
  numGroups: number;
}

/** Of pictures, whose axes a layout names. */
export interface PictureGroupNormOptions<T, U = T>
  extends CommonOptions<T>, PartOptions<T>, MaskOptions<T, U>, LayoutOptions {
  segments?: undefined;
}

/** Of packed sequences, each group of channels of each by itself. */
export interface PackedGroupNormOptions<T, S> extends CommonOptions<T>, SegmentsOptions<T, S> {
  segments: S;
  layout?: undefined;
  channelAxis?: undefined;
  mask?: undefined;
  maskOutput?: false | undefined;
  moments?: undefined;
}

export type GroupNormOptions<T, U = T, S = U | SegmentStarts> =
  | PictureGroupNormOptions<T, U>
  | PackedGroupNormOptions<T, S>;

export const groupNormDefinition: Definition<GroupNormOptions<unknown>> = {
  op: 'groupNorm',
  options: ['numGroups', 'moments', ...LAYOUT, ...AFFINE, ...MASKS, ...SEGMENTS, ...FUSIONS],
  axes: (shape, options) => {
    const { numGroups, segments } = options;
    const { batch, channel } = segments ? PACKED_LAYOUT : resolveLayout('groupNorm', shape, options);
    const channels = shape[channel]!;
    if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
      throw new NormError(
        'groups',
        `groupNorm: numGroups is ${formatValue(numGroups)}; it must be a divisor of the ${channels} channels of x ${formatShape(shape)}`,
      );
    }
    if (segments) return packedAxes('groupNorm', shape, segments as TensorSpec, numGroups);
    return shape.flatMap((size, axis): Axis[] =>
      axis === channel
        ? [
            { axis, size: numGroups, reduced: false, parameter: true, channel: false },
            { axis, size: channels / numGroups, reduced: true, parameter: true, channel: false },
          ]
        : [{ axis, size, reduced: axis !== batch, parameter: false, channel: false }],
    );
  },
  layout: (shape, options) => (options.segments ? PACKED_LAYOUT : resolveLayout('groupNorm', shape, options)),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  states: [stateStatistics],
  shaders: [TRACKED_SHADERS],
};
