import { describe, expect, it } from 'vitest';
import { layerNorm, rmsNorm, rmsNormBackward } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';

describe('rmsNorm', () => {
  it('divides by the root of the mean square, by hand', () => {
    const { y, mean, rstd } = rmsNorm(array([2, 2], [1, 7, -3, 3]), {
      eps: 0,
      weight: array([2], [10, 100]),
      bias: array([2], [1, 2]),
    });
    expectClose(y, array([2, 2], [3, 142, -9, 102]));
    expectClose(mean, array([2, 1], [0, 0]));
    expectClose(rstd, array([2, 1], [1 / 5, 1 / 3]));
  });

  it('has eps 2⁻²³ by default', () => {
    expectClose(rmsNorm(array([1], [0])).rstd, array([1], [2 ** 11.5]));
  });

  it('is layerNorm where the mean is 0', () => {
    const half = randomArray([3, 4, 5]);
    const x = array([2, 3, 4, 5], [...half.data, ...half.data.map((value) => -value)]);
    expectClose(rmsNorm(x, { axes: [0, 2], eps: 1e-3 }).y, layerNorm(x, { axes: [0, 2], eps: 1e-3 }).y);
  });
});

describe('rmsNorm of a part', () => {
  it('divides all by the root of the mean square of the first, by hand', () => {
    const x = array([2, 4], [3, -3, 100, 200, 0, 2, 1, 1]);
    const { y, rstd } = rmsNorm(x, { eps: 0, partial: 0.5 });
    expectClose(rstd, array([2, 1], [1 / 3, 1 / Math.SQRT2]));
    expectClose(y, array([2, 4], [1, -1, 100 / 3, 200 / 3, 0, Math.SQRT2, Math.SQRT1_2, Math.SQRT1_2]));
  });

  it.each([
    { partial: 0.01, count: 1 },
    { partial: 0.39, count: 1 },
    { partial: 0.4, count: 2 },
    { partial: 0.99, count: 4 },
    { partial: 1, count: 5 },
  ])('takes the first $count of 5 for $partial', ({ partial, count }) => {
    const x = randomArray([3, 5]);
    const cut = [0, 5, 10].flatMap((from) => Array.from(x.data.subarray(from, from + count)));
    expectClose(rmsNorm(x, { partial }).rstd, rmsNorm(array([3, count], cut)).rstd);
  });

  it('counts in row-major order, whatever the order of the axes', () => {
    const x = randomArray([2, 3, 4]);
    // 4 of 8: those of the first index of axis 0.
    const { rstd } = rmsNorm(x, { axes: [2, 0], partial: 0.5 });
    const { rstd: wanted } = rmsNorm(array([3, 4], x.data.slice(0, 12)));
    expectClose(rstd, { ...wanted, shape: [1, 3, 1] });
  });

  it('whole is rmsNorm, and so are its gradients', () => {
    const [x, dy, weight] = [randomArray([3, 5]), randomArray([3, 5], 2), randomArray([5], 3)];
    expect(rmsNorm(x, { weight, partial: 1 })).toEqual(rmsNorm(x, { weight }));
    expect(rmsNormBackward(dy, x, { weight, partial: 1 })).toEqual(rmsNormBackward(dy, x, { weight }));
  });

  it.each([0, -0.5, 1.01, NaN])('refuses %d', (partial) => {
    const x = randomArray([3, 5]);
    expect(() => rmsNorm(x, { partial })).toThrow('partial is');
    expect(() => rmsNormBackward(x, x, { partial })).toThrow('partial is');
  });
});
