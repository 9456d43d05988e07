import * as tf from '@tensorflow/tfjs-core';
import {
  batchNorm,
  batchNormBackward,
  batchNormForward,
  groupNorm,
  groupNormBackward,
  groupNormForward,
  instanceNorm,
  instanceNormBackward,
  instanceNormForward,
  layerNorm,
  layerNormBackward,
  layerNormForward,
} from 'webgpu-norm';
import type { ForwardResult, Tensor } from 'webgpu-norm';
import type { Norm, Stored } from '../settings.ts';
import type { Borrowed, Bridge } from './bridge.ts';

/** Normalization layers for tfjs whose forward and backward passes are the library's. */

export interface Normalization {
  variables: tf.Variable[];
  /** x has its channels last. */
  apply(x: tf.Tensor, training: boolean): tf.Tensor;
  destroy(): void;
}

interface Affine {
  weight: Tensor;
  bias: Tensor;
}

/** What a layer calls. */
interface Calls {
  forward(x: Tensor, affine: Affine): ForwardResult;
  backward(dy: Tensor, saved: ForwardResult['saved']): { dx: Tensor; dweight?: Tensor; dbias?: Tensor };
  /** Once it is trained. */
  evaluate(x: Tensor, affine: Affine): Tensor;
}

type Running = Record<'runningMean' | 'runningVar', Tensor<'f32'>>;

/** The calls of each normalization; `rank` is that of x, whose channels are last. */
const CALLS: Record<Exclude<Norm, 'none'>, (rank: number, numGroups: number, running: Running) => Calls> = {
  batch: (_rank, _numGroups, running) => ({
    forward: (x, affine) => batchNormForward(x, { ...LAST, ...affine, ...running, training: true }),
    backward: batchNormBackward,
    evaluate: (x, affine) => batchNorm(x, { ...LAST, ...affine, ...running }),
  }),
  layer: (rank) => {
    const axes = Array.from({ length: rank - 1 }, (_, index) => index + 1);
    return {
      forward: (x, affine) => layerNormForward(x, { axes, ...affine }),
      backward: layerNormBackward,
      evaluate: (x, affine) => layerNorm(x, { axes, ...affine }),
    };
  },
  group: (_rank, numGroups) => ({
    forward: (x, affine) => groupNormForward(x, { ...LAST, ...affine, numGroups }),
    backward: groupNormBackward,
    evaluate: (x, affine) => groupNorm(x, { ...LAST, ...affine, numGroups }),
  }),
  instance: () => ({
    forward: (x, affine) => instanceNormForward(x, { ...LAST, ...affine }),
    backward: instanceNormBackward,
    evaluate: (x, affine) => instanceNorm(x, { ...LAST, ...affine }),
  }),
};

const LAST = { channelAxis: -1 } as const;

/** A variable that is on the GPU from the beginning: what tfjs uploads only when it is used cannot be borrowed before. */
export function filledVariable(shape: number[], value: number): tf.Variable {
  return tf.tidy(() => tf.variable(tf.fill(shape, value)));
}

/**
 * A layer for samples of `shape`, [C] or [H, W, C]; `numGroups` is for GroupNorm. x, y and their gradients are stored in `dtype`;
 * parameters, statistics and what is saved of them are f32.
 */
export function makeNormalization(
  bridge: Bridge,
  norm: Norm,
  dtype: Stored,
  shape: readonly number[],
  numGroups: number,
): Normalization {
  if (norm === 'none') return { variables: [], apply: (x) => x, destroy: () => {} };
  const channels = shape.at(-1)!;
  // LayerNorm has parameters of its own for each element that it normalizes.
  const parameters = norm === 'layer' ? [...shape] : [channels];
  const weight = filledVariable(parameters, 1);
  const bias = filledVariable(parameters, 0);
  const { context } = bridge;
  const runningMean = context.tensor(new Float32Array(channels), [channels]);
  const runningVar = context.tensor(new Float32Array(channels).fill(1), [channels]);
  const calls = CALLS[norm](shape.length + 1, numGroups, { runningMean, runningVar });

  const evaluate = (x: tf.Tensor): tf.Tensor => {
    const inputs = borrowAll(bridge, [x, weight, bias], dtype);
    const y = calls.evaluate(inputs[0].tensor, { weight: inputs[1].tensor, bias: inputs[2].tensor });
    for (const input of inputs) input.release();
    return bridge.lend(y);
  };

  return {
    variables: [weight, bias],
    apply: (x, training) => (training ? differentiable(bridge, [x, weight, bias], dtype, calls) : evaluate(x)),
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
  { forward, backward }: Calls,
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
