import { describe, expect, it } from 'vitest';
import { batchNorm, batchNormBackward, moments } from '../../src/reference/index.ts';
import type { BatchNormOptions, NdArray } from '../../src/reference/index.ts';
import { array, expectClose, randomArray, transpose } from './arrays.ts';
import { affine, C, elsewhere, LENGTHS, mask, N, running, T, x } from './masked.ts';

/** What counts of an array of the shape of x, as a list of all positions: [positions, C]. */
function cut({ data }: NdArray): NdArray {
  const rows = LENGTHS.flatMap((length, n) =>
    Array.from({ length }, (_, t) => Array.from({ length: C }, (_, c) => data[(n * C + c) * T + t]!)),
  );
  return array([rows.length, C], rows.flat());
}

describe('a masked BatchNorm', () => {
  it('by hand', () => {
    const one = array([1, 1, 4], [1, 9, 3, 100]);
    const options = { training: true, eps: 0, mask: array([1, 4], [1, 0, -2, 0]) };
    const { y, mean, rstd } = batchNorm(one, options);
    expectClose(mean, array([1, 1, 1], [2]));
    expectClose(rstd, array([1, 1, 1], [1]));
    expectClose(y, array([1, 1, 4], [-1, 7, 1, 98]));
    const bias = array([1], [10]);
    expectClose(batchNorm(one, { ...options, bias, maskOutput: true }).y, array([1, 1, 4], [9, 0, 11, 0]));
  });

  it.each<{ name: string; running?: BatchNormOptions }>([
    { name: 'unbiased' },
    { name: 'biased', running: { unbiasedRunningVar: false } },
    { name: 'all batches', running: { momentum: null, numBatchesTracked: array([1], [4]) } },
  ])('is that of what counts, its running statistics too: $name', (options) => {
    const all = { training: true, ...affine, ...running, ...options.running };
    const masked = batchNorm(x, { ...all, mask });
    const wanted = batchNorm(cut(x), all);
    expectClose(cut(masked.y), wanted.y);
    expectClose(masked.mean, { ...wanted.mean, shape: [1, C, 1] });
    expectClose(masked.rstd, { ...wanted.rstd, shape: [1, C, 1] });
    expectClose(masked.runningMean, wanted.runningMean!);
    expectClose(masked.runningVar, wanted.runningVar!);
    expect(masked.numBatchesTracked).toEqual(wanted.numBatchesTracked);
  });

  it('has the gradients of what counts where only that is given any', () => {
    const dy = elsewhere(randomArray([N, C, T], 4), 0);
    const all = { training: true, ...affine };
    const masked = batchNormBackward(dy, x, { ...all, mask });
    const wanted = batchNormBackward(cut(dy), cut(x), all);
    expectClose(cut(masked.dx), wanted.dx);
    expectClose(elsewhere(masked.dx, 0), masked.dx);
    expectClose(masked.dweight, wanted.dweight!);
    expectClose(masked.dbias, wanted.dbias!);
  });

  it('an element left out has a gradient of rstd · g, and moves those that are not (G17)', () => {
    // Mean 2 and rstd 1, of 1 and 3; of the second, x_hat is 7: sum(g) is 1, sum(g · x_hat) 7, each over two.
    const one = array([1, 1, 4], [1, 9, 3, 100]);
    const options = { training: true, eps: 0, mask: array([1, 4], [1, 0, 1, 0]) };
    const { dx } = batchNormBackward(array([1, 1, 4], [0, 1, 0, 0]), one, options);
    expectClose(dx, array([1, 1, 4], [-0.5 + 3.5, 1, -0.5 - 3.5, 0]));
  });

  it('means the same in every layout', () => {
    const all = { training: true, ...affine, ...running, mask, maskOutput: true };
    const dy = randomArray([N, C, T], 4);
    const [first, gradients] = [batchNorm(x, all), batchNormBackward(dy, x, all)];
    for (const [layout, order, turned] of [
      ['NTC', [0, 2, 1], mask],
      ['CTN', [1, 2, 0], transpose(mask, [1, 0])],
    ] as const) {
      const options = { ...all, layout, mask: turned };
      const other = batchNorm(transpose(x, order), options);
      expectClose(other.y, transpose(first.y, order));
      expectClose(other.runningMean, first.runningMean!);
      expectClose(other.runningVar, first.runningVar!);
      const { dx, dweight } = batchNormBackward(transpose(dy, order), transpose(x, order), options);
      expectClose(dx, transpose(gradients.dx, order));
      expectClose(dweight, gradients.dweight!);
    }
  });

  it('masks images, and plain features', () => {
    const images = randomArray([2, 3, 2, 2]);
    const { y } = batchNorm(images, { training: true, mask: array([2, 2, 2], [1, 1, 1, 0, 0, 0, 1, 0]) });
    // Of the first image all but its last position, of the second the third.
    const places = [0, 1, 2, 14].flatMap((place) => [place, place + 4, place + 8]);
    const pick = ({ data }: NdArray) =>
      array(
        [4, 3],
        places.map((place) => data[place]!),
      );
    expectClose(pick(y), batchNorm(pick(images), { training: true }).y);
    const features = array([3, 1], [1, 50, 3]);
    const plain = batchNorm(features, { training: true, eps: 0, mask: array([3], [1, 0, 1]) });
    expectClose(plain.y, array([3, 1], [-1, 48, 1]));
  });

  it.each([NaN, Infinity, 1e30])('costs no accuracy where the first is %d', (first) => {
    const one = array([1, 1, 3], [first, 1e6 - 1, 1e6 + 1]);
    const { y, mean } = batchNorm(one, { training: true, eps: 0, mask: array([1, 3], [0, 1, 1]) });
    expect([...mean.data, ...y.data.slice(1)]).toEqual([1e6, -1, 1]);
  });

  it('of nothing has mean and variance 0, which are not tracked', () => {
    const numBatchesTracked = array([1], [7]);
    const options = {
      training: true,
      ...running,
      numBatchesTracked,
      eps: 0.25,
      mask: array([N, T], new Float64Array(N * T)),
    };
    const { y, mean, rstd, ...tracked } = batchNorm(x, options);
    expectClose(y, { ...x, data: x.data.map((value) => 2 * value) });
    expectClose(mean, array([1, C, 1], [0, 0]));
    expectClose(rstd, array([1, C, 1], [2, 2]));
    expect(tracked).toEqual({});
    const dy = randomArray([N, C, T], 4);
    expectClose(batchNormBackward(dy, x, options).dx, { ...dy, data: dy.data.map((value) => 2 * value) });
  });

  it('of one value has variance 0, which is tracked where it may be biased', () => {
    const one = array([1, 1, 3], [4, 5, 6]);
    const stats = { runningMean: array([1], [0]), runningVar: array([1], [1]) };
    const options = { training: true, eps: 0.25, ...stats, mask: array([1, 3], [0, 1, 0]) } as const;
    expect(batchNorm(one, options)).not.toHaveProperty('runningMean');
    const { mean, rstd, runningMean, runningVar } = batchNorm(one, { ...options, unbiasedRunningVar: false });
    expectClose(mean, array([1, 1, 1], [5]));
    expectClose(rstd, array([1, 1, 1], [2]));
    expectClose(runningMean, array([1], [0.5]));
    expectClose(runningVar, array([1], [0.9]));
  });

  it('by running statistics or moments is masked in its output, or not at all', () => {
    const plain = batchNorm(x, running);
    expectClose(batchNorm(x, { ...running, mask }).y, plain.y);
    expectClose(batchNorm(x, { ...running, mask, maskOutput: true }).y, elsewhere(plain.y, 0));
    const known = { training: true, moments: moments(x, { axes: [0, 2] }), mask };
    expect(() => batchNorm(x, known)).toThrow('mask and moments are both given');
    expect(() => batchNormBackward(x, x, known)).toThrow('mask and moments are both given');
  });

  it('refuses a mask of another shape, and one value per channel', () => {
    const options = { training: true };
    for (const shape of [[T, N], [N, C, T], [N, 1, T], [N * T], [1, T]]) {
      expect(() => batchNorm(x, { ...options, mask: randomArray(shape) })).toThrow('but [3,5] is needed');
    }
    expect(() => batchNorm(array([1, 2], [1, 2]), { ...options, mask: array([1], [1]) })).toThrow('more than 1 value');
  });
});
