import { mean, sampleStandardDeviation } from 'simple-statistics';

/** A mean over seeds, and the interval that has that of all seeds in it with a confidence of 95 %. */
export interface Estimate {
  mean: number;
  low: number;
  high: number;
}

/**
 * Student's t for 1 to 30 degrees of freedom, above which there are 2.5 % of its distribution: NIST/SEMATECH e-Handbook of Statistical
 * Methods, 1.3.6.7.2, https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm
 */
export const STUDENT_T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

/**
 * mean ± t · s / √n (Student 1908); undefined of fewer than two values. Of more than 31, t is that of 30 degrees: the interval is then at
 * most 5 % wider than need be.
 */
export function estimateOf(values: readonly number[]): Estimate | undefined {
  if (values.length < 2) return undefined;
  const t = STUDENT_T[Math.min(values.length - 1, STUDENT_T.length) - 1]!;
  const [middle, reach] = [mean([...values]), (t * sampleStandardDeviation([...values])) / Math.sqrt(values.length)];
  return { mean: middle, low: middle - reach, high: middle + reach };
}

/** Whether 0 is outside the interval. */
export const differsFromZero = ({ low, high }: Estimate): boolean => low > 0 || high < 0;
