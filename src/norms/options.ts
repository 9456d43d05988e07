import type { Tensor } from '../dispatch/tensor.ts';
import type { Activation, FusionOptions as Fusions, MaskOptions as Masks } from '../problem/fusion.ts';
import type { LayoutOptions } from '../problem/layout.ts';

export type FusionOptions<T = Tensor> = Fusions<T>;
export type MaskOptions<T = Tensor> = Masks<T>;

/** Options that most normalizations share; in `prepare` and `explain` a tensor's description may stand for it. */
export interface AffineOptions<T = Tensor> extends FusionOptions<T> {
  /** What the normalized elements are multiplied by. */
  weight?: T;
  /** Whether 1 is added to the weight: it is stored about zero, as Gemma does. Default: false. */
  zeroCenteredWeight?: boolean;
  /** What is added to them, with or without a weight. */
  bias?: T;
  /** Keeps an empty spread from dividing by zero: added to the variance, inside the root, unless the mode says otherwise. */
  eps?: number;
  /** Also return what the gradient needs: the call then gives `{ y, saved }`. */
  save?: boolean;
}

/**
 * Running statistics, updated in place on the GPU by a call that uses the statistics of x. A batch of which a mask leaves no position,
 * or a single one where the running variance is unbiased, is neither tracked nor counted; InstanceNorm leaves out such samples.
 */
export interface RunningOptions<T = Tensor> {
  /** One element a channel. */
  runningMean?: T;
  /** One element a channel. */
  runningVar?: T;
  /** The share of the new statistics: running = (1 - momentum) · running + momentum · batch; null: the average over all batches. */
  momentum?: number | null;
  /** A u32 tensor of one element, incremented by each updating call; it stays at 2^32 - 1. */
  numBatchesTracked?: T;
  /** Which variance is tracked: `'unbiased'` (as PyTorch does) or `'biased'` (as ONNX, Keras and Flax do). */
  runningVariance?: 'unbiased' | 'biased';
}

export type { Activation, LayoutOptions };
