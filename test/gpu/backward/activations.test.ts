import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { MULTIPLIERS } from '../../../src/options/activation.ts';
import type { Activation, MultiplierActivation } from '../../../src/options/activation.ts';
import { AT, differing, PYTORCH_ACTIVATIONS } from '../../conformance/pytorch-activations.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';

/** What activations do to numbers that are not finite, and to a dy that is not: as of PyTorch. */

const contexts = Object.entries(await openContexts());
/** Of gelu's tail, which is a fit. */
const BOUND = 2 ** -18;
const shape = [AT.length, 1];

function isMultiplier(activation: Activation): activation is MultiplierActivation {
  return (MULTIPLIERS as readonly Activation[]).includes(activation);
}

describe.each(contexts)('%s plans', (_, context) => {
  /** Statistics of 0 and 1: x_hat is x. */
  const unit = {
    runningMean: context.tensor([0], [1]),
    runningVar: context.tensor([1], [1]),
    eps: 0,
  };
  const filled = (value: number): Tensor => context.tensor(new Float32Array(AT.length).fill(value), shape);
  const at = context.tensor(Float32Array.from(AT), shape);

  it.each(PYTORCH_ACTIVATIONS)('$activation', async ({ activation, y, dx }) => {
    const { y: actual, saved } = norm.batchNormForward(at, { ...unit, activation });
    expect(differing(await actual.read(), y, BOUND), 'y').toEqual([]);
    for (const { dy, values } of dx) {
      const gradients = norm.batchNormBackward(filled(dy), saved);
      expect(differing(await gradients.dx.read(), values, BOUND), `dy ${dy}`).toEqual([]);
    }
  });

  const factors = PYTORCH_ACTIVATIONS.flatMap(({ activation, dx }) =>
    isMultiplier(activation) ? (['before', 'after'] as const).map((where) => ({ activation, where, dx })) : [],
  );
  it.each(factors)('$activation of a factor $where', async ({ activation, where, dx }) => {
    const multiply = { by: at, activation, where };
    const { saved } = norm.batchNormForward(filled(1), { ...unit, multiply });
    for (const { dy, values } of dx) {
      const { dby } = norm.batchNormBackward(filled(dy), saved, { gradients: ['dby'] });
      expect(differing(await dby.read(), values, BOUND), `dy ${dy}`).toEqual([]);
    }
  });

  /** Rows that are read once and held, rows of several lanes, channels, groups of them. */
  it.each([
    ['layerNorm', [40, 24], {}],
    ['layerNorm', [3, 5000], {}],
    ['groupNorm', [2, 4, 30], { numGroups: 2 }],
    ['batchNorm', [6, 3, 10], { training: true }],
    ['instanceNorm', [2, 30, 5], { layout: 'NLC' }],
  ] as const)('%s of %j: a dy that is not finite changes nothing where relu is off', async (op, sizes, options) => {
    const random = new Random(7);
    const count = sizes.reduce((product, size) => product * size, 1);
    const channels = op === 'layerNorm' || op === 'instanceNorm' ? sizes.at(-1)! : sizes[1];
    const affine = {
      weight: context.tensor(random.normals(channels), [channels]),
      bias: context.tensor(random.normals(channels), [channels]),
    };
    const forward = norm[`${op}Forward`] as unknown as typeof norm.layerNormForward;
    const backward = norm[`${op}Backward`] as unknown as typeof norm.layerNormBackward;
    const x = context.tensor(random.normals(count), sizes);
    const { y, saved } = forward(x, { ...options, ...affine, activation: 'relu' });
    const isOff = (await y.read()).map((value) => (value === 0 ? 1 : 0));
    expect(isOff.some(Boolean) && !isOff.every(Boolean)).toBe(true);
    const dy = random.normals(count);
    const gradientsOf = async (off: number): Promise<Float32Array[]> => {
      const arriving = dy.map((value, index) => (isOff[index] ? off : value));
      const { dx, dweight, dbias } = backward(context.tensor(arriving, sizes), saved);
      return Promise.all([dx, dweight!, dbias!].map(async (one) => one.read()));
    };
    const known = await gradientsOf(0);
    expect(await gradientsOf(Infinity)).toEqual(known);
    expect(await gradientsOf(NaN)).toEqual(known);
  });
});
