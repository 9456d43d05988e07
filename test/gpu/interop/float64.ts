/** (x − mean) / √(variance + eps) of each row, in float64. */
export function normalizedRows(values: ArrayLike<number>, length: number, eps = 1e-5): Float64Array {
  return Float64Array.from(values, (value, index) => {
    const start = index - (index % length);
    const row = Array.from({ length }, (_, at) => values[start + at]!);
    const mean = row.reduce((sum, one) => sum + one, 0) / length;
    const variance = row.reduce((sum, one) => sum + (one - mean) ** 2, 0) / length;
    return (value - mean) / Math.sqrt(variance + eps);
  });
}

export function largestDifference(actual: ArrayLike<number>, exact: ArrayLike<number>): number {
  if (actual.length !== exact.length) return Infinity;
  return Math.max(...Array.from(exact, (value, index) => Math.abs(actual[index]! - value)));
}
