import { describe, expect, it } from 'vitest';
import { batchNorm } from '../../src/reference/index.ts';
import type { BatchNormOptions, RunningOptions } from '../../src/reference/index.ts';
import { array, expectClose } from './arrays.ts';

/** A batch of one channel, of mean 4. */
const x = array([4, 1], [1, 3, 4, 8]);
const biased = (9 + 1 + 0 + 16) / 4;
const unbiased = (9 + 1 + 0 + 16) / 3;

function updated(options: BatchNormOptions) {
  return batchNorm(x, { training: true, runningMean: array([1], [10]), runningVar: array([1], [20]), ...options });
}

describe('running statistics', () => {
  it('take a tenth of the batch, with its unbiased variance', () => {
    const { runningMean, runningVar, numBatchesTracked } = updated({});
    expectClose(runningMean, array([1], [0.9 * 10 + 0.1 * 4]));
    expectClose(runningVar, array([1], [0.9 * 20 + 0.1 * unbiased]));
    expect(numBatchesTracked).toBeUndefined();
  });

  it('take the share of the batch that momentum says, and the variance that is asked for', () => {
    const { runningMean, runningVar } = updated({ momentum: 0.75, unbiasedRunningVar: false });
    expectClose(runningMean, array([1], [0.25 * 10 + 0.75 * 4]));
    expectClose(runningVar, array([1], [0.25 * 20 + 0.75 * biased]));
  });

  it('count batches whatever the momentum', () => {
    const { runningMean, numBatchesTracked } = updated({ momentum: 0.5, numBatchesTracked: array([1], [7]) });
    expectClose(runningMean, array([1], [7]));
    expectClose(numBatchesTracked, array([1], [8]));
  });

  it('are the average over all batches with momentum null', () => {
    let state: RunningOptions = { momentum: null, numBatchesTracked: array([1], [0]) };
    const batches = [
      [1, 3],
      [10, 20],
      [-4, 0],
    ];
    for (const batch of batches) {
      const { runningMean, runningVar, numBatchesTracked } = batchNorm(array([2, 1], batch), {
        training: true,
        runningMean: array([1], [99]),
        runningVar: array([1], [99]),
        ...state,
      });
      state = { momentum: null, runningMean, runningVar, numBatchesTracked };
    }
    expectClose(state.runningMean, array([1], [(2 + 15 - 2) / 3]));
    expectClose(state.runningVar, array([1], [(2 + 50 + 8) / 3]));
    expectClose(state.numBatchesTracked, array([1], [3]));
  });

  it('are new arrays: what was given stays', () => {
    const given = { runningMean: array([1], [10]), runningVar: array([1], [20]), numBatchesTracked: array([1], [0]) };
    updated(given);
    expect(given).toEqual({
      runningMean: array([1], [10]),
      runningVar: array([1], [20]),
      numBatchesTracked: array([1], [0]),
    });
  });

  it('do not come back where none were given', () => {
    expect(Object.keys(batchNorm(x, { training: true })).sort()).toEqual(['mean', 'rstd', 'y']);
  });

  it('need both of them, a momentum between 0 and 1, and for null the number of batches', () => {
    expect(() => updated({ runningVar: undefined })).toThrow('or neither');
    expect(() => updated({ momentum: 1.5 })).toThrow('momentum is 1.5');
    expect(() => updated({ momentum: NaN })).toThrow('momentum is NaN');
    expect(() => updated({ momentum: null })).toThrow('null with numBatchesTracked given');
  });

  it('are one a channel, and the count one, also where the call uses neither', () => {
    const two = array([2], [1, 1]);
    for (const wrong of [{ numBatchesTracked: two }, { runningMean: two }, { runningVar: two }]) {
      expect(() => updated({ training: false, ...wrong })).toThrow('but [1] is needed');
      expect(() => updated({ mask: array([4], [0, 0, 0, 0]), ...wrong })).toThrow('but [1] is needed');
    }
  });
});
