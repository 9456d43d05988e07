import { backend } from './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import { batchNorm, connect, groupNorm, layerNorm } from '../../../src/tfjs/index.ts';
import { relativeError } from '../../gpu/support/run.ts';
import { watching } from '../support/traffic.ts';
import type { Traffic } from '../support/traffic.ts';

const context = await connect();
afterAll(() => context.destroy());

const { device } = backend;
const CHANNELS = 16;
const BYTES = 4 * CHANNELS;

/** On the GPU: made by an operation. */
const made = (shape: number[]): tf.Tensor => tf.tidy(() => tf.add(tf.fill(shape, 2), tf.range(0, CHANNELS)));
const variable = (value: number): tf.Variable => tf.tidy(() => tf.variable(tf.fill([CHANNELS], value)));

/** What a call takes once its programs and uniforms are there, and TensorFlow.js has buffers of its results' sizes. */
function warm(call: () => void): Traffic {
  for (let times = 0; times < 3; times++) call();
  flush();
  return watching(device, call);
}

function flush(): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

describe('between input and output', () => {
  const x = made([4, 6, 6, CHANNELS]);
  const dy = made([4, 6, 6, CHANNELS]);
  const [weight, bias, runningMean, runningVar] = [variable(1), variable(0), variable(0), variable(1)];
  const rows = tf.reshape(x, [-1, CHANNELS]);

  const [picture, channels] = [context.empty(x.shape), context.empty([CHANNELS])];
  const ours = { weight: channels, bias: context.empty([CHANNELS]) };
  const tracked = { runningMean: context.empty([CHANNELS]), runningVar: context.empty([CHANNELS]) };
  const dispatchesOf = (call: () => unknown): number =>
    context.explain(call).reduce((sum, { passes }) => sum + passes.length, 0);

  it.each([
    ['layerNorm', () => layerNorm(x, { weight, bias }), () => norm.layerNorm(picture, ours), 0],
    [
      'batchNorm by running statistics',
      () => batchNorm(x, { weight, runningMean, runningVar }),
      () => norm.batchNorm(picture, { weight: channels, ...tracked, channelAxis: -1 }),
      0,
    ],
    [
      'groupNorm',
      () => groupNorm(x, { numGroups: 4, weight, bias }),
      () => norm.groupNorm(picture, { numGroups: 4, ...ours, channelAxis: -1 }),
      0,
    ],
    [
      'batchNorm in training',
      () => batchNorm(x, { training: true, runningMean, runningVar }),
      () => norm.batchNorm(picture, { training: true, ...tracked, channelAxis: -1 }),
      2 * BYTES,
    ],
  ])('%s: the dispatches of the library, and nothing by way of the CPU', (_, call, planned, copied) => {
    const seen = warm(() => call().dispose());
    expect(seen).toEqual({ dispatches: dispatchesOf(planned), submits: 0, copied, allocated: 0, crossings: [] });
  });

  it('takes the dispatches of the library for gradients too', () => {
    const planned = dispatchesOf(() => {
      const { saved } = norm.layerNormForward(picture, ours);
      norm.layerNormBackward(context.empty(x.shape), saved);
    });
    const of = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor => layerNorm(x, { weight, bias });
    const seen = warm(() => tf.dispose(tf.valueAndGrads(of)([x, weight, bias], dy)));
    expect(seen).toEqual({ dispatches: planned, submits: 0, copied: 0, allocated: 0, crossings: [] });
  });

  it('is watched by what sees a crossing', () => {
    const y = layerNorm(x);
    expect(watching(device, () => void y.data()).crossings).toContain('mapAsync');
    const uploaded = watching(device, () => layerNorm(tf.tensor(new Float32Array(77), [7, 11])));
    expect(uploaded.crossings).toContain('getMappedRange');
  });

  it('is submitted by TensorFlow.js after as many calls as dispatches of its own', () => {
    const seen = warm(() => {
      for (let times = 0; times < 30; times++) layerNorm(rows, { weight, bias }).dispose();
    });
    expect(seen.dispatches).toBe(30);
    expect(seen.submits).toBe(2);
    expect(seen.allocated).toBe(0);
  });

  it('runs in the order of the calls, among operations of TensorFlow.js', async () => {
    const y = tf.tidy(() => {
      let h = tf.mul(rows, 3);
      for (let times = 0; times < 40; times++) h = tf.add(layerNorm(tf.mul(h, 2), { eps: 0 }), 1);
      return h;
    });
    const once = tf.tidy(() => tf.add(layerNorm(rows, { eps: 0 }), 1));
    const [numbers, expected] = [await y.data(), await once.data()];
    expect(relativeError(numbers as Float32Array, expected)).toBeLessThanOrEqual(1e-5);
  });
});
