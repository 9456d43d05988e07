import { describe, expect, it } from 'vitest';
import { layerNorm, normalize, rmsNorm } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';

describe('layerNorm', () => {
  it('normalizes the last axis, by hand', () => {
    const x = array([2, 2], [1, 3, 10, 18]);
    const { y, mean, rstd } = layerNorm(x, { eps: 0, weight: array([2], [2, 3]), bias: array([2], [10, 20]) });
    expectClose(y, array([2, 2], [8, 23, 8, 23]));
    expectClose(mean, array([2, 1], [2, 14]));
    expectClose(rstd, array([2, 1], [1, 0.25]));
  });

  it('has eps 1e-5 by default', () => {
    expectClose(layerNorm(array([2], [-1, 1])).rstd, array([1], [1 / Math.sqrt(1 + 1e-5)]));
  });

  it('takes weight and bias along the normalized axes, in axis order', () => {
    const weight = array([2, 2], [1, 10, 100, 1000]);
    const { y } = layerNorm(
      array(
        [2, 3, 2],
        Array.from({ length: 12 }, (_, i) => i),
      ),
      { axes: [2, 0], weight, eps: 0 },
    );
    // Each group is c, c+1, c+6, c+7, of variance 9.25.
    const group = [-3.5, -2.5, 2.5, 3.5].map((deviation, i) => (deviation * weight.data[i]!) / Math.sqrt(9.25));
    const expected = [0, 1].flatMap((first) => [0, 1, 2].flatMap(() => [group[2 * first]!, group[2 * first + 1]!]));
    expectClose(y, array([2, 3, 2], expected));
  });

  it('takes weight and bias of trailing axes with the normalized ones among them', () => {
    const x = randomArray([2, 3, 4]);
    const affine = { weight: randomArray([3, 4], 2), bias: randomArray([2, 3, 4], 3) };
    const options = { statistic: 'mean-variance', ...affine } as const;
    const wide = normalize(x, { axes: -1, ...options }).y;
    expectClose(layerNorm(x, affine).y, wide);
    expectClose(layerNorm(x, { axes: 1, ...affine }).y, normalize(x, { axes: 1, ...options }).y);
    expectClose(rmsNorm(x, affine).y, normalize(x, { axes: -1, statistic: 'rms', ...affine }).y);
    const heads = { weight: array([2, 2], [1, 2, 3, 4]), bias: array([2, 2], [0, 0, 10, 10]) };
    const { y } = layerNorm(array([1, 2, 2], [-1, 1, 3, 5]), { ...heads, eps: 0 });
    expectClose(y, array([1, 2, 2], [-1, 2, 7, 14]));
  });

  it('refuses others', () => {
    const x = randomArray([2, 3, 4]);
    for (const norm of [layerNorm, rmsNorm]) {
      // Not trailing, not as large, without a normalized axis, one axis too many.
      expect(() => norm(x, { weight: randomArray([2, 4]) })).toThrow('weight has shape [2,4]');
      expect(() => norm(x, { weight: randomArray([1, 3, 4]) })).toThrow('weight has shape [1,3,4]');
      expect(() => norm(x, { axes: [0, 2], bias: randomArray([3, 4]) })).toThrow('bias has shape [3,4]');
      expect(() => norm(x, { weight: randomArray([1, 2, 3, 4]) })).toThrow('weight has shape [1,2,3,4]');
    }
  });

  it('refuses a weight of another shape, and axes there are not', () => {
    const x = randomArray([2, 3, 4]);
    expect(() => layerNorm(x, { axes: [1, 2], weight: randomArray([4, 3]) })).toThrow(
      'weight has shape [4,3], but [1,3,4] is needed',
    );
    expect(() => layerNorm(x, { bias: randomArray([3]) })).toThrow('bias has shape [3]');
    expect(() => layerNorm(x, { axes: [3] })).toThrow('axes [3]');
    expect(() => layerNorm(array([], [1]))).toThrow('axes [-1]');
  });
});
