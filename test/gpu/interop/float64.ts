export function largestDifference(actual: ArrayLike<number>, exact: ArrayLike<number>): number {
  if (actual.length !== exact.length) return Infinity;
  return Math.max(...Array.from(exact, (value, index) => Math.abs(actual[index]! - value)));
}
