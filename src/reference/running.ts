import type { Moments } from './moments.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { reshape } from './ndarray.ts';

/** Averages over batches, one number a channel. */
export interface RunningOptions {
  runningMean?: NdArray | undefined;
  runningVar?: NdArray | undefined;
  /** The share of the batch in the new average, as in PyTorch; null: the average over all batches. Default 0.1. */
  momentum?: number | null | undefined;
  /** One element: how many batches came before. */
  numBatchesTracked?: NdArray | undefined;
  /** Which variance of the batch is averaged: 'unbiased' (Σ/(n−1), PyTorch; the default) or 'biased' (Σ/n, ONNX, Keras). */
  runningVariance?: 'unbiased' | 'biased' | undefined;
}

/** The averages after the call, new arrays; left out where none were given or they did not change. */
export interface Running {
  runningMean?: Float64NdArray;
  runningVar?: Float64NdArray;
  numBatchesTracked?: Float64NdArray;
}

/**
 * running = (1 − momentum) · running + momentum · batch, for the mean and the variance.
 *
 * @throws Error where one of the two is missing, momentum null has no numBatchesTracked, or one value has no unbiased variance.
 */
export function track(batch: Moments, options: RunningOptions): Running {
  if (!hasRunning(options)) return {};
  const { runningMean, runningVar, momentum = 0.1, numBatchesTracked, runningVariance = 'unbiased' } = options;
  const unbiased = runningVariance === 'unbiased';
  if (unbiased && batch.count < 2)
    throw new Error('expected more than 1 value per channel: one has no unbiased variance');
  const correction = unbiased ? batch.count / (batch.count - 1) : 1;
  const batches = numBatchesTracked && reshape('numBatchesTracked', numBatchesTracked, [1]).data[0]! + 1;
  const share = momentum ?? 1 / (batches ?? NaN);
  if (!(share >= 0 && share <= 1)) {
    throw new Error(`momentum is ${momentum}; it must be between 0 and 1, or null with numBatchesTracked given`);
  }
  const mix = (running: NdArray, of: ArrayLike<number>, scale: number): Float64NdArray => ({
    data: Float64Array.from(running.data, (value, channel) => (1 - share) * value + share * of[channel]! * scale),
    shape: running.shape,
  });
  return {
    runningMean: mix(reshape('runningMean', runningMean, batch.mean.shape), batch.mean.data, 1),
    runningVar: mix(reshape('runningVar', runningVar, batch.variance.shape), batch.variance.data, correction),
    ...(batches !== undefined && { numBatchesTracked: { data: Float64Array.of(batches), shape: [1] } }),
  };
}

/** @throws Error where only one of the two is given. */
export function hasRunning<O extends RunningOptions>(
  options: O,
): options is O & { runningMean: NdArray; runningVar: NdArray } {
  const [mean, variance] = [options.runningMean !== undefined, options.runningVar !== undefined];
  if (mean !== variance) throw new Error('give runningMean and runningVar, or neither');
  return mean;
}
