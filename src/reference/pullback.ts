import type { Statistic } from './statistics.ts';
import { largestOf, sumOver } from './statistics.ts';

/**
 * One group on its way back: of each element g = dy with respect to the normalized value, that value and what was
 * normalized; the group's factor; and which elements its statistics are taken over.
 */
export interface Group {
  index: number;
  g: Float64Array;
  normalized: Float64Array;
  values: Float64Array;
  factor: number;
  counted: Int32Array;
}

/** ds of one group, element by element, from how its statistics depend on s. */
export type Pullback = (group: Group) => Float64Array;

/** The factor does not depend on s. */
export const constantPullback: Pullback = ({ g, factor }) => g.map((value) => factor * value);

/**
 * By the definitions of the statistics, f being the factor, n the normalized values, and m the number that count:
 *
 *     mean-variance   f · (g − Σg / m − n · Σ(g · n) / m)
 *     rms             f · (g − n · Σ(g · n) / m)
 *     l2              f · (g − n · Σ(g · n))          f · g where Σs² < eps²
 *     l1              f · (g − sign(s) · Σ(g · n))    f · g where Σ|s| < eps
 *     linf            f · (g − sign(s) · Σ(g · n) / t) at the t elements of the largest |s|; f · g where that is below eps, and elsewhere
 *     sum             f · (g − Σ(g · n))              f · g where |Σs| < eps
 *
 * An unbiased variance has m − 1 in the place of the m that divides Σ(g · n).
 *
 * All elements are divided by the statistics, so the sums are over all; the statistics depend on those that count, so for
 * the others it is f · g.
 */
export function pullbackOf(statistic: Statistic, eps: number, unbiased = false): Pullback {
  return (group) => {
    const { g, normalized: n, values, factor, counted } = group;
    const dot = sum(g.map((value, e) => value * n[e]!));
    const throughStatistics = (term: (e: number) => number): Float64Array => {
      const terms = new Float64Array(g.length);
      for (const e of counted) terms[e] = term(e);
      return g.map((value, e) => factor * (value - terms[e]!));
    };
    switch (statistic) {
      case 'mean-variance': {
        const meanDz = sum(g) / counted.length;
        const meanDzXhat = dot / (unbiased ? counted.length - 1 : counted.length);
        return throughStatistics((e) => meanDz + n[e]! * meanDzXhat);
      }
      case 'rms':
        return throughStatistics((e) => (n[e]! * dot) / counted.length);
      case 'l2':
        return Math.sqrt(sumOver(counted, (e) => values[e]! ** 2)) < eps
          ? constantPullback(group)
          : throughStatistics((e) => n[e]! * dot);
      case 'l1':
        return sumOver(counted, (e) => Math.abs(values[e]!)) < eps
          ? constantPullback(group)
          : throughStatistics((e) => Math.sign(values[e]!) * dot);
      case 'linf': {
        const largest = largestOf(values, counted);
        const ties = counted.filter((e) => Math.abs(values[e]!) === largest).length;
        return largest < eps
          ? constantPullback(group)
          : throughStatistics((e) => (Math.abs(values[e]!) === largest ? (Math.sign(values[e]!) * dot) / ties : 0));
      }
      case 'sum':
        return Math.abs(sumOver(counted, (e) => values[e]!)) < eps
          ? constantPullback(group)
          : throughStatistics(() => dot);
    }
  };
}

function sum(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
