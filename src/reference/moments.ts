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
 * @throws Error where the axes are not axes of x, and where there is nothing along them.
 */
export function moments(x: NdArray, { axes, keepDims = false }: MomentsOptions): Moments<Float64Array> {
  const result = momentsOver(x, resolveAxes(axes, x.shape), keepDims);
  if (result.count === 0) throw new Error(`moments: x ${formatShape(x.shape)} has no elements to take moments of`);
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
 * @throws Error where there is none, or their shapes differ.
 */
export function mergeMoments(parts: readonly Moments[]): Moments<Float64Array> {
  const [first] = parts;
  if (!first) throw new Error('there are no moments to merge');
  const { shape } = first.mean;
  for (const part of parts) checkMoments(part, shape);
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

function checkMoments({ mean, variance, count }: Moments, shape: readonly number[]): void {
  checkArray('mean', mean);
  checkArray('variance', variance);
  const [wanted, ...given] = [shape, mean.shape, variance.shape].map(formatShape);
  if (given.some((one) => one !== wanted))
    throw new Error(`moments of shapes ${given.join(' and ')} cannot be merged with ${wanted}`);
  if (!(count > 0)) throw new Error(`moments of ${count} elements cannot be merged`);
}
