import * as tf from '@tensorflow/tfjs-core';
import {
  batchNorm,
  batchNormBackward,
  batchNormForward,
  groupNorm,
  groupNormBackward,
  groupNormForward,
} from 'webgpu-norm';
import type { ForwardResult, NormBackward, Tensor } from 'webgpu-norm';
import type { Borrowed, Bridge } from './bridge.ts';
import type { Stored } from './conversion.ts';

/** Normalization layers for tfjs whose forward and backward passes are the library's. */

export type Norm = 'none' | 'batch' | 'group';

export interface Normalization {
  variables: tf.Variable[];
  /** x has its channels last. */
  apply(x: tf.Tensor, training: boolean): tf.Tensor;
  destroy(): void;
}

/** A call in training. */
type Forward = (x: Tensor, affine: { weight: Tensor; bias: Tensor }) => ForwardResult;
type Backward = NormBackward;

/** A variable that is on the GPU from the beginning: what tfjs uploads only when it is used cannot be borrowed before. */
export function filledVariable(shape: number[], value: number): tf.Variable {
  return tf.tidy(() => tf.variable(tf.fill(shape, value)));
}

/**
 * A layer for x of [N, C] or [N, H, W, C]; `numGroups` is for GroupNorm. x, y and their gradients are stored in `dtype`; parameters,
 * statistics and what is saved of them are f32.
 */
export function makeNormalization(
  bridge: Bridge,
  norm: Norm,
  dtype: Stored,
  channels: number,
  numGroups: number,
): Normalization {
  if (norm === 'none') return { variables: [], apply: (x) => x, destroy: () => {} };
  const weight = filledVariable([channels], 1);
  const bias = filledVariable([channels], 0);
  const { context } = bridge;
  const runningMean = context.tensor(new Float32Array(channels), [channels]);
  const runningVar = context.tensor(new Float32Array(channels).fill(1), [channels]);
  const running = { runningMean, runningVar };
  const common = { channelAxis: -1 } as const;

  const forward: Forward = (x, affine) =>
    norm === 'group'
      ? groupNormForward(x, { ...common, ...affine, numGroups })
      : batchNormForward(x, { ...common, ...affine, ...running, training: true });
  const backward = norm === 'group' ? groupNormBackward : batchNormBackward;

  const evaluate = (x: tf.Tensor): tf.Tensor => {
    const inputs = borrowAll(bridge, [x, weight, bias], dtype);
    const affine = { weight: inputs[1].tensor, bias: inputs[2].tensor };
    const y =
      norm === 'group'
        ? groupNorm(inputs[0].tensor, { ...common, ...affine, numGroups })
        : batchNorm(inputs[0].tensor, { ...common, ...affine, ...running });
    for (const input of inputs) input.release();
    return bridge.lend(y);
  };

  return {
    variables: [weight, bias],
    apply: (x, training) =>
      training ? differentiable(bridge, [x, weight, bias], dtype, forward, backward) : evaluate(x),
    destroy: () => {
      for (const ours of [runningMean, runningVar]) ours.destroy();
      for (const theirs of [weight, bias]) theirs.dispose();
    },
  };
}

type Three<T> = [x: T, weight: T, bias: T];

const borrowAll = (bridge: Bridge, [x, ...parameters]: Three<tf.Tensor>, dtype: Stored): Three<Borrowed> => [
  bridge.borrow(x, dtype),
  ...(parameters.map((parameter) => bridge.borrow(parameter)) as [weight: Borrowed, bias: Borrowed]),
];

/** A normalization as an operation of tfjs that has a gradient, which has to be asked for, once: it frees what was saved. */
function differentiable(
  bridge: Bridge,
  inputs: Three<tf.Tensor>,
  dtype: Stored,
  forward: Forward,
  backward: Backward,
): tf.Tensor {
  const operation = tf.customGrad((...given) => {
    const borrowed = borrowAll(bridge, given.slice(0, 3) as Three<tf.Tensor>, dtype);
    const [x, weight, bias] = borrowed;
    const { y, saved } = forward(x.tensor, { weight: weight.tensor, bias: bias.tensor });
    const gradFunc = (dy: tf.Tensor): tf.Tensor[] => {
      const incoming = bridge.borrow(dy, dtype);
      const { dx, dweight, dbias } = backward(incoming.tensor, saved);
      for (const input of [incoming, ...borrowed]) input.release();
      saved.destroy();
      return [dx, dweight!, dbias!].map((gradient) => bridge.lend(gradient));
    };
    return { value: bridge.lend(y), gradFunc };
  });
  return operation(...inputs);
}
