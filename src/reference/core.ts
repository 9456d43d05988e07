import { placesOf } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray, keepOnly, otherAxes, reshape } from './ndarray.ts';
import type { Measure } from './statistics.ts';

/** What every normalization returns. */
export interface Normalized {
  /** The shape of x. */
  y: Float64NdArray;
  /** The mean that was subtracted, 0 where a statistic subtracts none; the shape of x with 1 on the reduced axes. */
  mean: Float64NdArray;
  /** The factor that was applied, 1 / divisor; the shape of `mean`. */
  rstd: Float64NdArray;
}

export interface Affine {
  weight?: NdArray | undefined;
  bias?: NdArray | undefined;
}

/**
 * Which elements share statistics: those that differ only along `axes`. What is done with them:
 *
 *     y = (x − mean) / divisor · weight + bias
 *
 * where weight and bias broadcast to x. A divisor of exactly 0 (no spread, eps 0) gives 0 · weight + bias.
 */
export function normalizeOver(x: NdArray, axes: readonly number[], measure: Measure, affine: Affine = {}): Normalized {
  const { weight = { data: [1], shape: [] }, bias = { data: [0], shape: [] } } = affine;
  checkArray('x', x);
  checkArray('weight', weight);
  checkArray('bias', bias);
  const at = placesOf('x', x.shape, x.shape, axes);
  const weightAt = placesOf('weight', weight.shape, x.shape, axes);
  const biasAt = placesOf('bias', bias.shape, x.shape, axes);
  const groups = at.group.length;
  const length = at.element.length;
  const [y, means, factors] = [new Float64Array(x.data.length), new Float64Array(groups), new Float64Array(groups)];
  const values = new Float64Array(length);

  for (let g = 0; g < groups; g++) {
    gather(x.data, at.group[g]!, at.element, values);
    const { mean, divisor } = measure(values, g);
    const factor = divisor === 0 ? 0 : 1 / divisor;
    for (let e = 0; e < length; e++) {
      const w = weight.data[weightAt.group[g]! + weightAt.element[e]!]!;
      const b = bias.data[biasAt.group[g]! + biasAt.element[e]!]!;
      y[at.group[g]! + at.element[e]!] = values[e]! * factor * w + b;
    }
    means[g] = mean;
    factors[g] = factor;
  }
  const shape = keepOnly(x.shape, otherAxes(x.shape, axes));
  return { y: { data: y, shape: x.shape }, mean: { data: means, shape }, rstd: { data: factors, shape } };
}

/** Copies the elements that lie at `start` + offsets. */
export function gather(data: ArrayLike<number>, start: number, offsets: Int32Array, into: Float64Array): void {
  for (let i = 0; i < offsets.length; i++) into[i] = data[start + offsets[i]!]!;
}

/** Weight and bias that vary along some axes of x only, as arrays that broadcast to x. */
export function affineAlong(axes: readonly number[], shape: readonly number[], { weight, bias }: Affine): Affine {
  const aligned = keepOnly(shape, axes);
  return {
    weight: weight && reshape('weight', weight, aligned),
    bias: bias && reshape('bias', bias, aligned),
  };
}
