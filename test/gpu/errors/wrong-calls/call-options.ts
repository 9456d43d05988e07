import * as norm from '../../../../src/index.ts';
import { bundle, device, dy, encoder, pass, saved, savedOfMoments, sums, training, x } from './stage.ts';
import { loose, untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const belongs = 'follows the options; out and encoder are options too, { encoder } for example';
const encoders = 'it must be a GPUCommandEncoder or an open GPUComputePassEncoder';

/** Arguments that follow the options. */
export const ARGUMENTS: WrongCall[] = [
  ['an encoder', () => loose(norm.layerNorm)(x, {}, encoder), 'option', `layerNorm: a GPUCommandEncoder ${belongs}`],
  ['a pass', () => loose(norm.layerNorm)(x, {}, pass), 'option', `layerNorm: a GPUComputePassEncoder ${belongs}`],
  ['null', () => loose(norm.batchNorm)(x, training, null), 'option', `batchNorm: null ${belongs}`],
  ['an output', () => loose(norm.layerNorm)(x, {}, dy), 'option', `layerNorm: a Tensor ${belongs}`],
  [
    'an object with an output',
    () => loose(norm.rmsNorm)(x, {}, { out: dy }),
    'option',
    `rmsNorm: an object ${belongs}`,
  ],
  [
    'an object with an encoder, in training',
    () => loose(norm.layerNormForward)(x, {}, { encoder }),
    'option',
    `layerNorm: an object ${belongs}`,
  ],
  ['the second of two', () => loose(norm.groupNorm)(x, { numGroups: 2 }, encoder, dy), 'option', /a GPUCommandEncoder/],
  [
    'one after options that are left out',
    () => loose(norm.instanceNorm)(x, undefined, encoder),
    'option',
    `instanceNorm: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an encoder for AdaIN',
    () => loose(norm.adaptiveInstanceNorm)(x, x, {}, encoder),
    'option',
    `adaptiveInstanceNorm: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an output for AdaIN in training',
    () => loose(norm.adaptiveInstanceNormForward)(x, x, {}, dy),
    'option',
    `adaptiveInstanceNorm: a Tensor ${belongs}`,
  ],
  [
    'an encoder for a gradient',
    () => loose(norm.layerNormBackward)(dy, saved, {}, encoder),
    'option',
    `layerNormBackward: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an object with outputs for a gradient',
    () => loose(norm.batchNormBackward)(dy, savedOfMoments, { sums }, { out: { dx: dy } }),
    'option',
    `batchNormBackward: an object ${belongs}`,
  ],
  [
    'an encoder for moments',
    () => loose(norm.moments)(x, { axes: 1 }, encoder),
    'option',
    `moments: a GPUCommandEncoder ${belongs}`,
  ],
  [
    'an encoder for sums of gradients',
    () => loose(norm.gradientSums)(dy, savedOfMoments, {}, encoder),
    'option',
    `gradientSums: a GPUCommandEncoder ${belongs}`,
  ],
];

/** Something else where an encoder or a tensor for results belongs. */
export const DESTINATIONS: WrongCall[] = [
  [
    'a render bundle as encoder',
    () => norm.layerNorm(x, { encoder: untyped(bundle) }),
    'option',
    `layerNorm: encoder is a GPURenderBundleEncoder; ${encoders}`,
  ],
  [
    'a device as encoder',
    () => norm.layerNormBackward(dy, saved, { encoder: untyped(device) }),
    'option',
    `layerNormBackward: encoder is a GPUDevice; ${encoders}`,
  ],
  [
    'null as encoder',
    () => norm.layerNorm(x, { encoder: untyped(null) }),
    'option',
    `layerNorm: encoder is null; ${encoders}`,
  ],
  [
    'an object as encoder',
    () => norm.moments(x, { axes: 1, encoder: untyped({}) }),
    'option',
    `moments: encoder is an object; ${encoders}`,
  ],
  [
    'text as encoder',
    () => norm.gradientSums(dy, savedOfMoments, { encoder: untyped('encoder') }),
    'option',
    `gradientSums: encoder is the text "encoder"; ${encoders}`,
  ],
  [
    'a pass to merge into',
    () => norm.mergeGradientSums([sums], { encoder: pass }),
    'option',
    'mergeGradientSums: encoder is an open compute pass; parts are copied side by side first, which takes a GPUCommandEncoder',
  ],
  [
    'a Tensor as out of a gradient',
    () => norm.layerNormBackward(dy, saved, { out: untyped(dy) }),
    'option',
    'layerNormBackward: out is a Tensor; give a plain object, { dx } for example',
  ],
  [
    'null to accumulate in',
    () => norm.layerNormBackward(dy, saved, { accumulate: untyped(null) }),
    'option',
    'layerNormBackward: accumulate is null; give a plain object, { dx } for example',
  ],
];
