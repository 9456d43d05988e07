import { NormError } from '../errors.ts';
import { checkAlone } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { checkCall, checkOfGroups } from './checks.ts';
import { gather } from './core.ts';
import type { Counting } from './counting.ts';
import { countingOf } from './counting.ts';
import { placesIn } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray, formatShape, keepOnly, otherAxes, resolveAxes, sizeOf } from './ndarray.ts';
import { centre, meanSquare } from './statistics.ts';

/** Mean and biased variance of groups of `count` elements each. */
export interface Moments<Data extends ArrayLike<number> = ArrayLike<number>> {
  mean: NdArray<Data>;
  variance: NdArray<Data>;
  count: number;
}

export interface MomentsOptions {
  /** The axes along which the elements of a group differ. */
  axes: number | readonly number[];
  /** Whether they stay as axes of size 1. Default: they are dropped. */
  keepDims?: boolean | undefined;
}

/**
 * mean = Σx / n and variance = Σ(x − mean)² / n over some axes of x.
 *
 * @throws NormError `axes`, `shape`, `option` where the axes are not axes of x, there is nothing along them, or x is no array.
 * @example const { mean, variance, count } = moments(x, { axes: [0, 2, 3] });
 */
export function moments(x: NdArray, options: MomentsOptions, ...more: readonly never[]): Moments<Float64Array> {
  checkCall('moments', { x }, options, ['axes', 'keepDims'], more);
  const { axes, keepDims = false } = options;
  const result = momentsOver(x, resolveAxes(axes, x.shape), keepDims);
  if (result.count === 0) {
    throw new NormError('shape', `moments: x ${formatShape(x.shape)} has no elements to take moments of`);
  }
  return result;
}

/** Over axes that count from the front and may be none. */
export function momentsOver(x: NdArray, axes: readonly number[], keepDims = false): Moments<Float64Array> {
  const { means, variances } = groupMoments(x, axes, countingOf({}, { shape: x.shape, axes }));
  const kept = otherAxes(x.shape, axes);
  const shape = keepDims ? keepOnly(x.shape, kept) : kept.map((axis) => x.shape[axis]!);
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  return { mean: { data: means, shape }, variance: { data: variances, shape }, count };
}

/** Of each group, over the elements that count, and how many those are; of none, mean and variance are 0. */
export function groupMoments(
  x: NdArray,
  axes: readonly number[],
  counting: Counting,
): { means: Float64Array; variances: Float64Array; counts: Float64Array } {
  checkArray('x', x);
  const at = placesIn({ shape: x.shape, axes });
  const values = new Float64Array(at.element.length);
  const means = new Float64Array(at.group.length);
  const variances = new Float64Array(at.group.length);
  const counts = new Float64Array(at.group.length);
  for (let g = 0; g < at.group.length; g++) {
    const counted = counting(g);
    gather(x.data, at.group[g]!, at.element, values);
    means[g] = centre(values, counted);
    variances[g] = meanSquare(values, counted);
    counts[g] = counted.length;
  }
  return { means, variances, counts };
}

/**
 * The moments of several sets of elements together, from those of each.
 *
 *     mean     = Σ countᵢ · meanᵢ / Σ countᵢ
 *     variance = Σ countᵢ · (varianceᵢ + (meanᵢ − mean)²) / Σ countᵢ
 *
 * Chan, Golub, LeVeque 1983, Algorithms for Computing the Sample Variance.
 *
 * @throws NormError `option` where there is none, `shape` where their shapes differ.
 * @example const whole = mergeMoments([moments(first, { axes: 0 }), moments(second, { axes: 0 })]);
 */
export function mergeMoments(parts: readonly Moments[], ...more: readonly never[]): Moments<Float64Array> {
  checkAlone('mergeMoments', more);
  if (!Array.isArray(parts)) {
    throw new NormError('option', `mergeMoments: parts is ${formatValue(parts)}; it must be an Array of moments`);
  }
  const [first] = parts;
  if (!first) throw new NormError('option', 'there are no moments to merge');
  for (const [index, part] of parts.entries()) checkPart(index, part, first);
  const { shape } = first.mean;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const average = (term: (part: Moments, group: number) => number): Float64NdArray => ({
    data: Float64Array.from({ length: sizeOf(shape) }, (_, group) =>
      parts.reduce((sum, part) => sum + (part.count / count) * term(part, group), 0),
    ),
    shape,
  });
  // Around the first part's mean, so that parts with equal means keep it exactly.
  const beyond = average(({ mean }, group) => mean.data[group]! - first.mean.data[group]!);
  const mean = { data: beyond.data.map((value, group) => first.mean.data[group]! + value), shape };
  const variance = average(
    (part, group) => part.variance.data[group]! + (part.mean.data[group]! - mean.data[group]!) ** 2,
  );
  return { mean, variance, count };
}

function checkPart(index: number, part: Moments, first: Moments): void {
  checkOfGroups('mergeMoments', `part ${index}`, part, 'moments');
  checkArray('mean', part.mean);
  checkArray('variance', part.variance);
  const [wanted, ...given] = [first.mean.shape, part.mean.shape, part.variance.shape].map(formatShape);
  if (given.some((one) => one !== wanted))
    throw new NormError('shape', `moments of shapes ${given.join(' and ')} cannot be merged with ${wanted}`);
}
