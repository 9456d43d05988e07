import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import type { GradientName } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import type { Filled } from './run.ts';

/** The modes composed of TensorFlow.js's operations, on its CPU backend: its automatic differentiation knows nothing of ours. */

await tf.setBackend('cpu');

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
      compose(filled, first, { ...constants, ...Object.fromEntries(trained.map((name, at) => [name, rest[at]!])) }),
    );
    const results = gradientsOf([toTf(x), ...trained.map((name) => toTf(arrays[name]!))], toTf(dy));
    return Object.fromEntries(
      ['dx', ...trained.map((name) => `d${name}`)].map((name, at) => [name, results[at]!.dataSync() as Float32Array]),
    );
  });
}

type Tensors = Record<string, tf.Tensor>;
type Place = (tensor: tf.Tensor) => tf.Tensor;

function compose({ op, x: { shape }, options }: Filled, x: tf.Tensor, given: Tensors): tf.Tensor {
  const letters = [...((options['layout'] as string | undefined) ?? '')];
  const channel = letters.indexOf('C');
  const allBut = (...kept: string[]): number[] =>
    letters.map((_, axis) => axis).filter((axis) => !kept.includes(letters[axis]!));
  const perChannel = (tensor: tf.Tensor): tf.Tensor =>
    tf.reshape(
      tensor,
      letters.map((letter) => (letter === 'C' ? shape[channel]! : 1)),
    );
  const channelwise = (y: tf.Tensor): tf.Tensor => affine(y, given, perChannel);

  switch (op) {
    case 'batchNorm':
      return channelwise(options['training'] ? standardize(x, allBut('C')) : byRunning(x, given, perChannel));
    case 'instanceNorm':
      return channelwise(given['runningMean'] ? byRunning(x, given, perChannel) : standardize(x, allBut('N', 'C')));
    case 'groupNorm': {
      const groups = options['numGroups'] as number;
      const split = [...shape.slice(0, channel), groups, shape[channel]! / groups, ...shape.slice(channel + 1)];
      const kept = [channel, letters.indexOf('N') + (letters.indexOf('N') > channel ? 1 : 0)];
      const axes = split.map((_, axis) => axis).filter((axis) => !kept.includes(axis));
      return channelwise(tf.reshape(standardize(tf.reshape(x, split), axes), [...shape]));
    }
    case 'adaptiveInstanceNorm': {
      const { mean, variance } = tf.moments(given['style']!, allBut('N', 'C'), true);
      return tf.add(tf.mul(standardize(x, allBut('N', 'C')), tf.sqrt(tf.add(variance, 1e-5))), mean);
    }
    case 'layerNorm':
    case 'rmsNorm': {
      const axes = (options['axes'] as number[] | undefined) ?? [shape.length - 1];
      return affine(op === 'layerNorm' ? standardize(x, axes) : byNorm(x, axes, 'rms'), given);
    }
    case 'scaleNorm':
      return affine(byNorm(x, [shape.length - 1], 'l2'), given);
    case 'globalResponseNorm': {
      const norm = tf.sqrt(tf.sum(tf.square(x), allBut('N', 'C'), true));
      const response = tf.div(norm, tf.add(tf.mean(norm, [channel], true), 1e-6));
      return tf.add(x, channelwise(tf.mul(x, response)));
    }
    case 'dynamicTanh':
      return affine(tf.tanh(tf.mul(x, given['alpha']!)), given);
    case 'dynamicErf':
      return affine(tf.erf(tf.add(tf.mul(x, given['alpha']!), given['inputShift']!)), given);
    case 'normalize': {
      const [axes, statistic] = [options['axes'] as number[], options['statistic'] as string];
      return affine(statistic === 'mean-variance' ? standardize(x, axes) : byNorm(x, axes, statistic), given);
    }
  }
}

function standardize(x: tf.Tensor, axes: number[]): tf.Tensor {
  if (axes.length === 0) return tf.sub(x, x);
  const centered = tf.sub(x, tf.mean(x, axes, true));
  return tf.div(centered, tf.sqrt(tf.add(tf.mean(tf.square(centered), axes, true), 1e-5)));
}

function byRunning(x: tf.Tensor, given: Tensors, place: Place): tf.Tensor {
  const deviation = tf.sqrt(tf.add(place(given['runningVar']!), 1e-5));
  return tf.div(tf.sub(x, place(given['runningMean']!)), deviation);
}

function byNorm(x: tf.Tensor, axes: number[], statistic: string): tf.Tensor {
  switch (statistic) {
    case 'rms':
      return tf.div(x, tf.sqrt(tf.add(tf.mean(tf.square(x), axes, true), 2 ** -23)));
    case 'l2':
      return tf.div(x, tf.sqrt(tf.sum(tf.square(x), axes, true)));
    case 'l1':
      return tf.div(x, tf.sum(tf.abs(x), axes, true));
    default:
      return tf.div(x, tf.sum(x, axes, true));
  }
}

function affine(y: tf.Tensor, { weight, bias }: Tensors, place: Place = (tensor) => tensor): tf.Tensor {
  const scaled = weight ? tf.mul(y, place(weight)) : y;
  return bias ? tf.add(scaled, place(bias)) : scaled;
}
