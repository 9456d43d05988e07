/** How a group is summed up, and so what each of its elements is divided by. */
export type Statistic = 'mean-variance' | 'rms' | 'l2' | 'l1' | 'sum';

/** Subtracts a group's mean from its values, in place (0 where none is subtracted); gives it and what they are to be divided by. */
export type Measure = (values: Float64Array, group: number) => { mean: number; divisor: number };

export const DEFAULT_EPS: Record<Statistic, number> = {
  'mean-variance': 1e-5,
  rms: 2 ** -23,
  l2: 1e-12,
  l1: 1e-12,
  sum: 1e-12,
};

/** @throws Error where there is no such statistic, or eps is negative or not finite. */
export function measureOf(statistic: Statistic, eps: number = DEFAULT_EPS[statistic]): Measure {
  if (!Object.hasOwn(DEFAULT_EPS, statistic)) throw new Error(`there is no statistic '${String(statistic)}'`);
  checkEps(eps);
  switch (statistic) {
    case 'mean-variance':
      return (values) => ({ mean: centre(values), divisor: Math.sqrt(meanSquare(values) + eps) });
    case 'rms':
      return (values) => ({ mean: 0, divisor: Math.sqrt(meanSquare(values) + eps) });
    case 'l2':
      return (values) => ({ mean: 0, divisor: Math.max(Math.sqrt(meanSquare(values) * values.length), eps) });
    case 'l1':
      return (values) => ({ mean: 0, divisor: Math.max(sumOf(values, Math.abs), eps) });
    case 'sum':
      return (values) => ({
        mean: 0,
        divisor: awayFromZero(
          sumOf(values, (value) => value),
          eps,
        ),
      });
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

/** Subtracts the values' mean from each, in place, and returns it. */
export function centre(values: Float64Array): number {
  // Around the first value, so that equal values become exactly 0; around 0 where that is no number to subtract.
  const first = Number.isFinite(values[0]) ? values[0]! : 0;
  subtract(values, first);
  const rest = sumOf(values, (value) => value) / values.length;
  subtract(values, rest);
  return first + rest;
}

export function meanSquare(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum / values.length;
}

function subtract(values: Float64Array, amount: number): void {
  for (let i = 0; i < values.length; i++) values[i]! -= amount;
}

function sumOf(values: Float64Array, term: (value: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += term(values[i]!);
  return sum;
}

function awayFromZero(value: number, eps: number): number {
  if (Math.abs(value) >= eps || Number.isNaN(value)) return value;
  return value < 0 ? -eps : eps;
}

function checkEps(eps: number): void {
  if (!Number.isFinite(eps) || eps < 0) throw new Error(`eps is ${eps}; it must be a finite number of at least 0`);
}
