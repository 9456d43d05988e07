import './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, it } from 'vitest';
import { BatchNormalization, connect, GroupNormalization, LayerNormalization } from '../../../src/tfjs/index.ts';
import { relativeError } from '../../gpu/support/run.ts';
import { BOUND, data, shuffled } from './data.ts';

const context = await connect();
afterAll(() => context.destroy());

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
    const variable = tf.variable(x.tensor);
    const gradientsOf = (layer: tfl.layers.Layer): tf.Tensor[] => {
      const variables = [variable, ...layer.trainableWeights.map((weight) => weight.read() as tf.Variable)];
      const loss = (): tf.Scalar => tf.sum(tf.mul(layer.apply(variable, { training: true }) as tf.Tensor, dy.tensor));
      const { grads } = tf.variableGrads(loss, variables);
      return variables.map(({ name }) => grads[name]!);
    };
    expect(b.trainableWeights).toHaveLength(a.trainableWeights.length);
    // The gradient of tf.batchNorm throws where its parameters broadcast, and without a scale: one of a scale of 1 has the same dx.
    if ('axis' in config && config.axis === 1) return;
    const [forA, forB] = [gradientsOf('scale' in config ? theirs({}) : a), gradientsOf(b)];
    for (const [index, gradient] of forB.entries()) {
      const expected = (await forA[index]!.data()) as Float32Array;
      expect(relativeError((await gradient.data()) as Float32Array, expected)).toBeLessThanOrEqual(1e-4);
    }
  });

  /** A layer of ours, that of TensorFlow.js whose place it takes, and an optimizer. One group of all features is LayerNormalization. */
  const fits: [string, () => tfl.layers.Layer, () => tfl.layers.Layer, () => tf.Optimizer][] = [
    [
      'BatchNormalization',
      () => new BatchNormalization({ momentum: 0.5 }),
      () => tfl.layers.batchNormalization({ momentum: 0.5 }),
      () => tf.train.sgd(0.1),
    ],
    [
      'GroupNormalization',
      () => new GroupNormalization({ groups: 1 }),
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
      const before = tf.memory().numTensors;
      await model.fit(x, target, { ...options, epochs: 1, batchSize: 24 });
      expect(tf.memory().numTensors, 'a step leaves nothing').toBe(before);
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

  it('has its axis in a list of one, as Keras 2 writes it', async () => {
    const x = data([3, 4, 5, 6]).tensor;
    for (const axis of [3, 1]) {
      const listed = { axis: [axis] } as object;
      const layers = [tfl.layers.batchNormalization(listed), new BatchNormalization(listed)];
      const [a, b] = layers.map((layer) => layer.apply(x, { training: true }) as tf.Tensor);
      const [theirs, ours] = [(await a!.data()) as Float32Array, (await b!.data()) as Float32Array];
      expect(relativeError(ours, theirs)).toBeLessThanOrEqual(BOUND);
    }
  });

  it('leaves a configuration that layers share as it is', () => {
    const config = { axis: [-1] };
    const layers = [
      [2, 3],
      [2, 3, 4],
    ].map((shape) => {
      const layer = new LayerNormalization(config);
      layer.build(shape);
      return layer.getWeights().map((weight) => weight.shape);
    });
    expect(layers).toEqual([
      [[3], [3]],
      [[4], [4]],
    ]);
    expect(config).toEqual({ axis: [-1] });
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
