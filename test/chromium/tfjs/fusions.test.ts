import './open.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/tfjs/index.ts';
import { fuse } from '../../gpu/support/fused.ts';
import type { Fusing } from '../../gpu/support/fused.ts';
import { fillGradient, gradientsByReference } from '../../gpu/support/gradients.ts';
import { modes } from '../../gpu/support/modes.ts';
import { Random } from '../../gpu/support/random.ts';
import { callReference, relativeError } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';
import { resultsOfBridge, resultsOfLibrary } from './calls.ts';

const context = await connect();
afterAll(() => context.destroy());

const PLAIN: Fusing = {
  dtype: 'f32',
  like: false,
  affine: 'both',
  residual: 'none',
  modulation: 'none',
  activation: 'none',
  mask: 'none',
};

const FUSED: [name: string, mode: string, layout: string, fusing: Partial<Fusing>][] = [
  ['a residual, which shares the gradient of x', 'LayerNorm, last axis', 'rows', { residual: 'plain' }],
  ['a gated residual and a modulation', 'LayerNorm, last axis', 'rows', { residual: 'gated', modulation: 'sample' }],
  ['a residual of a number a channel', 'RMSNorm', 'rows', { residual: 'channel' }],
  ['the bias of the layer before', 'RMSNorm', 'rows', { inputBias: 'channel', residual: 'plain' }],
  ['a factor and what is added last', 'GroupNorm', 'NHWC', { multiply: 'after, silu', add: 'full' }],
  ['a factor of x', 'RMSNorm', 'rows', { multiply: 'before, silu' }],
  ['an activation, and weight about zero', 'GroupNorm', 'NHWC', { activation: 'silu', affine: 'zero-centered' }],
  ['a mask', 'BatchNorm, training', 'NLC', { mask: 'output', activation: 'relu' }],
  ['a mask of statistics', 'InstanceNorm', 'NHWC', { mask: 'statistics' }],
  ['a style and an activation', 'AdaIN', 'NHWC', { activation: 'relu', add: 'full' }],
  ['all of it', 'BatchNorm, inference', 'NHWC', { residual: 'plain', modulation: 'full', activation: 'gelu' }],
];

async function compare(filled: Filled, random: Random): Promise<void> {
  const dy = fillGradient(filled, random);
  const { alone, ...trained } = await resultsOfBridge(filled, dy);
  expect(trained, 'the bits of the library').toEqual(await resultsOfLibrary(context, filled, dy));
  expect(alone).toEqual(trained['y']);
  expect(relativeError(alone!, callReference(filled)), 'float64').toBeLessThanOrEqual(2 ** -19);
  const exact = gradientsByReference(filled, dy);
  for (const [name, numbers] of Object.entries(trained)) {
    if (name === 'y') continue;
    const { data } = exact[name as keyof typeof exact];
    expect(relativeError(numbers, data), name).toBeLessThanOrEqual(2 ** -16);
  }
}

describe('tensors among the options', () => {
  it.each(FUSED)('%s', async (name, of, layout, fusing) => {
    const random = new Random(name.length);
    const mode = modes.find((one) => one.name === of)!;
    const fused = fuse(mode, mode.call({ N: 3, C: 8, L: 12 }, layout), layout, { ...PLAIN, ...fusing }, random);
    await compare(fused, random);
  });

  it.each(['segments', 'rotary', 'count'])('whole numbers: %s', async (of) => {
    const random = new Random(of.length);
    const array = (shape: number[]): Filled['x'] => ({
      data: random.normals(shape.reduce((a, b) => a * b, 1)),
      shape,
    });
    const counted = (numbers: number[]): Filled['x'] => ({ data: Float32Array.from(numbers), shape: [numbers.length] });
    const calls: Record<string, Filled> = {
      segments: {
        op: 'groupNorm',
        x: array([10, 8]),
        options: { numGroups: 2 },
        arrays: { weight: array([8]), segments: counted([0, 3, 3, 10]) },
      },
      rotary: {
        op: 'rmsNorm',
        x: array([5, 2, 8]),
        options: { rotary: { tokenAxis: 0 } },
        arrays: { weight: array([8]), cos: array([9, 4]), sin: array([9, 4]), positions: counted([8, 3, 0, 1, 1]) },
      },
      count: { op: 'layerNorm', x: array([5, 8]), options: { axes: [0, 1] }, arrays: { bias: array([5, 8]) } },
    };
    await compare(calls[of]!, random);
  });
});
