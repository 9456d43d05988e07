import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { GradientName } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { Composed } from './composed.ts';
import type { Filled } from './run.ts';

/** The modes composed of TensorFlow.js's operations, on its CPU backend: its automatic differentiation knows nothing of ours. */

await tf.setBackend('cpu');

const composed = new Composed<tf.Tensor>({
  ...tf,
  mean: (x, axes) => tf.mean(x, axes, true),
  sum: (x, axes) => tf.sum(x, axes, true),
});

const toTf = ({ data, shape }: NdArray): tf.Tensor => tf.tensor(Float32Array.from(data), [...shape], 'float32');

/** The gradients of sum(dy · y). */
export function gradientsByAutodiff(filled: Filled, dy: NdArray): Partial<Record<GradientName, Float32Array>> {
  const { x, arrays } = filled;
  const trained = ['weight', 'bias', 'alpha', 'inputShift', 'style'].filter((name) => arrays[name]);
  const constants = Object.fromEntries(
    ['runningMean', 'runningVar'].filter((name) => arrays[name]).map((name) => [name, toTf(arrays[name]!)]),
  );
  return tf.tidy(() => {
    const gradientsOf = tf.grads((first: tf.Tensor, ...rest: tf.Tensor[]) =>
      composed.call(filled, first, {
        ...constants,
        ...Object.fromEntries(trained.map((name, at) => [name, rest[at]!])),
      }),
    );
    const results = gradientsOf([toTf(x), ...trained.map((name) => toTf(arrays[name]!))], toTf(dy));
    return Object.fromEntries(
      ['dx', ...trained.map((name) => `d${name}`)].map((name, at) => [name, results[at]!.dataSync() as Float32Array]),
    );
  });
}
