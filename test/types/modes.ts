/** Options that go together in a mode, and some that do not, beside their right twins. The type check of the tests reads this file; nothing runs it. */
import {
  batchNorm,
  batchNormBackward,
  batchNormForward,
  gradientSums,
  groupNorm,
  groupNormBackward,
  instanceNorm,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  rmsNormBackward,
} from 'webgpu-norm';
import type { BatchNormOptions, ForwardResult, Moments, NormBackward, Saved, Tensor } from 'webgpu-norm';
import { batchNorm as tensorBatchNorm, layerNorm as tensorLayerNorm } from 'webgpu-norm/tfjs';
import type * as tf from '@tensorflow/tfjs-core';

/** What an app may have, or not. */
interface Tracked {
  runningMean: Tensor;
  runningVar: Tensor;
}

export function statistics(x: Tensor, training: boolean, parts: Moments, some: Tracked | undefined): void {
  const given = { runningMean: x, runningVar: x };
  // @ts-expect-error neither training nor running statistics
  batchNorm(x);
  // @ts-expect-error here too
  batchNorm(x, { weight: x, momentum: 0.1 });
  batchNorm(x, { training: true, moments: parts });
  batchNorm(x, given);
  batchNorm(x, { training, momentum: null, numBatchesTracked: x, ...given });
  batchNorm(x, { training, ...some });
  batchNorm(x, { training, runningMean: some?.runningMean, runningVar: some?.runningVar });
  const apart = { training: true, momentum: 0.1 };
  batchNorm(x, { ...apart, weight: x });
  // @ts-expect-error a mean without a variance
  batchNorm(x, { runningMean: x });
  // @ts-expect-error in training too
  batchNorm(x, { training: true, runningMean: x });
  // @ts-expect-error a count without what it counts
  batchNorm(x, { training: true, numBatchesTracked: x });
  // @ts-expect-error no running statistics to use
  instanceNorm(x, { useInputStats: false });
  instanceNorm(x, { useInputStats: false, ...given });
  instanceNorm(x, { useInputStats: training, ...given });
  // @ts-expect-error the share of a mean is of that of x
  instanceNorm(x, { ...given, meanScale: x });
  instanceNorm(x, { meanScale: x });
  const options: BatchNormOptions<'f32'> = { training: true };
  batchNorm(x, options);
}

export function sequences(x: Tensor, parts: Moments, maybe: Tensor | undefined): void {
  layerNorm(x, { segments: [0, 3], weight: x, castBeforeWeight: true });
  layerNorm(x, { segments: maybe, bias: maybe });
  // @ts-expect-error all of a sequence is normalized
  layerNorm(x, { segments: [0, 3], axes: -1 });
  // @ts-expect-error sequences have no padding
  layerNorm(x, { segments: x, mask: x });
  // @ts-expect-error nor an axis of tokens
  layerNorm(x, { segments: x, rotary: { cos: x, sin: x } });
  // @ts-expect-error their variance is biased
  layerNorm(x, { segments: x, unbiased: true });
  groupNorm(x, { numGroups: 2, segments: [0, 3] });
  // @ts-expect-error rows come first, channels second
  groupNorm(x, { numGroups: 2, segments: [0, 3], layout: 'NHWC' });
  // @ts-expect-error here too
  groupNorm(x, { numGroups: 2, segments: [0, 3], channelAxis: 1 });
  instanceNorm(x, { segments: [0, 3], meanScale: x });
  // @ts-expect-error statistics are of sequences, not of parts
  instanceNorm(x, { segments: [0, 3], moments: parts });
  // @ts-expect-error nor are they tracked
  instanceNorm(x, { segments: [0, 3], runningMean: x, runningVar: x });
  // @ts-expect-error nor given
  instanceNorm(x, { segments: [0, 3], useInputStats: false });
}

export function modulations(x: Tensor, maybe: Tensor | undefined): void {
  layerNorm(x, { modulation: { scale: maybe, shift: maybe } });
  // @ts-expect-error neither a scale nor a shift
  layerNorm(x, { modulation: {} });
}

export function functions(x: Tensor, dy: Tensor, saved: Saved, flag: boolean): void {
  const trained = batchNormForward(x, { training: true });
  const rows = layerNormForward(x);
  batchNormBackward(dy, trained.saved);
  // @ts-expect-error it was saved by another function
  layerNormBackward(dy, trained.saved);
  // @ts-expect-error here too
  rmsNormBackward(dy, rows.saved);
  gradientSums(dy, trained.saved);
  // @ts-expect-error rows have no parts
  gradientSums(dy, rows.saved);
  // Where the function is chosen at run time, what it saved is of any.
  layerNormBackward(dy, saved);
  const either: ForwardResult = flag ? trained : rows;
  const backward: NormBackward = flag ? batchNormBackward : layerNormBackward;
  backward(dy, either.saved);
  groupNormBackward(dy, either.saved);
}

export function bridged(x: tf.Tensor, training: boolean): void {
  // @ts-expect-error neither training nor running statistics
  tensorBatchNorm(x);
  tensorBatchNorm(x, { training, runningMean: x, runningVar: x });
  // @ts-expect-error all of a sequence is normalized
  tensorLayerNorm(x, { segments: x, axes: -1 });
  tensorLayerNorm(x, { segments: x });
}
