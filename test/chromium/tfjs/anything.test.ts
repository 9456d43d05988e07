import './open.ts';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as norms from '../../../src/tfjs/index.ts';
import { TAKEN } from '../../gpu/errors/anything/taken.ts';
import { NAMES, outcomesOf } from '../../gpu/errors/anything/values.ts';
import type { Right } from '../../gpu/errors/anything/values.ts';

/** Whatever is given in the place of any argument or option, on TensorFlow.js's tensors: as test/gpu/errors/anything.test.ts. */

const NEEDED: Readonly<Record<string, object>> = {
  batchNorm: { training: true },
  groupNorm: { numGroups: 3 },
  normalize: { axes: 1, statistic: 'l2' },
  dynamicTanh: { alpha: tf.ones([1]) },
  dynamicErf: { alpha: tf.ones([1]) },
};

const x = tf.ones([2, 4, 3]);
const functions = norms as unknown as Record<string, Right['call']>;
const calls = Object.keys(norms)
  .filter((name) => /^[a-z]/.test(name) && name !== 'connect')
  .map((name): Right => {
    const style = name === 'adaptiveInstanceNorm' ? [x] : [];
    const given = [x, ...style, NEEDED[name] ?? {}];
    return { name, call: functions[name]!, given: () => given, options: { at: given.length - 1, names: NAMES } };
  });

it.each(calls.map((call) => [call.name, call] as const))('anything in %s', async (_, call) => {
  await norms.connect();
  const { failed, taken } = await outcomesOf(call);
  expect(failed).toEqual([]);
  expect(taken.filter((one) => !TAKEN.has(one))).toEqual([]);
});

it('anything in connect', async () => {
  expect(await outcomesOf({ name: 'connect', call: norms.connect, given: () => [] })).toEqual({
    failed: [],
    taken: [],
  });
});

it('anything as the configuration of a layer', async () => {
  const layers = { GroupNormalization: norms.GroupNormalization, Normalization: norms.Normalization };
  for (const [name, Layer] of Object.entries(layers)) {
    const call = (config: never): unknown => new Layer(config);
    const names = ['numGroups', 'axes', 'epsilon', 'eps', 'activation', 'misspelt'];
    const { failed } = await outcomesOf({ name, call, given: () => [{}], options: { at: 0, names } });
    // Null is what no layer of TensorFlow.js takes.
    expect(failed.filter((says) => !says.includes('(options: null'))).toEqual([]);
  }
});
