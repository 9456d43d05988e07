import { describe, expect, it } from 'vitest';
import { batchNorm, instanceNorm, layerNorm } from '../../src/reference/index.ts';
import { array, expectClose, randomArray, transpose } from './arrays.ts';

describe('instanceNorm', () => {
  it('normalizes each channel of each sample, by hand', () => {
    const x = array([2, 2, 2], [1, 3, 0, 8, 5, 5, -2, 2]);
    const { y, mean, rstd } = instanceNorm(x, { eps: 0, weight: array([2], [2, 3]), bias: array([2], [10, 20]) });
    expectClose(y, array([2, 2, 2], [8, 12, 17, 23, 10, 10, 17, 23]));
    expectClose(mean, array([2, 2, 1], [2, 4, 5, 0]));
    expectClose(rstd, array([2, 2, 1], [1, 0.25, 0, 0.5]));
  });

  it('is layerNorm over the axes that are neither samples nor channels', () => {
    const x = randomArray([2, 3, 4, 5]);
    expectClose(instanceNorm(x).y, layerNorm(x, { axes: [2, 3] }).y);
  });

  it('means the same in every layout, running statistics included', () => {
    const x = randomArray([2, 3, 4, 5]);
    const options = {
      weight: randomArray([3], 2),
      bias: randomArray([3], 3),
      runningMean: randomArray([3], 4),
      runningVar: array([3], [1, 2, 3]),
    };
    const first = instanceNorm(x, options);
    for (const [layout, order] of [
      ['NHWC', [0, 2, 3, 1]],
      ['CNHW', [1, 0, 2, 3]],
      ['HWCN', [2, 3, 1, 0]],
    ] as const) {
      const other = instanceNorm(transpose(x, order), { ...options, layout });
      expectClose(other.y, transpose(first.y, order));
      expectClose(other.runningMean, first.runningMean!);
      expectClose(other.runningVar, first.runningVar!);
    }
  });

  it('takes a tensor without samples as one sample', () => {
    const x = randomArray([3, 4, 5]);
    const options = { runningMean: randomArray([3], 4), runningVar: array([3], [1, 2, 3]) };
    const one = instanceNorm({ data: x.data, shape: [1, 3, 4, 5] }, options);
    const { y, runningMean, runningVar } = instanceNorm(x, { ...options, layout: 'CHW' });
    expectClose(y, { data: one.y.data, shape: x.shape });
    expectClose(runningMean, one.runningMean!);
    expectClose(runningVar, one.runningVar!);
  });

  it('tracks the mean over the samples of means and unbiased variances', () => {
    const x = array([2, 1, 2], [1, 3, 10, 20]);
    const options = { runningMean: array([1], [100]), runningVar: array([1], [200]) };
    const { runningMean, runningVar } = instanceNorm(x, options);
    expectClose(runningMean, array([1], [0.9 * 100 + 0.1 * ((2 + 15) / 2)]));
    expectClose(runningVar, array([1], [0.9 * 200 + 0.1 * ((2 + 50) / 2)]));
    expectClose(
      instanceNorm(x, { ...options, unbiasedRunningVar: false }).runningVar,
      array([1], [0.9 * 200 + 0.1 * ((1 + 25) / 2)]),
    );
  });

  it('without statistics of its own is batchNorm outside training', () => {
    const x = randomArray([2, 3, 4]);
    const options = {
      runningMean: randomArray([3], 4),
      runningVar: array([3], [1, 2, 3]),
      weight: randomArray([3], 2),
    };
    const [instance, batch] = [instanceNorm(x, { ...options, useInputStats: false }), batchNorm(x, options)];
    expect(instance.y).toEqual(batch.y);
    expectClose(instance.mean, array([2, 3, 1], [...batch.mean.data, ...batch.mean.data]));
    expectClose(instance.rstd, array([2, 3, 1], [...batch.rstd.data, ...batch.rstd.data]));
    expect(() => instanceNorm(x, { useInputStats: false })).toThrow('missing');
  });

  it('normalizes one value to 0, but has no unbiased variance to track', () => {
    const x = array([2, 2, 1], [1, 2, 3, 4]);
    expect([...instanceNorm(x).y.data]).toEqual([0, 0, 0, 0]);
    const running = { runningMean: array([2], [0, 0]), runningVar: array([2], [1, 1]) };
    expect(() => instanceNorm(x, running)).toThrow('more than 1 value');
  });
});
