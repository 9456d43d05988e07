import { backwardByRunning, normalizeByRunning } from './batch.ts';
import type { Affine, Normalized } from './core.ts';
import { affineAlong, normalizeOver } from './core.ts';
import { gradientOver, inGivenShapes, pullbackOf } from './gradients.ts';
import type { Gradients } from './gradients.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import { momentsOver } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import type { Running, RunningOptions } from './running.ts';
import { hasRunning, track } from './running.ts';
import { measureOf } from './statistics.ts';

/** Weight, bias and running statistics hold one number a channel. */
export interface InstanceNormOptions extends Affine, LayoutOptions, RunningOptions {
  /** Default 1e-5. */
  eps?: number | undefined;
  /** Whether x's own statistics are used, and the running ones updated. Default true; false is BatchNorm's inference. */
  useInputStats?: boolean | undefined;
}

/**
 * y = (x − mean) / sqrt(variance + eps) · weight + bias, statistics for each channel of each sample. The running
 * statistics take the mean over the samples of the means and variances.
 *
 * Ulyanov, Vedaldi, Lempitsky 2016, Instance Normalization, https://arxiv.org/abs/1607.08022
 *
 * @throws Error where the shapes or options make no sense.
 */
export function instanceNorm(x: NdArray, options: InstanceNormOptions = {}): Normalized & Running {
  const { channel, sample, spatial } = layoutOf(x.shape, options);
  if (options.useInputStats === false) return normalizeByRunning(x, spatial, options);
  const normalized = normalizeOver(
    x,
    spatial,
    measureOf('mean-variance', options.eps),
    affineAlong([channel], x.shape, options),
  );
  if (!hasRunning(options)) return normalized;
  const instances = momentsOver(x, spatial, true);
  const overSamples = (each: NdArray): NdArray => {
    const { mean } = momentsOver(each, sample);
    return { data: mean.data, shape: [x.shape[channel]!] };
  };
  const batch = {
    mean: overSamples(instances.mean),
    variance: overSamples(instances.variance),
    count: instances.count,
  };
  return { ...normalized, ...track(batch, options) };
}

/**
 * The gradients of {@link instanceNorm}; where the running statistics were used, they are constants.
 *
 * @throws Error where the shapes or options make no sense.
 */
export function instanceNormBackward(dy: NdArray, x: NdArray, options: InstanceNormOptions = {}): Gradients {
  const { channel, spatial } = layoutOf(x.shape, options);
  if (options.useInputStats === false) return backwardByRunning(dy, x, spatial, options);
  const { eps = 1e-5 } = options;
  const affine = affineAlong([channel], x.shape, options);
  const measure = measureOf('mean-variance', eps);
  return inGivenShapes(gradientOver(dy, x, spatial, measure, pullbackOf('mean-variance', eps), affine), options);
}
