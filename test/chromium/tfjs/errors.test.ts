import { backend } from './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import {
  adaptiveInstanceNorm,
  batchNorm,
  BatchNormalization,
  connect,
  dynamicTanh,
  GroupNormalization,
  InstanceNormalization,
  layerNorm,
  LayerNormalization,
  Normalization,
  RMSNormalization,
  UnitNormalization,
} from '../../../src/tfjs/index.ts';
import type { NormErrorCode } from '../../../src/tfjs/index.ts';
import { untyped } from '../../gpu/support/wrong-call.ts';
import { rejected, thrown } from '../support/thrown.ts';

afterEach(async () => tf.setBackend('webgpu'));

describe('before connect', () => {
  it('says to connect', () => {
    const error = thrown(() => layerNorm(tf.ones([2, 3])));
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('await connect() once') });
  });
});

describe('a wrong call', () => {
  const [x, weight] = [tf.ones([2, 3]), tf.ones([3])];
  const [counts, truths, two] = [tf.ones([2, 3], 'int32'), tf.ones([3], 'bool'), tf.ones([2])];
  const disposed = tf.ones([3]);
  const both = tf.variable(weight);
  disposed.dispose();
  const built = new Normalization();
  built.build([null, 2]);
  let ours: Tensor;
  beforeAll(async () => void (ours = (await connect()).empty([2, 3])));
  const errors: [string, NormErrorCode, RegExp, () => unknown][] = [
    ['whole numbers', 'dtype', /x holds int32; .*tf\.cast\(x, 'float32'\)/, () => layerNorm(counts)],
    ['truth', 'dtype', /weight holds bool/, () => layerNorm(x, { weight: truths })],
    ['a disposed tensor', 'destroyed', /weight was disposed/, () => layerNorm(x, { weight: disposed })],
    ['no tensor', 'option', /x is \[1,2\]; it must be a tf\.Tensor/, () => layerNorm(untyped([1, 2]))],
    [
      'numbers for weight',
      'option',
      /weight is \[1,2,3\]; it must be a tf\.Tensor/,
      () => layerNorm(x, { weight: untyped([1, 2, 3]) }),
    ],
    [
      'a part that is no tensor',
      'option',
      /scale is 2; it must be a tf\.Tensor/,
      () => layerNorm(x, { modulation: { scale: untyped(2) } }),
    ],
    ['another name', 'option', /gamma.*here it is called weight/, () => layerNorm(x, untyped({ gamma: weight }))],
    ['a place for the result', 'option', /there is no option 'out'/, () => layerNorm(x, untyped({ out: x }))],
    [
      'another dtype',
      'option',
      /there is no option 'outputDtype'/,
      () => layerNorm(x, untyped({ outputDtype: 'f16' })),
    ],
    [
      'options and more',
      'option',
      /follows the arguments/,
      () => (layerNorm as (...given: unknown[]) => unknown)(x, {}, { eps: 1 }),
    ],
    ['a tensor of the library', 'option', /x is .*; it must be a tf\.Tensor/, () => layerNorm(untyped(ours))],
    ['a weight of another size', 'parameter', /weight has 2 elements/, () => layerNorm(x, { weight: two })],
    [
      'running statistics that cannot change',
      'usage',
      /runningMean is updated by this call.*tf\.variable/,
      () => batchNorm(x, { training: true, runningMean: weight, runningVar: weight }),
    ],
    [
      'one variable for both running statistics',
      'usage',
      /runningMean and runningVar are one tf\.variable.*give two/,
      () => batchNorm(x, { training: true, runningMean: both, runningVar: both }),
    ],
    // @ts-expect-error the compiler refuses it too
    ['inference without statistics', 'option', /runningMean/, () => batchNorm(x)],
    ['a style that is none', 'option', /style is missing/, () => adaptiveInstanceNorm(x, untyped(undefined))],
    ['no alpha', 'option', /alpha is missing/, () => dynamicTanh(x, untyped({}))],
    [
      'groups that do not divide',
      'groups',
      /groups is 4; it must be a divisor of the 6/,
      () => new GroupNormalization({ groups: 4 }).build([null, 6]),
    ],
    [
      'an axis of any size',
      'axes',
      /axis is 1.*any size/,
      () => new InstanceNormalization({ axis: 1 }).build([null, null, 3]),
    ],
    [
      'axes where one is meant',
      'option',
      /axis is \[1,2\]/,
      () => new InstanceNormalization({ axis: untyped([1, 2]) }),
    ],
    ['half an axis among several', 'option', /axis is 1.5/, () => new RMSNormalization({ axis: [0, 1.5] })],
    ['no axis', 'option', /axis is true/, () => new UnitNormalization({ axis: untyped(true) })],
    ['a mean alone', 'option', /mean is given without variance/, () => new Normalization({ mean: 1 })],
    ['adapt where they were given', 'state', /were given/, () => new Normalization({ mean: 1, variance: 1 }).adapt(x)],
    [
      'no one axis of channels',
      'option',
      /axis is null; it must be a whole number/,
      () => new InstanceNormalization({ axis: untyped(null) }),
    ],
    ['adapt to no tensor', 'option', /adapt is given \[1,2\]/, () => new Normalization().adapt(untyped([1, 2]))],
    ['adapt to other features', 'shape', /of 3 features; the layer has 2/, () => built.adapt(x)],
    [
      'a mean for each of others',
      'option',
      /mean is \[1,2\].*3 features/,
      () => new Normalization({ mean: [1, 2], variance: 1 }).apply(x),
    ],
    [
      'a variance for each of others',
      'option',
      /variance is \[1,2\].*3 features/,
      () => new Normalization({ mean: 1, variance: [1, 2] }).apply(x),
    ],
  ];

  it.each(errors)('%s: %s', async (_, code, message, call) => {
    await connect();
    const before = tf.memory().numTensors;
    const error = thrown(call);
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('a tensor of another backend', async () => {
    await connect();
    await tf.setBackend('cpu');
    const there = tf.ones([2, 3]);
    expect(thrown(() => layerNorm(there))).toMatchObject({ code: 'unsupported' });
    expect(thrown(() => layerNorm(there)).message).toContain(
      "is on its cpu backend; import '@tensorflow/tfjs-backend-webgpu'",
    );
    expect(await rejected(connect())).toMatchObject({ code: 'unsupported' });
    await tf.setBackend('webgpu');
    const error = thrown(() => layerNorm(there));
    expect(error.code).toBe('device');
    expect(error.message).toContain('x is on the cpu backend of TensorFlow.js');
    // An operation of TensorFlow.js moves it.
    expect(await layerNorm(tf.add(there, 0)).data()).toEqual(new Float32Array(6));
  });

  it('a gradient of a gradient', async () => {
    await connect();
    const slope = tf.grad((x: tf.Tensor) => layerNorm(x, { weight }));
    expect(thrown(() => tf.grad((x: tf.Tensor) => slope(x))(x))).toMatchObject({ code: 'unsupported' });
    expect((await slope(x).data()).length).toBe(6);
  });

  it('a context of another device, or none', async () => {
    const other = await createContext();
    expect(await rejected(connect(other))).toMatchObject({ code: 'device' });
    other.destroy();
    expect(await rejected(connect(untyped({})))).toMatchObject({ code: 'option' });
    const gone = await createContext({ device: backend.device });
    gone.destroy();
    expect(await rejected(connect(gone))).toMatchObject({ code: 'lost' });
    const own = await createContext({ device: backend.device });
    expect(await connect(own)).toBe(own);
    expect(await connect()).toBe(own);
  });

  it('a backend of another version, and none', async () => {
    class Former extends tf.KernelBackend {
      device = backend.device;
      tensorMap = backend.tensorMap;
      submitQueue(): void {}
      override dispose(): void {}
    }
    tf.registerBackend('former', () => new Former());
    await tf.setBackend('former');
    expect(await rejected(connect())).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/4\.22\.0 has no uploadToGPU, .*commandEncoder; this bridge is made for 4\.22/),
    });
    tf.removeBackend('former');
    expect(await rejected(connect())).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('no backend that is ready'),
    });
  });
});

