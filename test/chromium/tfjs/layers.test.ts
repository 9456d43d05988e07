import './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, it } from 'vitest';
import * as reference from '../../../src/reference/index.ts';
import {
  BatchNormalization,
  connect,
  GroupNormalization,
  InstanceNormalization,
  LayerNormalization,
  Normalization,
  RMSNormalization,
  UnitNormalization,
} from '../../../src/tfjs/index.ts';
import { registerLayer } from '../../../src/tfjs/layers/register.ts';
import { relativeError } from '../../gpu/support/run.ts';
import { BOUND, data, shuffled } from './data.ts';

const context = await connect();
afterAll(() => context.destroy());

describe('every layer', () => {
  const shape = [2, 3, 4, 6];
  type Formula = (x: reference.NdArray, weights: reference.NdArray[]) => reference.Normalized;
  const layers: [string, () => tfl.layers.Layer, Formula][] = [
    [
      'BatchNormalization',
      () => new BatchNormalization({ epsilon: 1e-4 }),
      (x, [weight, bias, runningMean, runningVar]) =>
        reference.batchNorm(x, { weight, bias, runningMean, runningVar, layout: 'NHWC', eps: 1e-4 }),
    ],
    [
      'LayerNormalization',
      () => new LayerNormalization({ axis: [1, 2, 3] }),
      (x, [weight, bias]) => reference.layerNorm(x, { weight, bias, axes: [1, 2, 3], eps: 1e-3 }),
    ],
    [
      'GroupNormalization',
      () => new GroupNormalization({ groups: 3 }),
      (x, [weight, bias]) => reference.groupNorm(x, { weight, bias, numGroups: 3, layout: 'NHWC', eps: 1e-3 }),
    ],
    [
      'GroupNormalization of channels first',
      () => new GroupNormalization({ groups: -1, axis: 1, epsilon: 1e-5 }),
      (x, [weight, bias]) => reference.instanceNorm(x, { weight, bias, layout: 'NCHW', eps: 1e-5 }),
    ],
    [
      'InstanceNormalization',
      () => new InstanceNormalization({ center: false }),
      (x, [weight]) => reference.instanceNorm(x, { weight, layout: 'NHWC', eps: 1e-3 }),
    ],
    [
      'RMSNormalization',
      () => new RMSNormalization({ epsilon: 1e-5 }),
      (x, [weight]) => reference.rmsNorm(x, { weight, eps: 1e-5 }),
    ],
    [
      'RMSNormalization of two axes',
      () => new RMSNormalization({ axis: [-1, 2] }),
      (x, [weight]) => reference.rmsNorm(x, { weight, axes: [2, 3], eps: 1e-6 }),
    ],
    [
      'UnitNormalization',
      () => new UnitNormalization(),
      (x) => reference.normalize(x, { axes: -1, statistic: 'l2', eps: 1e-12 }),
    ],
    [
      'UnitNormalization of two axes',
      () => new UnitNormalization({ axis: [1, -1] }),
      (x) => reference.normalize(x, { axes: [1, 3], statistic: 'l2', eps: 1e-12 }),
    ],
    [
      'Normalization',
      () => new Normalization(),
      (x, [runningMean, runningVar]) => reference.batchNorm(x, { runningMean, runningVar, layout: 'NHWC', eps: 0 }),
    ],
  ];

  it.each(layers)('%s: the formula, before and after a model with it is saved and loaded', async (_, make, formula) => {
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: shape.slice(1) }), make()] });
    const norm = model.layers.at(-1)!;
    norm.setWeights(
      norm.getWeights().map((weight, index) => (weight.dtype === 'int32' ? weight : shuffled(norm)[index]!)),
    );
    const x = data(shape);
    const weights = await Promise.all(
      norm.getWeights().map(async (weight) => ({ data: (await weight.data()) as Float32Array, shape: weight.shape })),
    );
    const exact = formula({ data: x.array, shape }, weights).y.data;
    const y = model.predict(x.tensor) as tf.Tensor;
    expect(relativeError(await y.data(), exact)).toBeLessThanOrEqual(BOUND);

    let artifacts: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    const topology = JSON.parse(JSON.stringify(artifacts!.modelTopology));
    const loaded = await tfl.loadLayersModel(tf.io.fromMemory({ ...artifacts!, modelTopology: topology }));
    expect(loaded.layers.at(-1)!.getConfig()).toEqual(norm.getConfig());
    const again = loaded.predict(x.tensor) as tf.Tensor;
    expect(await again.data()).toEqual(await y.data());
    model.dispose();
    loaded.dispose();
  });

  it('has a class name of its own', () => {
    const names = [
      BatchNormalization,
      GroupNormalization,
      InstanceNormalization,
      LayerNormalization,
      Normalization,
      RMSNormalization,
      UnitNormalization,
    ].map(({ className }) => className);
    for (const name of names) expect(name).toMatch(/^WebgpuNorm[A-Z]\w*$/);
    expect(tfl.layers.batchNormalization().getClassName()).toBe('BatchNormalization');
  });

  it('leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    for (const [, make] of layers) {
      const layer = make();
      const [x] = [data(shape).tensor];
      tf.dispose(layer.apply(x) as tf.Tensor);
      layer.dispose();
      x.dispose();
    }
    const given = new Normalization({ mean: 1, variance: [1, 2, 3, 4, 5, 6] });
    const x = data(shape).tensor;
    tf.dispose(given.apply(x) as tf.Tensor);
    given.dispose();
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('Normalization', () => {
  it('measures the features of data, and goes back', async () => {
    const x = data([50, 3], 4);
    const layer = new Normalization();
    layer.adapt(x.tensor);
    const exact = reference.batchNorm({ data: x.array, shape: x.shape }, { training: true, layout: 'NC', eps: 0 }).y
      .data;
    const y = layer.apply(x.tensor) as tf.Tensor;
    expect(relativeError(await y.data(), exact)).toBeLessThanOrEqual(BOUND);
    const [mean, variance, count] = layer.getWeights();
    expect(Array.from(await count!.data())).toEqual([50]);
    const values = (tensor: tf.Tensor): Promise<number[]> => tensor.array() as Promise<number[]>;
    const back = new Normalization({ mean: await values(mean!), variance: await values(variance!), invert: true });
    const again = back.apply(y) as tf.Tensor;
    expect(relativeError(await again.data(), x.array)).toBeLessThanOrEqual(BOUND);
  });

  it('takes all elements as one feature where axis is null, and a constant one as it is', async () => {
    const whole = new Normalization({ axis: null, mean: 2, variance: 4 });
    const y = whole.apply(tf.tensor([2, 4, 6, 0], [2, 2])) as tf.Tensor;
    expect(Array.from(await y.data())).toEqual([0, 1, 2, -1]);
    const same = new Normalization();
    same.adapt(tf.fill([4, 1], 7));
    const zero = same.apply(tf.fill([2, 1], 7)) as tf.Tensor;
    expect(Array.from(await zero.data())).toEqual([0, 0]);
    const told = new Normalization({ mean: 7, variance: 0 }).apply(tf.tensor([7, 8], [2, 1])) as tf.Tensor;
    expect(relativeError(await told.data(), [0, 1e7])).toBeLessThanOrEqual(BOUND);
  });

  it('takes whole numbers, as it measures them', async () => {
    const x = tf.tensor([1, 2, 3, 4, 5, 6], [3, 2], 'int32');
    for (const invert of [false, true]) {
      const layer = new Normalization({ invert });
      layer.adapt(x);
      const [whole, same] = [x, tf.mul(x, 1.5)].map((one) => layer.apply(one) as tf.Tensor);
      const exact = tf.cast(x, 'float32');
      expect(whole!.dtype).toBe('float32');
      expect(await whole!.data()).toEqual(await (layer.apply(exact) as tf.Tensor).data());
      expect(await whole!.data()).not.toEqual(await same!.data());
    }
  });

  it('refuses what has not the axis of its features', () => {
    const x = data([3, 4, 5]).tensor; // as many on its first axis as there are features
    const measured = new Normalization({ axis: 3 });
    measured.build([null, 2, 2, 3]);
    const inverse = new Normalization({ axis: 3, mean: 1, variance: 2, invert: true });
    inverse.build([null, 2, 2, 3]);
    const refused = expect.objectContaining({ code: 'axes' }) as unknown;
    expect(() => measured.adapt(x)).toThrow(refused);
    expect(() => inverse.apply(x)).toThrow(refused);
  });
});

