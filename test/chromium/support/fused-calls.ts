import { fuse } from '../../gpu/support/fused.ts';
import type { Fusing } from '../../gpu/support/fused.ts';
import { modes } from '../../gpu/support/modes.ts';
import type { Random } from '../../gpu/support/random.ts';
import type { Filled } from '../../gpu/support/run.ts';

/** Calls that a test of a bridge makes with tensors among the options. */

const PLAIN: Fusing = {
  dtype: 'f32',
  like: false,
  affine: 'both',
  residual: 'none',
  modulation: 'none',
  activation: 'none',
  mask: 'none',
};

export const FUSED: [name: string, mode: string, layout: string, fusing: Partial<Fusing>][] = [
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

export function fusedCall(of: string, layout: string, fusing: Partial<Fusing>, random: Random): Filled {
  const mode = modes.find((one) => one.name === of)!;
  return fuse(mode, mode.call({ N: 3, C: 8, L: 12 }, layout), layout, { ...PLAIN, ...fusing }, random);
}

/** Calls with whole numbers among their tensors. */
export function countingCalls(random: Random): Record<string, Filled> {
  const array = (shape: number[]): Filled['x'] => ({
    data: random.normals(shape.reduce((a, b) => a * b, 1)),
    shape,
  });
  const counted = (numbers: number[]): Filled['x'] => ({ data: Float32Array.from(numbers), shape: [numbers.length] });
  return {
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
    none: { op: 'layerNorm', x: array([5, 8]), options: { axes: [0, 1] }, arrays: { bias: array([5, 8]) } },
  };
}
