import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { NormError } from '../../errors.ts';
import { formatValue } from '../../options/format-value.ts';

/** Options of `tf.layers.batchNormalization`. */
export type BatchNormalizationConfig = NonNullable<Parameters<typeof layers.batchNormalization>[0]>;

/** Options of `tf.layers.layerNormalization`. */
export type LayerNormalizationConfig = NonNullable<Parameters<typeof layers.layerNormalization>[0]>;

/** Options of any layer. */
export type LayerConfig = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;

/** A layer's configuration as it is saved. */
export type SavedConfig = ReturnType<layers.Layer['getConfig']>;

/** Inputs of a layer. */
export type Inputs = Tensor | Tensor[];

/** Keywords of a layer's call. */
export type Keywords = Parameters<layers.Layer['call']>[1];

/** Layers of TensorFlow.js that normalize, whose classes it does not export. */
interface Affine extends layers.Layer {
  epsilon: number;
  center: boolean;
  scale: boolean;
  gamma: LayerVariable | null | undefined;
  beta: LayerVariable | null | undefined;
  readonly gammaInitializer: Initializer;
  readonly betaInitializer: Initializer;
  readonly gammaRegularizer: Regularizer;
  readonly betaRegularizer: Regularizer;
}

type Initializer = Parameters<layers.Layer['addWeight']>[3];
type Regularizer = Parameters<layers.Layer['addWeight']>[4];

interface Batch extends Affine {
  axis: number;
  momentum: number;
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
}

interface Rows extends Affine {
  /** After `build` a list of whole numbers from 0 on. */
  axis: number | number[];
}

/** A layer class that TensorFlow.js makes from a configuration. */
type LayerClass<Layer, Config> = (new (config?: Config) => Layer) & Pick<typeof layers.Layer, 'fromConfig'>;

// Their names are given: a name made up for them would be missing among those of the app's layers.
const batch = layers.batchNormalization({ name: 'stock' });
const rows = layers.layerNormalization({ name: 'stock' });

/** The class behind `tf.layers.batchNormalization`: a layer that extends it has its weights, their names and order, and its configuration. */
export const StockBatchNormalization: LayerClass<Batch, BatchNormalizationConfig> = batch.constructor as never;

/** The class behind `tf.layers.layerNormalization`. */
export const StockLayerNormalization: LayerClass<Rows, LayerNormalizationConfig> = rows.constructor as never;

/** The tensor that a layer is called with. */
export function onlyTensor(layer: layers.Layer, inputs: Inputs): Tensor {
  if (!Array.isArray(inputs)) return inputs;
  if (inputs.length === 1) return inputs[0]!;
  throw new NormError('option', `${layer.name}: it is called with ${inputs.length} tensors; it takes one`);
}

/** The shape of the tensor that a layer is built for. */
export function onlyShape(layer: layers.Layer, shape: Shape | Shape[]): Shape {
  if (!Array.isArray(shape[0])) return shape as Shape;
  if (shape.length === 1) return shape[0];
  throw new NormError('option', `${layer.name}: it is built for ${shape.length} tensors; it takes one`);
}

/**
 * The size of an axis that a layer is built for.
 *
 * @throws NormError `axes` where there is no such axis, or it may have any size.
 */
export function sizeAlong(layer: layers.Layer, axis: number, shape: Shape): number {
  const size = shape.at(axis);
  if (typeof size === 'number') return size;
  const why = size === null ? 'any size' : 'no such axis';
  const given = `[${shape.map((one) => one ?? 'null').join(',')}]`;
  throw new NormError(
    'axes',
    `${layer.name}: axis is ${axis}, but the input ${given} has ${why} there; give it a size`,
  );
}

/** What a layer calls options of our functions: TensorFlow.js passes over names that it does not know, and models may have some. */
const OF_LAYERS = { numGroups: 'groups', eps: 'epsilon', axes: 'axis', channelAxis: 'axis' };

/** @throws NormError `option` where the configuration has an option of our functions, which would be lost. */
export function checkConfig(layer: layers.Layer, config: object = {}): void {
  for (const [name, own] of Object.entries(OF_LAYERS)) {
    if (!Object.hasOwn(config, name)) continue;
    throw new NormError('option', `${layer.name}: there is no option '${name}'; here it is called ${own}`);
  }
}

/** @throws NormError `option` unless it is a whole number. */
export function checkAxis(layer: layers.Layer, axis: unknown): asserts axis is number {
  if (Number.isInteger(axis)) return;
  throw new NormError(
    'option',
    `${layer.name}: axis is ${formatValue(axis)}; it must be a whole number, -1 for the last`,
  );
}

/** @throws NormError `option` unless it is a whole number, or a list of them. */
export function checkAxes(layer: layers.Layer, axis: unknown): asserts axis is number | number[] {
  for (const one of [axis].flat()) checkAxis(layer, one);
}

/** The axis of a list of one, as Keras 2 writes it into models. */
export function withoutList<Axis>(axis: Axis | readonly Axis[]): Axis {
  return Array.isArray(axis) && axis.length === 1 ? (axis[0] as Axis) : (axis as Axis);
}
