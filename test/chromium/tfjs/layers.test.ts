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
} from '../../../src/tfjs/index.ts';
import { Random } from '../../gpu/support/random.ts';
import { relativeError } from '../../gpu/support/run.ts';

const context = await connect();
afterAll(() => context.destroy());

const BOUND = 1e-5;
const random = new Random(12);

/** Data of a layer's test, on the GPU. */
function data(shape: number[], mean = 0.5): { tensor: tf.Tensor; array: Float32Array; shape: number[] } {
  const array = random.normals(
    shape.reduce((a, b) => a * b, 1),
    mean,
  );
  return { tensor: tf.tensor(array, shape), array, shape };
}

/** Weights other than those a layer begins with. */
function shuffled(layer: tfl.layers.Layer): tf.Tensor[] {
  return layer.getWeights().map(({ shape }) => tf.tensor(Float32Array.from(data(shape, 1).array, Math.abs), shape));
}

const asLayer = (layer: unknown): tfl.layers.Layer => layer as tfl.layers.Layer;

describe('a layer stands in for that of TensorFlow.js', () => {
  const pairs: [string, (config: object) => tfl.layers.Layer, (config: object) => tfl.layers.Layer, object][] = [
    ['BatchNormalization', tfl.layers.batchNormalization, (config) => new BatchNormalization(config), {}],
    [
      'BatchNormalization of another axis',
      tfl.layers.batchNormalization,
      (config) => new BatchNormalization(config),
      { axis: 1, momentum: 0.8, epsilon: 1e-5, betaInitializer: 'ones', gammaRegularizer: 'l1l2' },
    ],
    ['LayerNormalization', tfl.layers.layerNormalization, (config) => new LayerNormalization(config), {}],
    [
      'LayerNormalization of axes',
      tfl.layers.layerNormalization,
      (config) => new LayerNormalization(config),
      { axis: [-1, 1], epsilon: 1e-6 },
    ],
    [
      'LayerNormalization without center and scale',
      tfl.layers.layerNormalization,
      (config) => new LayerNormalization(config),
      { center: false, scale: false },
    ],
  ];

  it.each(pairs)('%s: configuration, weights, results and training', async (_, theirs, ours, config) => {
    const [a, b] = [theirs({ ...config, name: 'norm' }), ours({ ...config, name: 'norm' })];
    const [x, dy] = [data([3, 4, 5, 6]), data([3, 4, 5, 6])];
    for (const layer of [a, b]) layer.build(x.shape);
    const weights = shuffled(a);
    for (const layer of [a, b]) layer.setWeights(weights);
    expect(b.getConfig()).toEqual(a.getConfig());
    const namesOf = ({ weights }: tfl.layers.Layer): string[] =>
      weights.map(({ originalName, shape }) => `${originalName} ${shape.join()}`);
    expect(namesOf(b)).toEqual(namesOf(a));

    for (const training of [false, true]) {
      const [forA, forB] = await Promise.all(
        [a, b].map(async (layer) => {
          const y = layer.apply(x.tensor, { training }) as tf.Tensor;
          return y.data() as Promise<Float32Array>;
        }),
      );
      expect(relativeError(forB!, forA!), `y, training ${training}`).toBeLessThanOrEqual(BOUND);
      for (const [index, weight] of b.getWeights().entries()) {
        const expected = (await a.getWeights()[index]!.data()) as Float32Array;
        expect(relativeError((await weight.data()) as Float32Array, expected)).toBeLessThanOrEqual(BOUND);
      }
    }
    const gradientsOf = (layer: tfl.layers.Layer): tf.Tensor[] => {
      const variables = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      const loss = (): tf.Scalar => tf.sum(tf.mul(layer.apply(x.tensor, { training: true }) as tf.Tensor, dy.tensor));
      return variables.length > 0 ? Object.values(tf.variableGrads(loss, variables).grads) : [];
    };
    // The gradient of tf.batchNorm throws where its parameters broadcast.
    if ('axis' in config && config.axis === 1) return;
    const [forA, forB] = [gradientsOf(a), gradientsOf(b)];
    expect(forB).toHaveLength(forA.length);
    for (const [index, gradient] of forB.entries()) {
      const expected = (await forA[index]!.data()) as Float32Array;
      expect(relativeError((await gradient.data()) as Float32Array, expected)).toBeLessThanOrEqual(1e-4);
    }
  });

  /** A layer of ours, that of TensorFlow.js whose place it takes, and an optimizer. One group of all features is LayerNormalization. */
  const fits: [string, () => tfl.layers.Layer, () => tfl.layers.Layer, () => tf.Optimizer][] = [
    [
      'BatchNormalization',
      () => asLayer(new BatchNormalization({ momentum: 0.5 })),
      () => tfl.layers.batchNormalization({ momentum: 0.5 }),
      () => tf.train.sgd(0.1),
    ],
    [
      'GroupNormalization',
      () => asLayer(new GroupNormalization({ groups: 1 })),
      () => tfl.layers.layerNormalization(),
      () => tf.train.adam(0.05),
    ],
  ];

  it.each(fits)('%s: trains a model to the same numbers by model.fit', async (_, ours, theirs, optimizer) => {
    const [x, target] = [data([24, 6]).tensor, data([24, 3]).tensor];
    const train = async (norm: tfl.layers.Layer): Promise<{ losses: number[]; predicted: Float32Array }> => {
      const model = tfl.sequential();
      const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });
      model.add(tfl.layers.dense({ units: 8, inputShape: [6], kernelInitializer: seeded(1) }));
      model.add(norm);
      model.add(tfl.layers.dense({ units: 3, kernelInitializer: seeded(2) }));
      model.compile({ optimizer: optimizer(), loss: 'meanSquaredError' });
      const options = { epochs: 3, batchSize: 12, shuffle: false, verbose: 0, yieldEvery: 'never' } as const;
      const { history } = await model.fit(x, target, options);
      const y = model.predict(x) as tf.Tensor;
      const predicted = (await y.data()) as Float32Array;
      model.dispose();
      return { losses: history['loss'] as number[], predicted };
    };
    const [made, expected] = [await train(ours()), await train(theirs())];
    expect(relativeError(made.losses, expected.losses)).toBeLessThanOrEqual(1e-4);
    expect(relativeError(made.predicted, expected.predicted)).toBeLessThanOrEqual(1e-3);
    expect(made.losses.at(-1)!).toBeLessThan(0.8 * made.losses[0]!);
  });

  it('takes the place of one in a saved model', async () => {
    const model = tfl.sequential();
    model.add(tfl.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2] }));
    model.add(tfl.layers.batchNormalization());
    model.add(tfl.layers.layerNormalization());
    model.layers[1]!.setWeights(shuffled(model.layers[1]!));
    const x = data([2, 6, 6, 2]).tensor;
    const saved = JSON.stringify(model.toJSON(null, false)).replaceAll(
      /"(BatchNormalization|LayerNormalization)"/g,
      '"WebgpuNorm$1"',
    );
    const ours = await tfl.models.modelFromJSON(JSON.parse(saved));
    ours.setWeights(model.getWeights());
    expect(ours.layers.slice(1).map((layer) => layer.getClassName())).toEqual([
      BatchNormalization.className,
      LayerNormalization.className,
    ]);
    const [a, b] = [model.predict(x) as tf.Tensor, ours.predict(x) as tf.Tensor];
    expect(relativeError(await b.data(), await a.data())).toBeLessThanOrEqual(BOUND);
  });
});

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
      'Normalization',
      () => new Normalization(),
      (x, [runningMean, runningVar]) => reference.batchNorm(x, { runningMean, runningVar, layout: 'NHWC', eps: 0 }),
    ],
  ];

  it.each(layers)('%s: the formula, before and after a model with it is saved and loaded', async (_, make, formula) => {
    const model = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: shape.slice(1) }), asLayer(make())] });
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
  });
});
