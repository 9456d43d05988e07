import * as tf from '@tensorflow/tfjs-core';
import { Random } from '../random.ts';
import type { Norm, Stored } from '../settings.ts';
import type { Bridge } from './bridge.ts';
import { makeNormalization } from './normalization.ts';

const SHAPE = [6, 5, 4, 8] as [number, number, number, number];
const GROUPS = 4;
const EPS = 1e-5;

/** Groups of channels that share the statistics of a sample. */
const GROUPS_OF = { layer: 1, group: GROUPS, instance: SHAPE[3] };

/** What tfjs makes of the same layer from its own operations, gradient and all. */
function composed(norm: Exclude<Norm, 'none'>, x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [count, height, width, channels] = SHAPE;
  const groups = norm === 'batch' ? 1 : GROUPS_OF[norm];
  const grouped = tf.reshape(x, [count, height * width, groups, channels / groups]);
  const [values, axes] = norm === 'batch' ? [x, [0, 1, 2]] : [grouped, [1, 3]];
  const centred = tf.sub(values, tf.mean(values, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  const normalized = tf.reshape(tf.mul(centred, tf.rsqrt(tf.add(variance, EPS))), SHAPE);
  return tf.add(tf.mul(normalized, weight), bias);
}

function randomTensor(shape: number[], random: Random): tf.Tensor {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
  return tf.add(tf.tensor(values, shape), 0); // Adding puts it on the GPU.
}

async function differenceOf(ours: tf.Tensor, theirs: tf.Tensor): Promise<number> {
  const [a, b] = [await ours.data(), await theirs.data()];
  let [difference, largest] = [0, 0];
  for (let index = 0; index < a.length; index++) {
    // NaN must not pass for small.
    const here = Math.abs(a[index]! - b[index]!);
    if (!(here <= difference)) difference = here;
    largest = Math.max(largest, Math.abs(b[index]!));
  }
  return difference / largest;
}

/**
 * How far a layer made of the library may be from the same one of tfjs: some of the distances from 1 to the next number, for y is made
 * of a rounded x and rounded itself, and so are the gradients.
 */
const MOST_DIFFERENCE: Record<Stored, number> = { f32: 1e-4, f16: 4 * 2 ** -10, bf16: 4 * 2 ** -7 };

/**
 * Compares a layer that is trained here with the same one made of operations of tfjs: the largest difference of y and
 * its gradients, each relative to its largest value.
 *
 * @throws Error (rejects) where it is more than it may be.
 */
export async function checkBridge(bridge: Bridge, norm: Exclude<Norm, 'none'>, dtype: Stored): Promise<number> {
  const layer = makeNormalization(bridge, norm, dtype, SHAPE.slice(1), GROUPS);
  const [weight, bias] = layer.variables as [tf.Variable, tf.Variable];
  const random = new Random(1, 'check');
  const [x, dy] = [randomTensor(SHAPE, random), randomTensor(SHAPE, random)];
  for (const variable of [weight, bias]) tf.tidy(() => variable.assign(randomTensor(variable.shape, random)));
  const resultsOf = (layer: (x: tf.Tensor) => tf.Tensor): tf.Tensor[] =>
    tf.tidy(() => {
      let y!: tf.Tensor;
      const total = (x: tf.Tensor, ..._variables: tf.Tensor[]): tf.Tensor =>
        tf.sum(tf.mul((y = tf.keep(layer(x))), dy));
      const gradients = tf.grads(total)([x, weight, bias]);
      return [y, ...gradients];
    });
  const ours = resultsOf((x) => layer.apply(x, true));
  const theirs = resultsOf((x) => composed(norm, x, weight, bias));
  let most = 0;
  for (const [index, tensor] of ours.entries()) {
    const difference = await differenceOf(tensor, theirs[index]!);
    if (!(difference <= most)) most = difference;
  }
  tf.dispose([x, dy, ...ours, ...theirs]);
  layer.destroy();
  if (!(most <= MOST_DIFFERENCE[dtype])) {
    throw new Error(
      `the layer (${norm}) differs from that of TensorFlow.js by ${most} in ${dtype}, relative to the largest value`,
    );
  }
  return most;
}
