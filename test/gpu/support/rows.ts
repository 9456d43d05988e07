/** Normalization of rows, and its gradients, as float64 loops from the definition: nothing of the library is in them. */

export interface RowOptions {
  statistic: 'mean-variance' | 'rms' | 'linf';
  eps: number;
  /** The variance divided by the count less one. */
  unbiased?: boolean;
  /** What the normalized values are rounded by before weight and bias. */
  cast?: (value: number) => number;
  weight?: ArrayLike<number>;
  bias?: ArrayLike<number>;
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);

/** y of one row, and what the normalized values are. */
export function normalizedRow(
  row: readonly number[],
  options: RowOptions,
): { y: number[]; xHat: number[]; rstd: number } {
  const { statistic, eps, unbiased = false, cast = (value: number) => value, weight, bias } = options;
  const mean = statistic === 'mean-variance' ? sumOf(row) / row.length : 0;
  const rstd =
    statistic === 'linf'
      ? 1 / Math.max(eps, largestOf(row))
      : 1 / Math.sqrt(sumOf(row.map((x) => (x - mean) ** 2)) / (row.length - (unbiased ? 1 : 0)) + eps);
  const xHat = row.map((x) => (x - mean) * rstd);
  return { y: xHat.map((each, at) => cast(each) * (weight?.[at] ?? 1) + (bias?.[at] ?? 0)), xHat, rstd };
}

/** The largest magnitude; NaN where there is one. */
function largestOf(row: readonly number[]): number {
  return row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}

/** Every gradient of sum(dy · y), of rows one after another; a cast is taken for the identity. */
export function rowGradients(
  x: ArrayLike<number>,
  length: number,
  options: RowOptions,
  dy: ArrayLike<number>,
): Record<'y' | 'dx' | 'dweight' | 'dbias', Float64Array> {
  const { statistic, eps, unbiased = false, weight } = options;
  const results = {
    y: new Float64Array(x.length),
    dx: new Float64Array(x.length),
    dweight: new Float64Array(length),
    dbias: new Float64Array(length),
  };
  for (let from = 0; from < x.length; from += length) {
    const row = Array.from({ length }, (_, at) => x[from + at]!);
    const { y, xHat, rstd } = normalizedRow(row, options);
    results.y.set(y, from);
    const g = row.map((_, at) => dy[from + at]! * (weight?.[at] ?? 1));
    const product = sumOf(g.map((each, at) => each * xHat[at]!));
    const most = largestOf(row);
    const ties = row.filter((each) => Math.abs(each) === most).length;
    const mean = statistic === 'mean-variance' ? sumOf(g) / length : 0;
    row.forEach((each, at) => {
      results.dweight[at]! += dy[from + at]! * xHat[at]!;
      results.dbias[at]! += dy[from + at]!;
      const taken =
        statistic !== 'linf'
          ? mean + (xHat[at]! * product) / (length - (unbiased ? 1 : 0))
          : Math.abs(each) === most && most >= eps
            ? (Math.sign(each) * product) / ties
            : 0;
      results.dx[from + at] = rstd * (g[at]! - taken);
    });
  }
  return results;
}
