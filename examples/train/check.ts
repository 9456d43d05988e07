import * as tf from '@tensorflow/tfjs-core';
import type { Bridge } from './bridge.ts';
import type { Stored } from './conversion.ts';
import { makeNormalization } from './normalization.ts';
import { Random } from './random.ts';

const SHAPE = [6, 5, 4, 8] as [number, number, number, number];
const GROUPS = 4;
const EPS = 1e-5;

/** What tfjs makes of the same layer from its own operations, gradient and all. */
function composed(norm: 'batch' | 'group', x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const [count, height, width, channels] = SHAPE;
  const grouped = tf.reshape(x, [count, height * width, GROUPS, channels / GROUPS]);
  const [values, axes] = norm === 'group' ? [grouped, [1, 3]] : [x, [0, 1, 2]];
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
 * Compares the layers that are trained here with the same ones made of operations of tfjs: the largest difference of y and
 * its gradients, relative to the largest value of each.
 *
 * @throws Error (rejects) where it is more than it may be.
 */
export async function checkBridge(bridge: Bridge, dtype: Stored): Promise<number> {
  const differences: number[] = [];
  for (const norm of ['batch', 'group'] as const) {
    const layer = makeNormalization(bridge, norm, dtype, SHAPE[3], GROUPS);
    const [weight, bias] = layer.variables as [tf.Variable, tf.Variable];
    const random = new Random(1, 'check');
    const [x, dy] = [randomTensor(SHAPE, random), randomTensor(SHAPE, random)];
    for (const variable of [weight, bias]) tf.tidy(() => variable.assign(randomTensor([SHAPE[3]], random)));
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
    for (const [index, tensor] of ours.entries()) differences.push(await differenceOf(tensor, theirs[index]!));
    tf.dispose([x, dy, ...ours, ...theirs]);
    layer.destroy();
  }
  const most = differences.reduce((most, difference) => (difference <= most ? most : difference), 0);
  if (!(most <= MOST_DIFFERENCE[dtype])) {
    throw new Error(
      `the layers differ from those of TensorFlow.js by ${most} in ${dtype}, relative to the largest value`,
    );
  }
  return most;
}
