import * as tf from '@tensorflow/tfjs-core';
import type { Bridge } from './bridge.ts';
import { CLASSES, PIXELS, SIZE } from '../data.ts';
import { Random } from '../random.ts';
import type { Norm, Stored } from '../settings.ts';
import { filledVariable, makeNormalization } from './normalization.ts';
import type { Normalization } from './normalization.ts';

/** Two tiny classifiers of pictures. All but the normalization is tfjs. */
export interface Model {
  variables: tf.Variable[];
  /** Pictures [N, SIZE, SIZE, 1] to a score for each class. */
  predict(x: tf.Tensor4D, training: boolean): tf.Tensor2D;
  destroy(): void;
}

const WIDTH = 32;
const GROUPS = 4;

function randomVariable(shape: number[], deviation: number, random: Random): tf.Variable {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => deviation * random.normal());
  return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
}

function assemble(
  own: tf.Variable[],
  norms: Normalization[],
  predict: (x: tf.Tensor4D, training: boolean) => tf.Tensor,
): Model {
  return {
    variables: [...own, ...norms.flatMap(({ variables }) => variables)],
    predict: (x, training) => predict(x, training) as tf.Tensor2D,
    destroy: () => {
      for (const variable of own) variable.dispose();
      for (const norm of norms) norm.destroy();
    },
  };
}

/**
 * Three fully connected layers with sigmoids, as in section 4.1 of Ioffe and Szegedy 2015, normalized after the sigmoid or
 * not at all. Its weights begin at the deviation that keeps the variance of a linear layer (LeCun 1998).
 */
export function sigmoidNet(bridge: Bridge, norm: Norm, dtype: Stored, seed: number): Model {
  const random = new Random(seed, 'weights');
  const sizes = [PIXELS, WIDTH, WIDTH, WIDTH, CLASSES.length];
  const weights = sizes.slice(1).map((to, index) => {
    const from = sizes[index]!;
    return randomVariable([from, to], 1 / Math.sqrt(from), random);
  });
  const biases = sizes.slice(1).map((to) => filledVariable([to], 0));
  const norms = sizes.slice(1, -1).map((channels) => makeNormalization(bridge, norm, dtype, [channels], GROUPS));
  return assemble([...weights, ...biases], norms, (x, training) => {
    let h: tf.Tensor = tf.reshape(x, [-1, PIXELS]);
    weights.forEach((weight, index) => {
      h = tf.add(tf.matMul(h as tf.Tensor2D, weight as tf.Tensor2D), biases[index]!);
      if (index < norms.length) h = norms[index]!.apply(tf.sigmoid(h), training);
    });
    return h;
  });
}

/** Side of the patches of each convolution, and the channels it makes. */
const CONVOLUTIONS = [
  { side: 3, to: 16 },
  { side: 2, to: 32 },
] as const;

/** Two convolutions of patches side by side (12×12 → 4×4 → 2×2), each with a normalization and a ReLU, and a linear layer. */
export function convolutionNet(bridge: Bridge, norm: Norm, dtype: Stored, seed: number): Model {
  const random = new Random(seed, 'weights');
  const filters: tf.Variable[] = [];
  const norms: Normalization[] = [];
  let [size, channels] = [SIZE, 1];
  for (const { side, to } of CONVOLUTIONS) {
    const from = side * side * channels;
    filters.push(randomVariable([from, to], Math.sqrt(2 / from), random));
    norms.push(makeNormalization(bridge, norm, dtype, [size / side, size / side, to], GROUPS));
    [size, channels] = [size / side, to];
  }
  const last = size * size * channels;
  const weight = randomVariable([last, CLASSES.length], 1 / Math.sqrt(last), random);
  const bias = filledVariable([CLASSES.length], 0);
  return assemble([...filters, weight, bias], norms, (x, training) => {
    let h: tf.Tensor = x;
    CONVOLUTIONS.forEach(({ side }, index) => {
      h = tf.relu(norms[index]!.apply(convolve(h as tf.Tensor4D, filters[index]!, side), training));
    });
    return tf.add(tf.matMul(tf.reshape(h, [-1, last]), weight as tf.Tensor2D), bias);
  });
}

/** A convolution whose stride is the side of its filter, as a matrix product: [N, H, W, C] to [N, H / side, W / side, to]. */
function convolve(x: tf.Tensor4D, filter: tf.Tensor, side: number): tf.Tensor4D {
  const [count, height, width, channels] = x.shape;
  const [down, across] = [height / side, width / side];
  const rows = tf.reshape(x, [count * down, side, across, side * channels]);
  const patches = tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [-1, side * side * channels]);
  return tf.reshape(tf.matMul(patches as tf.Tensor2D, filter as tf.Tensor2D), [count, down, across, -1]);
}
