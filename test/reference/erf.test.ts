import { describe, expect, it } from 'vitest';
import { erf, erfc } from '../../src/reference/erf.ts';

describe('erf and erfc', () => {
  // From arithmetic of 30 digits.
  it.each([
    { x: 1e-10, of: 1.1283791670955126e-10, left: 0.999999999887162 },
    { x: 0.1, of: 0.11246291601828488, left: 0.8875370839817152 },
    { x: 0.5, of: 0.5204998778130465, left: 0.4795001221869535 },
    { x: 1, of: 0.8427007929497149, left: 0.15729920705028513 },
    { x: 1.9, of: 0.9927904292352575, left: 0.00720957076474253 },
    { x: 2, of: 0.9953222650189527, left: 0.004677734981047266 },
    { x: 2.1, of: 0.997020533343667, left: 0.0029794666563329854 },
    { x: 3, of: 0.9999779095030014, left: 2.209049699858544e-5 },
    { x: 6, of: 1, left: 2.1519736712498913e-17 },
    { x: 10, of: 1, left: 2.088487583762545e-45 },
    { x: 26, of: 1, left: 5.663192408856143e-296 },
  ])('are right at ±$x', ({ x, of, left }) => {
    expect(Math.abs(erf(x) / of - 1)).toBeLessThan(1e-15);
    expect(erf(-x)).toBe(-erf(x));
    expect(Math.abs(erfc(x) / left - 1)).toBeLessThan(2e-13);
    expect(Math.abs(erfc(-x) - (1 + of))).toBeLessThan(1e-15);
  });

  it('meet where one formula follows the other', () => {
    const before = 2 - 2 ** -52;
    expect(Math.abs(erf(2) - erf(before))).toBeLessThan(1e-15);
    expect(Math.abs(erfc(2) / erfc(before) - 1)).toBeLessThan(2e-13);
  });

  it('have their limits, 0 at 0, and NaN at NaN', () => {
    expect([erf(Infinity), erf(-Infinity), erf(0)]).toEqual([1, -1, 0]);
    expect([erfc(Infinity), erfc(-Infinity), erfc(0)]).toEqual([0, 2, 1]);
    expect([erf(NaN), erfc(NaN)]).toEqual([NaN, NaN]);
  });
});
