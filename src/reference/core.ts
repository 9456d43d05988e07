import { countingOf } from './counting.ts';
import type { Fusion } from './fusion.ts';
import { isSum, normalizedSum, readersOf } from './fusion.ts';
import type { Grouping } from './groups.ts';
import { placesIn } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray, keepOnly, otherAxes } from './ndarray.ts';
import { rounderOf } from './rounding.ts';
import type { Measure } from './statistics.ts';

/** The result of every normalization. */
export interface Normalized {
  /** The shape of x. */
  y: Float64NdArray;
  /** The mean that was subtracted, 0 where a statistic subtracts none; the shape of x with 1 on the reduced axes. */
  mean: Float64NdArray;
  /** The factor that was applied, 1 / divisor; the shape of `mean`. */
  rstd: Float64NdArray;
  /** Where a residual or an inputBias was given, s; the shape of x. */
  residualOut?: Float64NdArray;
}

/**
 * Which elements share statistics: those that differ only along the axes of the grouping. What is done with them:
 *
 *     s = x · m(by) + inputBias + gate · residual
 *     a = (s − mean) / divisor · weight + bias
 *     z = a · (1 + scale) + shift
 *     y = activation(z · m(by) + add), rotated          0 where the output is masked, and so is the s that is returned
 *
 * A divisor of exactly 0 (no spread, eps 0) gives a = 0 · weight + bias. Of a group without elements, mean and rstd are 0.
 */
export function normalizeOver(x: NdArray, grouping: Grouping, measure: Measure, fusion: Fusion): Normalized {
  checkArray('x', x);
  const at = placesIn(grouping);
  const groups = at.group.length;
  const length = at.element.length;
  const [y, means, factors] = [new Float64Array(x.data.length), new Float64Array(groups), new Float64Array(groups)];
  const [values, row] = [new Float64Array(length), new Float64Array(length)];
  const sum = normalizedSum(x, fusion, grouping);
  const kept = Float64Array.from(sum);
  const cast = fusion.castBeforeWeight ? rounderOf(fusion.castBeforeWeight) : (value: number) => value;
  const counted = countingOf(fusion, grouping);
  const { weight, bias, scale, shift, after, add, silent } = readersOf(fusion, grouping);

  for (let g = 0; length > 0 && g < groups; g++) {
    gather(sum, at.group[g]!, at.element, values);
    const { mean, divisor } = measure(values, g, counted(g));
    const factor = divisor === 0 ? 0 : 1 / divisor;
    for (let e = 0; e < length; e++) {
      const a = cast(values[e]! * factor) * weight(g, e) + bias(g, e);
      const z = a * (1 + scale(g, e)) + shift(g, e);
      row[e] = fusion.curve.value(z * after.value(g, e) + add(g, e));
    }
    const rotated = fusion.rotation?.(row, g, 1) ?? row;
    for (let e = 0; e < length; e++) {
      const place = at.group[g]! + at.element[e]!;
      y[place] = silent(g, e) ? 0 : rotated[e]!;
      if (silent(g, e)) kept[place] = 0;
    }
    means[g] = mean;
    factors[g] = factor;
  }
  const shape = keepOnly(grouping.shape, otherAxes(grouping.shape, grouping.axes));
  return {
    y: { data: y, shape: x.shape },
    mean: { data: means, shape },
    rstd: { data: factors, shape },
    ...(isSum(fusion) && { residualOut: { data: kept, shape: x.shape } }),
  };
}

/** Copies the elements that lie at `start` + offsets. */
export function gather(data: ArrayLike<number>, start: number, offsets: Int32Array, into: Float64Array): void {
  for (let i = 0; i < offsets.length; i++) into[i] = data[start + offsets[i]!]!;
}
