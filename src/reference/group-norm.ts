import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { AFFINE, LAYOUT, MASKS, SEGMENTS } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineAlong } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { MaskOptions } from './counting.ts';
import { maskAlong } from './counting.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf, splitFusion } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import type { Grouping } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { NdArray } from './ndarray.ts';
import { otherAxes } from './ndarray.ts';
import { measureOfMoments, throughSums } from './parts.ts';
import type { PartBackwardOptions, PartOptions } from './parts.ts';
import { pullbackOf } from './pullback.ts';
import { normalizeSegments, segmentsBackward } from './segments.ts';
import type { SegmentsOptions } from './segments.ts';
import { measureOf } from './statistics.ts';
import type { Measure } from './statistics.ts';

/** Weight and bias hold one number a channel. */
export interface GroupNormOptions
  extends Affine, FusionOptions, LayoutOptions, MaskOptions, PartOptions, SegmentsOptions {
  /** How many groups of neighbouring channels; it divides the channels. */
  numGroups: number;
  /** Default 1e-5. */
  eps?: number | undefined;
}

const OPTIONS = ['numGroups', 'moments', ...LAYOUT, ...AFFINE, ...MASKS, ...SEGMENTS, ...FUSIONS] as const;

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics for each group of channels of each sample; and what
 * {@link FusionOptions} say.
 *
 * Wu, He 2018, Group Normalization, https://arxiv.org/abs/1803.08494
 *
 * @returns mean and rstd have one axis more than x: the channel axis split in [numGroups, channels of a group], and the
 * reduced axes 1; [N,G,1,1,1] for NCHW.
 * @throws NormError `layout`, `groups`, `shape`, `parameter`, `eps`, `option` where the shapes or options make no sense.
 * @example const { y } = groupNorm(x, { numGroups: 32 });
 */
export function groupNorm(x: NdArray, options: GroupNormOptions, ...more: readonly never[]): Normalized {
  checkCall('groupNorm', { x }, options, OPTIONS, more);
  if (options.segments !== undefined) {
    return normalizeSegments('groupNorm', x, options, (of, own) => groupNorm(of, { ...own, layout: 'NLC' }));
  }
  const { grouping, fusion } = prepare(x, options);
  return normalizeOver(x, grouping, measureIn('groupNorm', grouping, options), fusion);
}

/**
 * The gradients of {@link groupNorm}.
 *
 * @throws NormError as {@link groupNorm}.
 * @example const { dx } = groupNormBackward(dy, x, { numGroups: 32 });
 */
export function groupNormBackward(
  dy: NdArray,
  x: NdArray,
  options: GroupNormOptions & BackwardOptions & PartBackwardOptions,
  ...more: readonly never[]
): Gradients {
  checkCall('groupNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD, 'sums'], more);
  if (options.segments !== undefined) {
    return segmentsBackward('groupNormBackward', dy, x, options, (arriving, of, own) =>
      groupNormBackward(arriving, of, { ...own, layout: 'NLC' }),
    );
  }
  const { eps = 1e-5, moments, sums, dresidualOut } = options;
  const { grouping, fusion } = prepare(x, options);
  const measure = measureIn('groupNormBackward', grouping, options);
  const pullback = moments
    ? throughSums('groupNormBackward', sums, moments, grouping)
    : pullbackOf('mean-variance', eps);
  return gradientOver({ dy, dresidualOut }, x, grouping, measure, pullback, fusion);
}

function measureIn(op: string, grouping: Grouping, { moments, eps }: GroupNormOptions): Measure {
  return moments ? measureOfMoments(op, moments, grouping, eps) : measureOf('mean-variance', eps);
}

/** x is seen with its channel axis as two, groups and channels of a group. */
function prepare(x: NdArray, options: GroupNormOptions): { grouping: Grouping; fusion: Fusion } {
  const layout = layoutOf(x.shape, options);
  const { channel, sample } = layout;
  const { numGroups } = options;
  if (!Number.isInteger(numGroups) || numGroups < 1 || x.shape[channel]! % numGroups !== 0) {
    throw new NormError(
      'groups',
      `groupNorm: ${x.shape[channel]} channels cannot be divided into ${formatValue(numGroups)} groups`,
    );
  }
  const perGroup = x.shape[channel]! / numGroups;
  const shape = x.shape.toSpliced(channel, 1, numGroups, perGroup);
  const kept = [channel, ...sample.map((axis) => (axis > channel ? axis + 1 : axis))];
  const { mask, maskOutput } = options;
  const fusion = fusionOf(x.shape, layout, options, {
    ...affineAlong([channel], x.shape, options),
    mask: mask && maskAlong(mask, x.shape, channel),
    maskOutput,
  });
  return { grouping: { shape, axes: otherAxes(shape, kept) }, fusion: splitFusion(fusion, channel, perGroup) };
}
