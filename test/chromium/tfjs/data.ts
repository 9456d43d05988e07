import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../../gpu/support/random.ts';

/** What tests of layers are made of. */

export const BOUND = 1e-5;
const random = new Random(12);

/** Data of a layer's test, on the GPU. */
export function data(shape: number[], mean = 0.5): { tensor: tf.Tensor; array: Float32Array; shape: number[] } {
  const array = random.normals(
    shape.reduce((a, b) => a * b, 1),
    mean,
  );
  return { tensor: tf.tensor(array, shape), array, shape };
}

/** Weights other than those a layer begins with. */
export function shuffled(layer: tfl.layers.Layer): tf.Tensor[] {
  return layer.getWeights().map(({ shape }) => tf.tensor(Float32Array.from(data(shape, 1).array, Math.abs), shape));
}
