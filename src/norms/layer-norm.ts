import { AFFINE, FUSIONS, MASKS, SEGMENTS } from '../options/names.ts';
import { resolveAxes } from '../problem/axes.ts';
import type { Axis, Definition } from '../problem/definition.ts';
import type { MaskOptions } from '../problem/mask.ts';
import { stateRotary } from '../problem/rotary.ts';
import type { RotaryOptions } from '../problem/rotary.ts';
import { packedAxes } from '../problem/segments.ts';
import type { SegmentsOptions, SegmentStarts } from '../problem/segments.ts';
import type { Shape } from '../problem/shape.ts';
import type { TensorSpec } from '../problem/parameters.ts';
import type { AffineOptions } from './options.ts';

/** Of axes. */
export interface AxesLayerNormOptions<T, U = T> extends NormalizedOptions<T, U> {
  /** Divide the sum of squares by n - 1 rather than by n, as `torch.var` does unless told otherwise. Default: false. */
  unbiased?: boolean | undefined;
  segments?: undefined;
}

/** Of packed sequences, all of each together. */
export interface PackedLayerNormOptions<T, S>
  extends AffineOptions<T>, SegmentsOptions<T, S>, Pick<NormalizedOptions<T>, 'castBeforeWeight'> {
  segments: S;
  axes?: undefined;
  unbiased?: false | undefined;
  rotary?: undefined;
  mask?: undefined;
  maskOutput?: false | undefined;
}

export type LayerNormOptions<T, U = T, S = U | SegmentStarts> =
  | AxesLayerNormOptions<T, U>
  | PackedLayerNormOptions<T, S>;

/** Options of what normalizes over axes that weight and bias vary along. */
export interface NormalizedOptions<T, U = T> extends AffineOptions<T>, MaskOptions<T, U> {
  /**
   * The normalized axes: `[-1]` unless told otherwise, `[1, 2, 3]` for C,H,W of a picture. Weight and bias have their shape, in the
   * order of x, or that of more of the last axes: `[heads, size]` for a weight of its own for each head of `[N, tokens, heads, size]`.
   */
  axes?: number | readonly number[] | undefined;
  /**
   * Round x_hat to what x holds before weight and bias are applied, as the published Llama and T5 code does. Gradients
   * are those of the call without the rounding. Default: false, the result is rounded once.
   */
  castBeforeWeight?: boolean | undefined;
  /** Rotary position embedding of y, where the last axis alone is normalized: that of heads, `[N, tokens, heads, size]`. */
  rotary?: RotaryOptions<T, U> | undefined;
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
  options: ['axes', 'unbiased', 'castBeforeWeight', 'rotary', ...AFFINE, ...MASKS, ...SEGMENTS, ...FUSIONS],
  axes: (shape, { axes, segments }) =>
    segments
      ? packedAxes('layerNorm', shape, segments as TensorSpec, 'all channels')
      : normalizedAxes('layerNorm', shape, axes),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  trailing: true,
  states: [stateRotary],
};
