import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, countedSum, countOf, mergedMoments, numbersOf, sum, weightedMean } from '../../src/sync/merge.ts';
import * as reference from '../../src/reference/index.ts';
import { Random } from '../gpu/support/random.ts';
import { seed } from '../gpu/support/seed.ts';

/** A batch of [N,2] in parts of any sizes, some empty. */
const split = fc.record({
  sizes: fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 })
    .filter((sizes) => sizes.some((size) => size > 0)),
  mean: fc.constantFrom(0, 1, -1e4, 1e6, 3e19, 1e-19),
  deviation: fc.constantFrom(0, 1, 1e-3, 1e4, 1e19),
  draws: fc.integer(),
});

const C = 2;
const U = 2 ** -24;

/** The moments of rows [N,C] as a part holds them: what f32 has of the exact ones. */
function partOf(rows: Float64Array): Float32Array<ArrayBuffer> {
  const count = rows.length / C;
  if (count === 0) return counted(0, new Float32Array(3 * C).fill(NaN));
  const { mean, variance } = reference.moments({ data: rows, shape: [count, C] }, { axes: 0 });
  const high = Float32Array.from(mean.data);
  const rest = mean.data.map((value, channel) => value - high[channel]!);
  return counted(count, [...high, ...rest, ...variance.data.map(Math.sqrt)]);
}

describe('moments of parts', () => {
  it('are merged to those of the whole, however it is split', () => {
    const property = fc.property(split, ({ sizes, mean, deviation, draws }) => {
      const random = new Random(draws);
      const parts = sizes.map((size) =>
        Float64Array.from({ length: size * C }, () => Math.fround(mean + deviation * random.normal())),
      );
      const whole = Float64Array.from(parts.flatMap((part) => [...part]));
      const exact = reference.moments({ data: whole, shape: [whole.length / C, C] }, { axes: 0 });
      const merged = mergedMoments(parts.map(partOf));
      expect(countOf(merged)).toBe(whole.length / C);
      const numbers = numbersOf(merged);
      const largest = whole.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (let channel = 0; channel < C; channel++) {
        const [high, rest, spread] = [0, 1, 2].map((plane) => numbers[plane * C + channel]!);
        expect(Math.abs(rest!)).toBeLessThanOrEqual(U * Math.abs(high!) + 2 ** -149);
        // A pair of f32 holds 48 bits, but no more than the smallest f32 has; one rounding in each part, one of the result.
        expect(Math.abs(high! + rest! - exact.mean.data[channel]!)).toBeLessThanOrEqual(
          2 * U ** 2 * largest + 2 ** -149,
        );
        const root = Math.sqrt(exact.variance.data[channel]!);
        // Of a part, and of the result, one rounding each; a distance between means is off by what pairs leave.
        expect(Math.abs(spread! - root)).toBeLessThanOrEqual(2.01 * U * root + 8 * U ** 2 * largest + 2 ** -148);
      }
    });
    fc.assert(property, { seed, numRuns: 500 });
  });

  it('are those of a part that is the only one, to the bit', () => {
    const part = counted(5, [1e4, 3, 2e-5, -1e-9, 0.1, 7].map(Math.fround));
    const nothing = counted(0, new Float32Array(6).fill(NaN));
    expect(mergedMoments([nothing, part, nothing])).toEqual(part);
    expect(mergedMoments([nothing, nothing])).toEqual(counted(0, new Float32Array(6)));
  });

  it('keep a NaN to its channel', () => {
    const merged = numbersOf(mergedMoments([counted(2, [NaN, 1, 0, 0, NaN, 1]), counted(1, [1, 3, 0, 0, 0, 0])]));
    expect(Array.from(merged, Number.isNaN)).toEqual([true, false, true, false, true, false]);
    expect(merged[5]).toBe(Math.fround(Math.sqrt((2 * 1 + 2 ** 2 * 2 * (1 / 3)) / 3)));
  });

  it('refuse planes that are not three', () => {
    expect(() => mergedMoments([counted(1, [1, 2])])).toThrow('2 numbers are no three of each group');
  });
});

describe('gradients of parts', () => {
  const numbers = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 3, maxLength: 3 });
  const parts = fc.array(fc.record({ count: fc.integer({ min: 0, max: 2 ** 30 }), numbers }), {
    minLength: 1,
    maxLength: 6,
  });

  it('are averaged by their counts, and summed up, in float64', () => {
    const property = fc.property(parts, (given) => {
      const all = given.reduce((total, { count }) => total + count, 0);
      const packed = given.map(({ count, numbers }) => counted(count, count === 0 ? [NaN, NaN, NaN] : numbers));
      const [mean, total] = [weightedMean(packed), countedSum(packed)];
      expect([countOf(mean), countOf(total)]).toEqual([all, all]);
      for (let index = 0; index < 3; index++) {
        const terms = given
          .filter(({ count }) => count > 0)
          .map(({ count, numbers }) => [count / all, numbers[index]!] as const);
        const [exactMean, exactSum] = [
          terms.reduce((to, [w, g]) => to + w * g, 0),
          terms.reduce((to, [, g]) => to + g, 0),
        ];
        expect(numbersOf(mean)[index]).toBeCloseTo(Math.fround(exactMean), 12);
        expect(numbersOf(total)[index]).toBeCloseTo(Math.fround(exactSum), 12);
      }
    });
    fc.assert(property, { seed, numRuns: 300 });
  });

  it('are added up in the order of ranks', () => {
    // (1e16 - 1e16) + 1 is 1, 1e16 + (1 - 1e16) is 0 in float64.
    const one = (value: number): Float32Array => Float32Array.of(value);
    expect(sum([one(2 ** 60), one(-(2 ** 60)), one(1)])).toEqual(one(1));
    expect(sum([one(2 ** 60), one(1), one(-(2 ** 60))])).toEqual(one(0));
  });

  it('count exactly up to 2^48', () => {
    for (const count of [0, 1, 2 ** 24 + 1, 2 ** 40 + 12_345, 2 ** 48 - 1])
      expect(countOf(counted(count, []))).toBe(count);
  });
});
