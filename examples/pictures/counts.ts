/** How numbers are spread: what histograms show. */

/** How many of the numbers, or of a stretch of them, are in each of equal bins from one value to another; what lies on the last edge is in the last bin. A NaN is in none. */
export function countsOf(
  values: ArrayLike<number>,
  [from, to]: readonly [from: number, to: number],
  bins: number,
  [start, end]: readonly [start: number, end: number] = [0, values.length],
): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  const perBin = (to - from) / bins;
  for (let index = start; index < end; index++) {
    const bin = Math.max(0, Math.min(bins - 1, Math.floor((values[index]! - from) / perBin)));
    if (bin >= 0) counts[bin]!++;
  }
  return counts;
}

/** From the least to the greatest number, by round steps, so that an axis stays where it is while they move a little. */
export function rangeOf(values: ArrayLike<number>): [from: number, to: number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (let index = 0; index < values.length; index++) {
    least = Math.min(least, values[index]!);
    greatest = Math.max(greatest, values[index]!);
  }
  const span = greatest - least || Math.abs(greatest) || 1;
  const ten = 10 ** Math.floor(Math.log10(span / 5));
  const step = ten * ([1, 2, 5].find((factor) => factor * ten >= span / 10) ?? 10);
  const from = step * Math.floor(least / step);
  return [from, Math.max(step * Math.ceil(greatest / step), from + step)];
}
