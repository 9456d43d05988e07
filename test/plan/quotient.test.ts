import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_BY_RECIPROCAL } from '../../src/plan/passes/pass.ts';

const seed = Number(import.meta.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** As shaders/math/quotient has it, each step rounded to f32. */
function quotient(n: number, divisor: number): number {
  const product = Math.fround(Math.fround(n + 0.5) * Math.fround(1 / divisor));
  return Math.trunc(product);
}

describe('division by a reciprocal', () => {
  it(`is exact for every counter up to 2^21 (seed ${seed})`, () => {
    const divisors = fc.integer({ min: 1, max: MOST_BY_RECIPROCAL });
    fc.assert(
      fc.property(divisors, fc.integer({ min: 0, max: MOST_BY_RECIPROCAL }), (divisor, n) => {
        return quotient(n, divisor) === Math.floor(n / divisor);
      }),
      { seed, numRuns: 20_000 },
    );
  });

  it('is exact beside every multiple, where it is nearest to failing', () => {
    const divisors = [...Array(300).keys()].map((index) => index + 1).concat([1023, 1024, 1025, 65_535, 99_991]);
    const wrong: number[][] = [];
    for (const divisor of divisors) {
      const step = Math.max(1, Math.floor(MOST_BY_RECIPROCAL / divisor / 2000));
      for (let multiple = 1; multiple * divisor <= MOST_BY_RECIPROCAL; multiple += step) {
        const n = multiple * divisor;
        if (quotient(n, divisor) !== multiple) wrong.push([n, divisor]);
        if (quotient(n - 1, divisor) !== multiple - 1) wrong.push([n - 1, divisor]);
      }
    }
    expect(wrong).toEqual([]);
  });
});
