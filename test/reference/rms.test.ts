import { describe, it } from 'vitest';
import { layerNorm, rmsNorm } from '../../src/reference/index.ts';
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
