import { describe, expect, it } from 'vitest';
import { instanceNorm, instanceNormBackward } from '../../src/reference/index.ts';
import type { InstanceNormOptions, NdArray } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';
import { affine, C, elsewhere, LENGTHS, mask, N, running, T, x } from './masked.ts';

/** What counts of one sample: [1, C, length]. */
function sequence({ data }: NdArray, n: number): NdArray {
  const length = LENGTHS[n]!;
  const rows = Array.from({ length: C }, (_, c) => Array.from({ length }, (_, t) => data[(n * C + c) * T + t]!));
  return array([1, C, length], rows.flat());
}

describe('a masked InstanceNorm', () => {
  it('is that of each sequence alone', () => {
    const { y, mean, rstd } = instanceNorm(x, { ...affine, mask });
    const dy = elsewhere(randomArray([N, C, T], 4), 0);
    const { dx } = instanceNormBackward(dy, x, { ...affine, mask });
    LENGTHS.forEach((_, n) => {
      const alone = instanceNorm(sequence(x, n), affine);
      expectClose(sequence(y, n), alone.y);
      expectClose(array([1, C, 1], mean.data.slice(n * C, n * C + C)), alone.mean);
      expectClose(array([1, C, 1], rstd.data.slice(n * C, n * C + C)), alone.rstd);
      expectClose(sequence(dx, n), instanceNormBackward(sequence(dy, n), sequence(x, n), affine).dx);
    });
  });

  it.each<InstanceNormOptions>([{}, { unbiasedRunningVar: false }])(
    'tracks the mean over the samples, each by its own count: %o',
    (options) => {
      const masked = instanceNorm(x, { ...running, ...options, mask });
      const alone = LENGTHS.map((_, n) => instanceNorm(sequence(x, n), { ...running, ...options }));
      for (const name of ['runningMean', 'runningVar'] as const) {
        const average = (c: number) => alone.reduce((sum, one) => sum + one[name]!.data[c]! / N, 0);
        expectClose(masked[name], array([C], [average(0), average(1)]));
      }
    },
  );

  it('leaves samples of too few values out of what is tracked', () => {
    const two = array([2, 1, 2], [1, 3, 50, 70]);
    const stats = { runningMean: array([1], [0]), runningVar: array([1], [0]), momentum: 1 };
    const { y, runningMean, runningVar } = instanceNorm(two, { ...stats, eps: 0, mask: array([2, 2], [1, 1, 0, 0]) });
    expectClose(y, array([2, 1, 2], [-1, 1, 0, 0]));
    expectClose(runningMean, array([1], [2]));
    expectClose(runningVar, array([1], [2]));
    for (const left of [
      [0, 0, 0, 0],
      [1, 0, 0, 1],
    ]) {
      expect(instanceNorm(two, { ...stats, mask: array([2, 2], left) })).not.toHaveProperty('runningMean');
    }
  });

  it('by running statistics is masked in its output', () => {
    const all = { ...running, useInputStats: false };
    const wanted = elsewhere(instanceNorm(x, all).y, 0);
    expectClose(instanceNorm(x, { ...all, mask, maskOutput: true }).y, wanted);
  });
});
