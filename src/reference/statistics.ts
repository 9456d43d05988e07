import { NormError } from '../errors.ts';
import { checkChoice } from '../options/checks.ts';

/** How a group is summed up, and so what each of its elements is divided by. */
export type Statistic = 'mean-variance' | 'rms' | 'l2' | 'l1' | 'linf' | 'sum';

/**
 * Subtracts a group's mean from its values, in place (0 where none is subtracted); gives it and what they are to be divided by.
 * Only the values whose numbers are in `counted` make up the statistics.
 */
export type Measure = (values: Float64Array, group: number, counted: Int32Array) => { mean: number; divisor: number };

export const DEFAULT_EPS: Record<Statistic, number> = {
  'mean-variance': 1e-5,
  rms: 2 ** -23,
  l2: 1e-12,
  l1: 1e-12,
  linf: 1e-12,
  sum: 1e-12,
};

/** @throws NormError `option` where there is no such statistic. */
export function checkStatistic(op: string, statistic: unknown): void {
  checkChoice(op, 'statistic', statistic, Object.keys(DEFAULT_EPS));
}

/**
 * @param unbiased Whether the sum of squares of 'mean-variance' is divided by n − 1.
 * @throws NormError `eps` where it is negative or not finite.
 */
export function measureOf(statistic: Statistic, eps: number = DEFAULT_EPS[statistic], unbiased = false): Measure {
  checkEps(eps);
  switch (statistic) {
    case 'mean-variance':
      return (values, _, counted) => ({
        mean: centre(values, counted),
        divisor: Math.sqrt(meanSquare(values, counted) * (unbiased ? besselOf(counted.length) : 1) + eps),
      });
    case 'rms':
      return (values, _, counted) => ({ mean: 0, divisor: Math.sqrt(meanSquare(values, counted) + eps) });
    case 'l2':
      return (values, _, counted) => ({ mean: 0, divisor: Math.max(norm(values, counted), eps) });
    case 'l1':
      return (values, _, counted) => ({ mean: 0, divisor: Math.max(sumOver(counted, absoluteOf(values)), eps) });
    case 'linf':
      return (values, _, counted) => ({ mean: 0, divisor: Math.max(largestOf(values, counted), eps) });
    case 'sum':
      return (values, _, counted) => ({ mean: 0, divisor: awayFromZero(sumOver(counted, valueOf(values)), eps) });
  }
}

/** Means and variances that are known beforehand, one of each a group. */
export function knownMeasure(means: ArrayLike<number>, variances: ArrayLike<number>, eps: number): Measure {
  checkEps(eps);
  return (values, group) => {
    const mean = means[group]!;
    subtract(values, mean);
    return { mean, divisor: Math.sqrt(variances[group]! + eps) };
  };
}

/** Subtracts the mean of the values that count from each, in place, and returns it; of none, it is 0. */
export function centre(values: Float64Array, counted: Int32Array): number {
  if (counted.length === 0) return 0;
  // Around the first value, so that equal values become exactly 0; around 0 where that is no number to subtract.
  const first = Number.isFinite(values[counted[0]!]) ? values[counted[0]!]! : 0;
  subtract(values, first);
  const rest = sumOver(counted, valueOf(values)) / counted.length;
  subtract(values, rest);
  return first + rest;
}

/** Of the values that count; of none, it is 0. */
export function meanSquare(values: Float64Array, counted: Int32Array): number {
  return counted.length === 0 ? 0 : sumOver(counted, (e) => values[e]! * values[e]!) / counted.length;
}

/** The sum of a term for each of the elements that count. */
export function sumOver(counted: Int32Array, term: (element: number) => number): number {
  let sum = 0;
  for (let i = 0; i < counted.length; i++) sum += term(counted[i]!);
  return sum;
}

function subtract(values: Float64Array, amount: number): void {
  for (let i = 0; i < values.length; i++) values[i]! -= amount;
}

/** n / (n − 1), what turns a biased variance into the unbiased one. */
export function besselOf(count: number): number {
  if (count < 2) throw new NormError('option', `an unbiased variance takes at least 2 values, here are ${count}`);
  return count / (count - 1);
}

/** The largest magnitude of the values that count; NaN where there is one. */
export function largestOf(values: Float64Array, counted: Int32Array): number {
  return counted.reduce((largest, e) => Math.max(largest, Math.abs(values[e]!)), 0);
}

function norm(values: Float64Array, counted: Int32Array): number {
  return Math.sqrt(sumOver(counted, (e) => values[e]! * values[e]!));
}

function valueOf(values: Float64Array): (element: number) => number {
  return (e) => values[e]!;
}

function absoluteOf(values: Float64Array): (element: number) => number {
  return (e) => Math.abs(values[e]!);
}

function awayFromZero(value: number, eps: number): number {
  if (Math.abs(value) >= eps || Number.isNaN(value)) return value;
  return value < 0 ? -eps : eps;
}

function checkEps(eps: number): void {
  if (!Number.isFinite(eps) || eps < 0)
    throw new NormError('eps', `eps is ${eps}; it must be a finite number of at least 0`);
}
