import type { FusionOptions } from '../problem/fusion.ts';
import type { MomentsOption } from '../problem/running.ts';

/** Options that normalizations with weight and bias share; `T` is a tensor. */
export interface AffineOptions<T> extends FusionOptions<T> {
  /** The factor of x_hat. */
  weight?: T | undefined;
  /** Whether 1 is added to the weight: it is stored about zero, as Gemma does. Default: false. */
  zeroCenteredWeight?: boolean | undefined;
  /** The summand after it, with or without a weight. */
  bias?: T | undefined;
  /** Keeps an empty spread from dividing by zero: added to the variance, inside the root, unless the mode says otherwise. */
  eps?: number | undefined;
}

/** How running statistics are updated; where there are none, nothing is. */
export interface TrackingOptions {
  /** The share of the new statistics: running = (1 - momentum) · running + momentum · batch; null: the average over all batches. */
  momentum?: number | null | undefined;
  /**
   * Whether the running variance takes the unbiased variance of the batch (as PyTorch does) or the biased one (as ONNX, Keras and Flax
   * do). Default: true.
   */
  unbiasedRunningVar?: boolean | undefined;
}

/**
 * Running statistics, updated in place on the GPU by a call that uses the statistics of x. A batch of which a mask leaves no position,
 * or a single one where the running variance is unbiased, is neither tracked nor counted; InstanceNorm leaves out such samples.
 *
 * Both or neither: what may be undefined is known at run time. `T` is a tensor of numbers, `U` one of counts.
 */
export interface RunningStatistics<T, U = T> {
  /** One element a channel. */
  runningMean: T | undefined;
  /** One element a channel. */
  runningVar: T | undefined;
  /** A u32 tensor of one element, incremented by each updating call; it stays at 2^32 - 1. */
  numBatchesTracked?: U | undefined;
}

/** None of them. */
export interface NoRunningStatistics {
  runningMean?: undefined;
  runningVar?: undefined;
  numBatchesTracked?: undefined;
}

/** Running statistics, or none. */
export type RunningOptions<T, U = T> = TrackingOptions & (RunningStatistics<T, U> | NoRunningStatistics);

/** Statistics of more than x, which is a part of a whole: of a batch that several devices share, of an image cut into tiles. */
export interface PartOptions<T> {
  /**
   * Moments that `moments`, or for several parts `mergeMoments`, gives: one mean and variance for each of the groups whose elements share
   * statistics, in their order ([C]; [N,C] or [N,G]). Not with running statistics that are used, nor with a mask.
   */
  moments?: MomentsOption<T> | undefined;
}
