import { describe, expect, it } from 'vitest';
import { groupNorm, instanceNorm, layerNorm } from '../../src/reference/index.ts';
import { array, expectClose, randomArray, transpose } from './arrays.ts';

describe('groupNorm', () => {
  it('normalizes neighbouring channels together, by hand', () => {
    const x = array([1, 4, 1], [1, 3, 10, 18]);
    const { y, mean, rstd } = groupNorm(x, {
      numGroups: 2,
      eps: 0,
      weight: array([4], [1, 2, 3, 4]),
      bias: array([4], [10, 20, 30, 40]),
    });
    expectClose(y, array([1, 4, 1], [9, 22, 27, 44]));
    expectClose(mean, array([1, 2, 1, 1], [2, 14]));
    expectClose(rstd, array([1, 2, 1, 1], [1, 0.25]));
  });

  const x = randomArray([2, 6, 3, 4]);
  const affine = { weight: randomArray([6], 2), bias: randomArray([6], 3) };

  it('with as many groups as channels is instanceNorm', () => {
    expectClose(groupNorm(x, { numGroups: 6, ...affine }).y, instanceNorm(x, affine).y);
  });

  it('with one group is layerNorm over channels and space', () => {
    expectClose(groupNorm(x, { numGroups: 1 }).y, layerNorm(x, { axes: [1, 2, 3] }).y);
  });

  it('is layerNorm over the channels of a group, split from the others', () => {
    const split = layerNorm({ data: x.data, shape: [2, 3, 2, 3, 4] }, { axes: [2, 3, 4] });
    expectClose(groupNorm(x, { numGroups: 3 }).y, { data: split.y.data, shape: x.shape });
  });

  it('means the same in every layout', () => {
    const { y, mean } = groupNorm(x, { numGroups: 3, ...affine });
    expect(mean.shape).toEqual([2, 3, 1, 1, 1]);
    const nhwc = groupNorm(transpose(x, [0, 2, 3, 1]), { numGroups: 3, ...affine, layout: 'NHWC' });
    expectClose(nhwc.y, transpose(y, [0, 2, 3, 1]));
    expectClose(nhwc.mean, { data: mean.data, shape: [2, 1, 1, 3, 1] });
    const cnhw = groupNorm(transpose(x, [1, 0, 2, 3]), { numGroups: 3, ...affine, layout: 'CNHW' });
    expectClose(cnhw.y, transpose(y, [1, 0, 2, 3]));
    expectClose(cnhw.mean, transpose(mean, [1, 2, 0, 3, 4]));
    const chw = groupNorm(array([6, 3, 4], x.data.slice(0, 72)), { numGroups: 3, ...affine, layout: 'CHW' });
    expectClose(chw.y, array([6, 3, 4], y.data.slice(0, 72)));
    expect(chw.mean.shape).toEqual([3, 1, 1, 1]);
  });

  it.each([0, -1, 1.5, 4, 7, NaN])('refuses to divide 6 channels into %d groups', (numGroups) => {
    expect(() => groupNorm(x, { numGroups })).toThrow('6 channels cannot be divided');
  });

  it('refuses a weight per group', () => {
    expect(() => groupNorm(x, { numGroups: 3, weight: array([3], [1, 2, 3]) })).toThrow('weight has shape [3]');
  });
});
