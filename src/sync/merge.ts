import { NormError } from '../errors.ts';

/**
 * Joins the parts of all members, which have one length, in the order of ranks. It computes with JavaScript's numbers, whose
 * + - * / and square roots are the same on every machine: so are the bits of the result.
 */
export type Merge = (parts: readonly Float32Array[]) => Float32Array<ArrayBuffer>;

/** Element by element, in float64: the sum over ranks. */
export function sum(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const sum = new Float64Array(parts[0]!.length);
  for (const part of parts) for (let index = 0; index < sum.length; index++) sum[index]! += part[index]!;
  return new Float32Array(sum);
}

/** The part of rank 0. */
export function first(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  return Float32Array.from(parts[0]!);
}

/** Floats before the numbers of a part that say how many elements it stands for: a multiple of 2^24, and the rest. */
const COUNT = 2;
const LOW = 2 ** 24;

/** Numbers with the count they stand for, exact up to 2^48. */
export function counted(count: number, numbers: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const part = new Float32Array(COUNT + numbers.length);
  part.set([Math.floor(count / LOW), count % LOW]);
  part.set(numbers, COUNT);
  return part;
}

export function countOf(part: Float32Array): number {
  return part[0]! * LOW + part[1]!;
}

export function numbersOf(part: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return part.subarray(COUNT);
}

/** Parts that stand for something: what an empty one holds counts for nothing, NaN too. */
function filled(parts: readonly Float32Array[]): readonly Float32Array[] {
  return parts.filter((part) => countOf(part) > 0);
}

/** With nᵢ the count of a part, n = Σ nᵢ: the numbers Σ nᵢ/n · gᵢ. */
export function weightedMean(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const some = filled(parts);
  const all = some.reduce((sum, part) => sum + countOf(part), 0);
  const mean = new Float64Array(parts[0]!.length - COUNT);
  for (const part of some) {
    const weight = countOf(part) / all;
    for (let index = 0; index < mean.length; index++) mean[index]! += weight * part[COUNT + index]!;
  }
  return counted(all, mean);
}

/** With nᵢ the count of a part, n = Σ nᵢ: the numbers Σ gᵢ. */
export function countedSum(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = parts.reduce((sum, part) => sum + countOf(part), 0);
  const some = filled(parts);
  return counted(all, some.length === 0 ? numbersOf(first(parts)).fill(0) : numbersOf(sum(some)));
}

/**
 * Moments of parts, each a plane of means, one of what rounding the means left and one of deviations, become those of all, pair
 * by pair in the order of ranks (Chan, Golub and LeVeque 1979), in float64. With δ = mean_b - mean_a, n = n_a + n_b, M2 = n · deviation²:
 *
 *     mean = mean_a + δ · n_b / n,  M2 = M2_a + M2_b + δ² · n_a · n_b / n
 */
export function mergedMoments(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const planes = new Float32Array(parts[0]!.length - COUNT);
  const groups = planes.length / 3;
  if (!Number.isInteger(groups)) throw new NormError('mismatch', `${planes.length} numbers are no three of each group`);
  const some = filled(parts);
  // A pair may hold more than a float64 does.
  if (some.length === 1) return first(some);
  for (let group = 0; group < groups; group++) {
    const [atMean, atRest, atDeviation] = [group, groups + group, 2 * groups + group];
    let [count, mean, squares] = [0, 0, 0];
    for (const part of some) {
      const more = countOf(part);
      const numbers = part.subarray(COUNT);
      const distance = numbers[atMean]! + numbers[atRest]! - mean;
      const all = count + more;
      squares += more * numbers[atDeviation]! ** 2 + (count === 0 ? 0 : distance ** 2 * count * (more / all));
      mean = count === 0 ? distance : mean + distance * (more / all);
      count = all;
    }
    planes[atMean] = mean;
    planes[atRest] = mean - planes[atMean];
    planes[atDeviation] = count === 0 ? 0 : Math.sqrt(squares / count);
  }
  return counted(
    some.reduce((sum, part) => sum + countOf(part), 0),
    planes,
  );
}