describe('layers are refused', () => {
  it.each([
    ['numGroups', 'groups', () => new GroupNormalization({ numGroups: 4 } as never)],
    ['eps', 'epsilon', () => new RMSNormalization({ eps: 1e-5 } as never)],
    ['eps', 'epsilon', () => new BatchNormalization({ eps: 1e-5 } as never)],
    ['axes', 'axis', () => new LayerNormalization({ axes: [1] } as never)],
    ['channelAxis', 'axis', () => new Normalization({ channelAxis: 1 } as never)],
  ])('%s, which is an option of our functions', (name, own, make) => {
    expect(thrown(make)).toMatchObject({
      code: 'option',
      message: expect.stringContaining(`there is no option '${name}'; here it is called ${own}`),
    });
  });

  it('text for a flag', () => {
    expect(thrown(() => new Normalization({ invert: 'false' } as never))).toMatchObject({
      code: 'option',
      message: expect.stringContaining('invert is the text "false"; it must be true or false'),
    });
  });
});

describe('tensors as they may be', () => {
  it('casts what is stored as whole numbers, and takes what has no elements', async () => {
    await connect();
    const counts = tf.tensor([1, 2, 3, 4, 5, 9], [2, 3], 'int32');
    const whole = tf.add(counts, tf.scalar(0, 'int32'));
    const floats = tf.tensor([1, 2, 3, 4, 5, 9], [2, 3]);
    const expected = await layerNorm(floats).data();
    expect(await layerNorm(tf.cast(whole, 'float32')).data()).toEqual(expected);
    const dx = tf.grad((x: tf.Tensor) => layerNorm(tf.cast(x, 'float32')))(floats, tf.cast(whole, 'float32'));
    expect(await dx.data()).toEqual(
      await tf
        .grad((x: tf.Tensor) => layerNorm(x))(floats, floats)
        .data(),
    );

    const weight = tf.ones([3]);
    const of = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor => layerNorm(x, { weight });
    const empty = tf.zeros([0, 3]);
    const { value, grads } = tf.valueAndGrads(of)([empty, weight]);
    expect(value.shape).toEqual([0, 3]);
    expect(Array.from(await value.data())).toEqual([]);
    expect(Array.from(await grads[0]!.data())).toEqual([]);
    expect(Array.from(await grads[1]!.data())).toEqual([0, 0, 0]);
  });

  it('averages over all batches by a count of whole numbers', async () => {
    await connect();
    const [runningMean, runningVar] = [tf.variable(tf.zeros([2])), tf.variable(tf.zeros([2]))];
    const numBatchesTracked = tf.variable(tf.scalar(0, 'int32'));
    const options = { training: true, runningMean, runningVar, numBatchesTracked, momentum: null };
    for (const value of [1, 2, 6]) batchNorm(tf.fill([4, 2], value), options).dispose();
    expect((await runningMean.data())[1]).toBeCloseTo(3, 6);
    expect(Array.from(await numBatchesTracked.data())).toEqual([3]);
  });
});

afterAll(async () => {
  (await connect()).destroy();
});
