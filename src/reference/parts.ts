import { NormError } from '../errors.ts';
import type { NormErrorCode } from '../errors.ts';
import type { Grouping } from './groups.ts';
import type { Moments } from './moments.ts';
import type { NdArray } from './ndarray.ts';
import { formatShape, otherAxes, sizeOf } from './ndarray.ts';
import type { Pullback } from './pullback.ts';
import { knownMeasure } from './statistics.ts';
import type { Measure } from './statistics.ts';

/** Statistics of a whole that x is a part of: of a split batch, of an image in tiles. */
export interface PartOptions {
  /** One mean and variance a group, in the order of the groups of x. Used instead of those of x. Not with a mask. */
  moments?: Moments | undefined;
}

/** Sums over the whole that the gradient of a part needs, one of each a group. */
export interface GradientSums {
  /** Σ da, da being dy where nothing comes after weight and bias; where the weight varies in a group, Σ da · weight. */
  dy: NdArray;
  /** Σ da · (x − mean) / sqrt(variance + eps), likewise. */
  dyXhat: NdArray;
  /** Values a group. */
  count: number;
}

export interface PartBackwardOptions {
  /** Of the whole, where `moments` are. */
  sums?: GradientSums | undefined;
}

/**
 * By moments that are known, one for each of the groups.
 *
 * @throws NormError `parameter` where they are of another number of groups, or of groups in another order.
 */
export function measureOfMoments(op: string, moments: Moments, { shape, axes }: Grouping, eps = 1e-5): Measure {
  const { mean, variance } = moments;
  for (const array of [mean, variance]) checkGroups(op, 'moments', array, { shape, axes }, 'parameter');
  return knownMeasure(Float64Array.from(mean.data), Float64Array.from(variance.data), eps);
}

/** @throws NormError of that code unless there is a number for each group, and those are in the order of x. */
function checkGroups(op: string, name: string, { data, shape }: NdArray, of: Grouping, code: NormErrorCode): void {
  const kept = otherAxes(of.shape, of.axes).map((axis) => of.shape[axis]!);
  if (data.length !== sizeOf(kept)) {
    throw new NormError(code, `${op}: ${name} are of ${data.length} groups, but x has ${sizeOf(kept)}`);
  }
  const [given, wanted] = [shape, kept].map((sizes) => sizes.filter((size) => size !== 1));
  if (given!.length > 1 && wanted!.length > 1 && formatShape(given!) !== formatShape(wanted!)) {
    throw new NormError(
      code,
      `${op}: ${name} have shape ${formatShape(shape)}, but the groups of x lie as ${formatShape(kept)}`,
    );
  }
}

/**
 * ds by sums over the whole that the moments are of; `weightOf`: the weight of a group, which they are without.
 *
 * @throws NormError `option` where they are missing, or of other groups or values than the moments.
 */
export function throughSums(
  op: string,
  sums: GradientSums | undefined,
  { count }: Moments,
  grouping: Grouping,
  weightOf: (group: number) => number = () => 1,
): Pullback {
  if (!sums) throw new NormError('option', `${op}: moments of the whole need the sums of its gradient too`);
  for (const array of [sums.dy, sums.dyXhat]) checkGroups(op, 'sums', array, grouping, 'option');
  if (sums.count !== count) {
    throw new NormError('option', `${op}: sums are of ${sums.count} values a group, but the moments of ${count}`);
  }
  return ({ index, g, normalized, factor }) => {
    const weight = weightOf(index);
    const [meanDz, meanDzXhat] = [sums.dy.data[index]! / sums.count, sums.dyXhat.data[index]! / sums.count];
    return g.map((value, e) => factor * (value - weight * meanDz - weight * normalized[e]! * meanDzXhat));
  };
}
