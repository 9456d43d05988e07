import { describe, expect, it } from 'vitest';
import * as reference from '../../src/reference/index.ts';
import { array } from './arrays.ts';

/** A batch of nothing, as PyTorch has it: empty results, gradients of zeros; but no statistics of nothing. */

const { layerNorm, layerNormBackward, batchNorm, instanceNorm, groupNorm, rmsNorm } = reference;
const none = (...shape: number[]) => array(shape, []);
const channels = { weight: array([2], [1, 2]), bias: array([2], [3, 4]) };
const running = { runningMean: array([2], [1, 2]), runningVar: array([2], [3, 4]) };

describe('an empty x', () => {
  it('gives an empty y, and statistics of the groups there are', () => {
    expect(layerNorm(none(0, 3))).toEqual({ y: none(0, 3), mean: none(0, 1), rstd: none(0, 1) });
    expect(layerNorm(none(2, 0))).toEqual({ y: none(2, 0), mean: array([2, 1], [0, 0]), rstd: array([2, 1], [0, 0]) });
    expect(rmsNorm(none(0, 3), { partial: 0.5 }).y).toEqual(none(0, 3));
    expect(instanceNorm(none(0, 2, 5), channels).y).toEqual(none(0, 2, 5));
    expect(groupNorm(none(0, 4, 5), { numGroups: 2 }).mean).toEqual(none(0, 2, 1, 1));
    expect(batchNorm(none(0, 2, 5), { ...channels, ...running }).y).toEqual(none(0, 2, 5));
    expect(reference.normalize(none(0, 3), { axes: [0], statistic: 'l2' }).rstd).toEqual(array([1, 3], [0, 0, 0]));
    expect(reference.adaptiveInstanceNorm(none(0, 2, 5), none(0, 2, 3), { unbiased: true }).y).toEqual(none(0, 2, 5));
  });

  it('gives gradients of zeros to what is not empty', () => {
    const affine = { weight: array([3], [1, 2, 3]), bias: array([3], [4, 5, 6]) };
    const zeros = array([3], [0, 0, 0]);
    const gradients = layerNormBackward(none(0, 3), none(0, 3), { ...affine, modulation: { scale: affine.weight } });
    expect(gradients).toEqual({ dx: none(0, 3), dweight: zeros, dbias: zeros, dscale: zeros });
    const { dweight } = layerNormBackward(none(2, 0), none(2, 0), { weight: none(0) });
    expect(dweight).toEqual(none(0));
  });

  it('leaves running statistics as they are', () => {
    const result = instanceNorm(none(0, 2, 5), { ...running, numBatchesTracked: array([1], [7]) });
    expect(Object.keys(result)).toEqual(['y', 'mean', 'rstd']);
  });

  it('of a part of a batch, tracks and normalizes by the moments of the others, and adds nothing to sums', () => {
    const moments = { mean: array([2], [1, 2]), variance: array([2], [3, 4]), count: 10 };
    const { y, runningMean } = batchNorm(none(0, 2), {
      training: true,
      moments,
      ...running,
      momentum: null,
      numBatchesTracked: array([1], [0]),
    });
    expect([y, runningMean]).toEqual([none(0, 2), moments.mean]);
    const zeros = array([2], [0, 0]);
    expect(reference.gradientSums(none(0, 2), none(0, 2), { moments })).toEqual({ dy: zeros, dyXhat: zeros, count: 0 });
  });
});

describe('statistics of nothing', () => {
  it('are refused', () => {
    expect(() => batchNorm(none(0, 2, 5), { training: true })).toThrow(
      'x has no value a channel to take statistics of',
    );
    expect(() => instanceNorm(none(3, 2, 0))).toThrow('instanceNorm: x [3,2,0] has no elements to take statistics of');
    expect(() => reference.moments(none(0, 2), { axes: [0] })).toThrow('moments: x [0,2] has no elements');
    expect(() => reference.adaptiveInstanceNorm(array([1, 1, 2], [1, 2]), none(1, 1, 0))).toThrow(
      'style [1,1,0] has no',
    );
  });

  it('are there where there is no group to have them', () => {
    expect(reference.moments(none(0, 2), { axes: [1] })).toEqual({ mean: none(0), variance: none(0), count: 2 });
  });
});
