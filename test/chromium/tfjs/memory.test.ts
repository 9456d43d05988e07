import { backend } from './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { batchNorm, connect, groupNorm, layerNorm, rmsNorm } from '../../../src/tfjs/index.ts';

const context = await connect();
afterAll(() => context.destroy());

const CHANNELS = 8;
/** `LONG_RUN=1` makes 1,000. */
const STEPS = import.meta.env['LONG_RUN'] ? 1000 : 200;

interface Use {
  tensors: number;
  bytes: number;
  buffers: number;
  allocated: number;
  ours: unknown;
}

function use(): Use {
  const { numTensors, numBytes, numDataBuffers } = tf.memory();
  const { numBytesAllocatedInGPU } = backend.memory();
  const { inUse, idle, kinds } = context.memory();
  return {
    tensors: numTensors,
    bytes: numBytes,
    buffers: numDataBuffers,
    allocated: numBytesAllocatedInGPU,
    ours: { inUse, idle, kinds },
  };
}

describe('memory', () => {
  it(`is the same after ${STEPS} steps of training as after 20`, async () => {
    const filled = (value: number, shape: number[] = [CHANNELS]): tf.Variable =>
      tf.tidy(() => tf.variable(tf.fill(shape, value)));
    const trained = { weight: filled(1), bias: filled(0), gamma: filled(1) };
    const frozen = { weight: filled(1), bias: filled(0) };
    const runningMean = filled(0);
    const runningVar = filled(1);
    const [x, target] = [3, 4].map((seed) => tf.randomNormal([4, 2, 2, CHANNELS], 1, 1, 'float32', seed));
    const optimizer = tf.train.sgd(0.2);
    const predict = (): tf.Tensor => {
      // Nobody asks for the gradient of this one: what it saves goes with the tape all the same.
      let h = groupNorm(x!, { numGroups: 2, ...frozen });
      const { weight, bias, gamma } = trained;
      h = batchNorm(h, { weight, bias, training: true, runningMean, runningVar });
      h = layerNorm(h, { axes: [1, 2, 3] });
      return rmsNorm(h, { residual: x!, weight: gamma });
    };
    const losses: number[] = [];
    const step = async (): Promise<void> => {
      const loss = optimizer.minimize(
        () => tf.mean(tf.square(tf.sub(predict(), target!))) as tf.Scalar,
        true,
        Object.values(trained),
      )!;
      // Evaluation in between leaves nothing either.
      batchNorm(x!, { runningMean, runningVar }).dispose();
      if (losses.length % 50 === 0) await loss.data();
      losses.push(losses.length % 50 === 0 ? (await loss.data())[0]! : 0);
      loss.dispose();
    };
    while (losses.length < 20) await step();
    const before = use();
    while (losses.length < STEPS) await step();
    expect(use()).toEqual(before);
    expect((before.ours as { kinds: Record<string, { inUse: number }> }).kinds['saved']).toMatchObject({ inUse: 0 });
    expect(losses.at(-50)!).toBeLessThan(0.9 * losses[0]!);
    tf.dispose([trained, frozen, runningMean, runningVar, x, target]);
    optimizer.dispose();
  });

  it('keeps what a gradient reads, whatever becomes of the tensors meanwhile', async () => {
    const gradient = (dispose: boolean): tf.Tensor =>
      tf.grad((x: tf.Tensor) => {
        const weight = tf.add(tf.range(0, CHANNELS), 1);
        const h = tf.mul(x, 2);
        const y = layerNorm(h, { weight });
        if (dispose) tf.dispose([h, weight]);
        // Their buffers would be taken for these.
        return tf.add(y, tf.mul(tf.sum(tf.mul(tf.fill([6, CHANNELS], 7), tf.fill([CHANNELS], 9))), 0));
      })(x, dy);
    const x = tf.randomNormal([6, CHANNELS], 0, 1, 'float32', 5);
    const dy = tf.randomNormal([6, CHANNELS], 0, 1, 'float32', 6);
    const [kept, disposed] = [gradient(false), gradient(true)];
    expect(await disposed.data()).toEqual(await kept.data());
  });

  it('keeps the buffers that commands mention until these are submitted, as TensorFlow.js does', () => {
    const bufferOf = ({ dataId }: tf.Tensor): unknown => backend.tensorMap.get(dataId).resource;
    const x = tf.tidy(() => tf.add(tf.range(0, 1234), 1));
    const buffer = bufferOf(x);
    backend.submitQueue();
    const y = layerNorm(x);
    x.dispose();
    const early = tf.mul(y, 2);
    backend.submitQueue();
    const late = tf.mul(y, 3);
    expect([bufferOf(early), bufferOf(late)].map((one) => one === buffer)).toEqual([false, true]);
    tf.dispose([y, early, late]);
  });

  it('leaves running statistics that others refer to as they are', async () => {
    const first = tf.zeros([CHANNELS]);
    const runningMean = tf.variable(first);
    const runningVar = tf.variable(tf.ones([CHANNELS]));
    const snapshot = runningMean.clone();
    await runningMean.data(); // TensorFlow.js keeps what it has read.
    batchNorm(tf.ones([2, CHANNELS]), { training: true, runningMean, runningVar, unbiasedRunningVar: false }).dispose();
    expect(Array.from(await first.data())).toEqual(Array(CHANNELS).fill(0));
    expect(Array.from(await snapshot.data())).toEqual(Array(CHANNELS).fill(0));
    expect((await runningMean.data())[0]).toBeCloseTo(0.1, 6);
    expect((await runningVar.data())[0]).toBeCloseTo(0.9, 6);
  });

  it('takes running statistics that are stored as whole numbers, as a cast leaves them', async () => {
    const [runningMean, runningVar] = [0, 1].map((value) =>
      tf.variable(tf.cast(tf.fill([CHANNELS], value, 'int32'), 'float32')),
    );
    const x = tf.fill([2, CHANNELS], 1);
    for (let step = 0; step < 2; step++) {
      batchNorm(x, { training: true, runningMean, runningVar, unbiasedRunningVar: false }).dispose();
    }
    expect((await runningMean!.data())[0]).toBeCloseTo(0.19, 6);
    expect((await runningVar!.data())[0]).toBeCloseTo(0.81, 6);
  });

  it('of TensorFlow.js is its own: its device lives on after the context', async () => {
    const x = tf.randomNormal([8, CHANNELS], 0, 1, 'float32', 8);
    const y = layerNorm(x);
    const pending = tf.tidy(() => tf.add(layerNorm(tf.mul(x, 2)), 1));
    context.destroy();
    expect(() => layerNorm(x)).toThrow(/context was destroyed/);
    const [before, after] = [await y.data(), await pending.data()];
    expect(after.every((value, index) => Math.abs(value - before[index]! - 1) < 1e-4)).toBe(true);
    expect(Array.from(await tf.add(y, y).data())).toEqual(Array.from(before, (value) => 2 * value));
    const again = await connect();
    expect(again).not.toBe(context);
    expect(await layerNorm(x).data()).toEqual(before);
    again.destroy();
  });
});
