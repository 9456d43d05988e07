import { NormError } from '../errors.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { reshape } from './ndarray.ts';

/** Averages over batches, one number a channel. */
export interface RunningOptions {
  runningMean?: NdArray | undefined;
  runningVar?: NdArray | undefined;
  /** The share of the batch in the new average, as in PyTorch; null: the average over all batches. Default 0.1. */
  momentum?: number | null | undefined;
  /** One element: how many batches came before; it stays at 2³² − 1. */
  numBatchesTracked?: NdArray | undefined;
  /** Whether the variance that is averaged is Σ/(n−1) (PyTorch; the default) or Σ/n (ONNX, Keras). */
  unbiasedRunningVar?: boolean | undefined;
}

/** The averages after the call, new arrays; left out where none were given or they did not change. */
export interface Running {
  runningMean?: Float64NdArray;
  runningVar?: Float64NdArray;
  numBatchesTracked?: Float64NdArray;
}

/**
 * running = (1 − momentum) · running + momentum · batch, for the mean and the variance, which {@link trackedVariance} gives. Nothing changes
 * where a mask leaves too little of the batch ({@link isTracked}): `batch` is then null.
 *
 * @throws NormError `option` where momentum null has no numBatchesTracked.
 */
export function track(batch: { mean: NdArray; variance: NdArray } | null, options: RunningOptions): Running {
  if (!hasRunning(options) || !batch) return {};
  const { runningMean, runningVar, momentum = 0.1, numBatchesTracked } = options;
  const batches =
    numBatchesTracked && Math.min(reshape('numBatchesTracked', numBatchesTracked, [1]).data[0]! + 1, 2 ** 32 - 1);
  const factor = momentum ?? 1 / (batches ?? NaN);
  if (!(factor >= 0 && factor <= 1)) {
    throw new NormError(
      'option',
      `momentum is ${momentum}; it must be between 0 and 1, or null with numBatchesTracked given`,
    );
  }
  const mix = (running: NdArray, of: ArrayLike<number>): Float64NdArray => ({
    data: Float64Array.from(running.data, (value, channel) => (1 - factor) * value + factor * of[channel]!),
    shape: running.shape,
  });
  return {
    runningMean: mix(reshape('runningMean', runningMean, batch.mean.shape), batch.mean.data),
    runningVar: mix(reshape('runningVar', runningVar, batch.variance.shape), batch.variance.data),
    ...(batches !== undefined && { numBatchesTracked: { data: Float64Array.of(batches), shape: [1] } }),
  };
}

/** Whether so many values, of which a mask may have left few, have what is averaged: an unbiased variance takes two. */
export function isTracked(count: number, { unbiasedRunningVar = true }: RunningOptions): boolean {
  return count >= (unbiasedRunningVar ? 2 : 1);
}

/** The variance that is averaged, of a biased one over `count` values. */
export function trackedVariance(
  variance: number,
  count: number,
  { unbiasedRunningVar = true }: RunningOptions,
): number {
  return unbiasedRunningVar ? (variance * count) / (count - 1) : variance;
}

/** @throws NormError `training` where x has one value a group, masked or not: one has no unbiased variance. */
export function checkTrackable(values: number, { unbiasedRunningVar = true }: RunningOptions): void {
  if (unbiasedRunningVar && values < 2)
    throw new NormError('training', 'expected more than 1 value per channel: one has no unbiased variance');
}

/** @throws NormError `parameter` unless there is one number a channel, and one count. */
export function checkRunning({ runningMean, runningVar, numBatchesTracked }: RunningOptions, channels: number): void {
  if (runningMean) reshape('runningMean', runningMean, [channels]);
  if (runningVar) reshape('runningVar', runningVar, [channels]);
  if (numBatchesTracked) reshape('numBatchesTracked', numBatchesTracked, [1]);
}

/** Whether there are averages: both or neither. */
export function hasRunning<O extends RunningOptions>(
  options: O,
): options is O & { runningMean: NdArray; runningVar: NdArray } {
  return options.runningMean !== undefined;
}
