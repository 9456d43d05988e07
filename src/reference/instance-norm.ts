import { AFFINE, LAYOUT, MASKS, MEAN_SCALE, RUNNING, SEGMENTS } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineAlong } from './affine.ts';
import { backwardByRunning, normalizeByRunning, weightOfChannel } from './batch-norm.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { MaskOptions } from './counting.ts';
import { countingOf, maskAlong } from './counting.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf, normalizedSum } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import type { Grouping } from './groups.ts';
import { checkElements, placesOf } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import { meanScaleOf } from './mean-scale.ts';
import type { MeanScale, MeanScaleOption } from './mean-scale.ts';
import { groupMoments, momentsOver } from './moments.ts';
import type { Moments } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import { keepOnly, otherAxes, sizeOf } from './ndarray.ts';
import { measureOfMoments, throughSums } from './parts.ts';
import type { PartBackwardOptions, PartOptions } from './parts.ts';
import { pullbackOf } from './pullback.ts';
import type { Running, RunningOptions } from './running.ts';
import { checkRunning, checkTrackable, hasRunning, isTracked, track, trackedVariance } from './running.ts';
import { normalizeSegments, segmentsBackward } from './segments.ts';
import type { SegmentsOptions } from './segments.ts';
import { measureOf } from './statistics.ts';

/** Weight, bias and running statistics hold one number a channel. */
export interface InstanceNormOptions
  extends
    Affine,
    FusionOptions,
    LayoutOptions,
    MaskOptions,
    MeanScaleOption,
    PartOptions,
    SegmentsOptions,
    RunningOptions {
  /** Default 1e-5. */
  eps?: number | undefined;
  /** Whether x's own statistics are used, and the running ones updated. Default true; false is BatchNorm's inference. */
  useInputStats?: boolean | undefined;
}

const OPTIONS = [
  'useInputStats',
  'moments',
  ...MEAN_SCALE,
  ...LAYOUT,
  ...AFFINE,
  ...RUNNING,
  ...MASKS,
  ...SEGMENTS,
  ...FUSIONS,
] as const;

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics for each channel of each sample, without what is masked;
 * and what {@link FusionOptions} say. With meanScale c = x − meanScale · mean is divided by sqrt(mean(c²) + eps). The running statistics take the mean over the samples of the means and variances.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, Instance Normalization, https://arxiv.org/abs/1607.08022
 *
 * @throws NormError `layout`, `training`, `shape`, `parameter`, `eps`, `option` where the shapes or options make no sense.
 * @example const { y } = instanceNorm(x, { layout: 'NHWC' });
 */
export function instanceNorm(
  x: NdArray,
  options: InstanceNormOptions = {},
  ...more: readonly never[]
): Normalized & Running {
  checkCall('instanceNorm', { x }, options, OPTIONS, more);
  if (options.segments !== undefined) {
    return normalizeSegments('instanceNorm', x, options, (of, own) => {
      const { grouping, fusion, scaled } = prepare(of, { ...own, layout: 'NLC' });
      return normalizeOver(of, grouping, scaled?.measure ?? measureOf('mean-variance', own.eps), fusion);
    });
  }
  const { grouping, fusion, scaled } = prepare(x, options);
  if (options.useInputStats === false) return normalizeByRunning(x, grouping, fusion, options);
  const { moments } = options;
  if (moments) {
    const measure = measureOfMoments('instanceNorm', moments, grouping, options.eps);
    return {
      ...normalizeOver(x, grouping, measure, fusion),
      ...trackInstances(instancesOf(moments), grouping, options),
    };
  }
  checkElements('instanceNorm: x', grouping);
  const measure = scaled?.measure ?? measureOf('mean-variance', options.eps);
  const normalized = normalizeOver(x, grouping, measure, fusion);
  return { ...normalized, ...trackInstances(measured(x, grouping, fusion), grouping, options) };
}

/**
 * The gradients of {@link instanceNorm}; where the running statistics were used, they are constants.
 *
 * @throws NormError as {@link instanceNorm}.
 * @example const { dx } = instanceNormBackward(dy, x);
 */
