import type { Tensor } from '../../../src/index.ts';
import { largestOf, roundTo, ulpOf } from './formats.ts';
import type { Format } from './formats.ts';
import { numbersOf } from './fused.ts';

/** Units of the last place. */

/** What f32 may cost: some tens of roundings. */
export const ON_THE_WAY = 48 * 2 ** -24;

/** The largest magnitude of all numbers that are finite, at least `least`. */
export const largest = (array: { data: ArrayLike<number> } | undefined, least = 0): number =>
  Array.from(array?.data ?? []).reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    least,
  );

/**
 * How far results are off, in units of the last place of their format: from the exact value rounded to it, beyond what the sums
 * and roundings in f32 on the way may cost where results are small beside what they are made of.
 */
export async function unitsOff(tensor: Tensor, exact: ArrayLike<number>, magnitude: number): Promise<number> {
  return unitsBetween(tensor.dtype as Format, await numbersOf(tensor), exact, magnitude);
}

export function unitsBetween(
  format: Format,
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  magnitude: number,
): number {
  if (actual.length !== exact.length) return Infinity;
  let worst = 0;
  // What is rounded to infinity is as far from the largest number as the next would be.
  const next = largestOf(format) + ulpOf(format, largestOf(format));
  const finite = (value: number): number => Math.min(Math.max(value, -next), next);
  for (let index = 0; index < exact.length; index++) {
    const [a, e] = [finite(actual[index]!), finite(roundTo(format, exact[index]!))];
    if (Object.is(a, e) || a === e) continue;
    const off = (Math.abs(a - e) - ON_THE_WAY * magnitude) / ulpOf(format, e);
    if (!(off <= worst)) worst = Number.isNaN(off) ? Infinity : off;
  }
  return worst;
}