describe('a model converted from Keras', () => {
  /** As Keras 2 writes it: `model_config` of `model.json`. */
  const layer = (className: string, name: string, config: object): object => ({
    class_name: className,
    config: { name, trainable: true, dtype: 'float32', ...config },
  });
  const affine = {
    axis: -1,
    epsilon: 0.01,
    center: true,
    scale: true,
    beta_initializer: { class_name: 'Zeros', config: {} },
    gamma_initializer: { class_name: 'Ones', config: {} },
    beta_regularizer: null,
    gamma_regularizer: null,
    beta_constraint: null,
    gamma_constraint: null,
  };
  const modelTopology = {
    class_name: 'Sequential',
    config: {
      name: 'sequential',
      layers: [
        layer('InputLayer', 'input_1', { batch_input_shape: [null, 4, 5, 6], sparse: false, ragged: false }),
        layer('Normalization', 'normalization', { axis: [-1], invert: false, mean: null, variance: null }),
        layer('GroupNormalization', 'group_normalization', { ...affine, groups: 3 }),
        layer('InstanceNormalization', 'instance_normalization', affine),
        // An axis that was built for is written as a list.
        layer('RMSNormalization', 'rms_normalization', { axis: [-1], epsilon: 1e-4 }),
        layer('UnitNormalization', 'unit_normalization', { axis: [1, 2, 3] }),
      ],
    },
  };
  const names = [
    ...['mean', 'variance', 'count'].map((name) => `normalization/${name}`),
    ...['gamma', 'beta'].map((name) => `group_normalization/${name}`),
    ...['gamma', 'beta'].map((name) => `instance_normalization/${name}`),
    'rms_normalization/scale',
  ];

  it('is loaded with its weights, by the names that Keras gives', async () => {
    const x = data([2, 4, 5, 6]);
    const values = names.map((name) =>
      name.endsWith('count') ? new Int32Array([9]) : data([6], 2).array.map(Math.abs),
    );
    const weightSpecs = names.map((name) =>
      name.endsWith('count')
        ? { name, shape: [], dtype: 'int32' as const }
        : { name, shape: [6], dtype: 'float32' as const },
    );
    const weightData = await new Blob(values as BlobPart[]).arrayBuffer();
    const model = await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
    const [mean, variance, , gamma, beta, weight, bias, scale] = values.map((array) => ({
      data: Float32Array.from(array),
      shape: [array.length],
    }));
    const layout = 'NHWC';
    let exact = reference.batchNorm(
      { data: x.array, shape: x.shape },
      { runningMean: mean!, runningVar: variance!, layout, eps: 0 },
    ).y;
    exact = reference.groupNorm(exact, { numGroups: 3, weight: gamma, bias: beta, layout, eps: 0.01 }).y;
    exact = reference.instanceNorm(exact, { weight, bias, layout, eps: 0.01 }).y;
    exact = reference.rmsNorm(exact, { weight: scale, eps: 1e-4 }).y;
    exact = reference.normalize(exact, { axes: [1, 2, 3], statistic: 'l2' }).y;
    const y = model.predict(x.tensor) as tf.Tensor;
    expect(relativeError(await y.data(), exact.data)).toBeLessThanOrEqual(BOUND);
    model.dispose();
  });

  it('has no axis of features where Keras writes an empty list of them', async () => {
    const saved = { axis: [], invert: false, mean: 2, variance: 4 };
    const whole = Normalization.fromConfig(Normalization, saved as never) as Normalization;
    const y = whole.apply(tf.tensor([2, 4, 6, 0], [2, 2])) as tf.Tensor;
    expect(Array.from(await y.data())).toEqual([0, 1, 2, -1]);
  });

  it('is refused where RMSNormalization has an axis that the input has not', () => {
    const outside = new RMSNormalization({ axis: [1, -4] });
    expect(() => outside.build([2, 3, 4])).toThrow(expect.objectContaining({ code: 'axes' }) as Error);
  });

  it('is refused where a LayerNormalization scales by the deviation and takes off no mean', () => {
    const make = (rmsScaling: boolean): LayerNormalization =>
      LayerNormalization.fromConfig(LayerNormalization, { rmsScaling } as never) as LayerNormalization;
    expect(() => make(true)).toThrow(expect.objectContaining({ code: 'option' }) as Error);
    expect(make(false).axis).toBe(-1);
  });

  it('has the layers that TensorFlow.js and the app have of these names', () => {
    const { classNameMap } = tf.serialization.SerializationMap.getMap();
    expect(classNameMap['BatchNormalization']![0]).toBe(tfl.layers.batchNormalization().constructor);
    class Own extends tfl.layers.Layer {
      static readonly className = 'OwnNormalization';
    }
    tf.serialization.registerClass(Own);
    registerLayer(RMSNormalization, 'OwnNormalization');
    expect(classNameMap['OwnNormalization']![0]).toBe(Own);
    registerLayer(RMSNormalization, 'RMSNormalization');
  });
});
