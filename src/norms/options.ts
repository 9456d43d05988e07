import type { Tensor } from '../dispatch/tensor.ts';
import type { Activation } from '../problem/fusion.ts';
import type { LayoutOptions } from '../problem/layout.ts';

/**
 * What a call does besides normalizing, at the cost of the normalization alone:
 * y = activation((normalize(x + gate · residual) · weight + bias) · (1 + scale) + shift).
 *
 * Gate, scale and shift broadcast to x: of as many axes as x, each of size 1 or that of x (`[N,tokens,C]`, a spatial map `[N,C,H,W]`);
 * or `[N,C]`, a row a sample and a number a channel; or `[C]`. Where a mode has no layout, samples are the first axis and
 * channels the last. They hold f32 or what x holds.
 */
export interface FusionOptions<T = Tensor> {
  /** Added to x before anything is measured; of the shape and dtype of x. */
  residual?: T;
  /** What the residual is multiplied by. */
  gate?: T;
  /** Also return x + gate · residual: the call then gives `{ y, sum }`. With `save` it does so anyway. */
  returnSum?: boolean;
  /** A modulation that follows weight and bias: · (1 + scale). */
  scale?: T;
  /** … + shift. */
  shift?: T;
  /** What follows all that; `'gelu'` is exact, `'gelu-tanh'` its approximation. */
  activation?: Activation;
  /** The slope of `'leaky-relu'` below zero. Default: 0.01. */
  negativeSlope?: number;
}

/** Which positions of padded samples are there. */
export interface MaskOptions<T = Tensor> {
  /**
   * Of the shape of x without its channels: `[N,T]` for `[N,T,C]` or `[N,C,T]`. Where it is zero, a position is left out of the
   * statistics. It holds u32, f32 or what x holds.
   */
  mask?: T;
  /** Whether positions whose mask is zero become zero in the output. Default: false, they are normalized like the others. */
  maskOutput?: boolean;
}

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

/** Running statistics, updated in place on the GPU by a call that uses the statistics of x. */
export interface RunningOptions<T = Tensor> {
  /** One element a channel. */
  runningMean?: T;
  /** One element a channel. */
  runningVar?: T;
  /** The share of the new statistics: running = (1 - momentum) · running + momentum · batch; null: the average over all batches. */
  momentum?: number | null;
  /** A u32 tensor of one element, incremented by each updating call. */
  numBatchesTracked?: T;
  /** Which variance is tracked: `'unbiased'` (as PyTorch does) or `'biased'` (as ONNX, Keras and Flax do). */
  runningVariance?: 'unbiased' | 'biased';
}

export type { Activation, LayoutOptions };