export function instanceNormBackward(
  dy: NdArray,
  x: NdArray,
  options: InstanceNormOptions & BackwardOptions & PartBackwardOptions = {},
  ...more: readonly never[]
): Gradients {
  checkCall('instanceNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD, 'sums'], more);
  if (options.segments !== undefined) {
    return segmentsBackward('instanceNormBackward', dy, x, options, (arriving, of, own) =>
      instanceNormBackward(arriving, of, { ...own, layout: 'NLC' }),
    );
  }
  const { eps = 1e-5, moments, sums, dresidualOut } = options;
  const { grouping, fusion, scaled } = prepare(x, options);
  if (options.useInputStats === false) return backwardByRunning({ dy, dresidualOut }, x, grouping, fusion, options);
  if (moments) {
    const measure = measureOfMoments('instanceNormBackward', moments, grouping, eps);
    const channelOf = placesOf(
      'channels',
      keepOnly(x.shape, [layoutOf(x.shape, options).channel]),
      x.shape,
      grouping.axes,
    ).group;
    const pullback = throughSums('instanceNormBackward', sums, moments, grouping, (group) =>
      weightOfChannel(options, channelOf[group]!),
    );
    return gradientOver({ dy, dresidualOut }, x, grouping, measure, pullback, fusion);
  }
  if (scaled) {
    const gradients = gradientOver({ dy, dresidualOut }, x, grouping, scaled.measure, scaled.pullback, fusion);
    return { ...gradients, dmeanScale: scaled.gradient.sums! };
  }
  const measure = measureOf('mean-variance', eps);
  return gradientOver({ dy, dresidualOut }, x, grouping, measure, pullbackOf('mean-variance', eps), fusion);
}

function prepare(
  { shape }: NdArray,
  options: InstanceNormOptions,
): { grouping: Grouping; fusion: Fusion; scaled: MeanScale | null } {
  const layout = layoutOf(shape, options);
  checkRunning(options, shape[layout.channel]!);
  const { mask, maskOutput } = options;
  const fusion = fusionOf(shape, layout, options, {
    ...affineAlong([layout.channel], shape, options),
    mask: mask && maskAlong(mask, shape, layout.channel),
    maskOutput,
  });
  const grouping = { shape, axes: layout.spatial };
  return { grouping, fusion, scaled: meanScaleOf(options, grouping, layout.channel, options.eps ?? 1e-5) };
}

/** Moments of each channel of each sample, those of x or given; `values`: how many it has, masked or not. */
interface Instances extends ReturnType<typeof groupMoments> {
  values: number;
}

function measured(x: NdArray, grouping: Grouping, fusion: Fusion): Instances {
  const { shape, axes } = grouping;
  const sum = { data: normalizedSum(x, fusion, grouping), shape };
  const values = sizeOf(axes.map((axis) => shape[axis]!));
  return { ...groupMoments(sum, axes, countingOf(fusion, grouping)), values };
}

function instancesOf({ mean, variance, count }: Moments): Instances {
  const means = Float64Array.from(mean.data);
  return { means, variances: Float64Array.from(variance.data), counts: means.map(() => count), values: count };
}

/** By the mean over the samples that have enough values. */
function trackInstances(of: Instances, { shape, axes }: Grouping, options: InstanceNormOptions): Running {
  if (!hasRunning(options)) return {};
  const { means, variances, counts, values } = of;
  checkTrackable(values, options);
  const { channel, sample } = layoutOf(shape, options);
  const instances = keepOnly(shape, otherAxes(shape, axes));
  if (sizeOf(instances) === 0) return track(null, options);
  const counted = counts.map((count) => (isTracked(count, options) ? 1 : 0));
  const overSamples = (data: Float64Array): Float64Array => momentsOver({ data, shape: instances }, sample).mean.data;
  // A mask has no channels: as many samples count in each.
  const countedMean = overSamples(counted)[0]!;
  if (countedMean === 0) return track(null, options);
  const average = (of: (instance: number) => number): NdArray => ({
    data: overSamples(counted.map((counts, instance) => (counts ? of(instance) : 0))).map((sum) => sum / countedMean),
    shape: [shape[channel]!],
  });
  const variance = average((instance) => trackedVariance(variances[instance]!, counts[instance]!, options));
  return track({ mean: average((instance) => means[instance]!), variance }, options);
}
