import * as norm from '../../../../src/index.ts';
import { buffer, context, running, training, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const withMomentum = (momentum: unknown) => () =>
  norm.batchNorm(x, { ...training, ...running, momentum: untyped(momentum) });

/** Text, BigInts and typed arrays where numbers and lists of them belong. */
export const NUMBERS: WrongCall[] = [
  [
    'numGroups as text',
    () => norm.groupNorm(x, { numGroups: untyped('2') }),
    'groups',
    'groupNorm: numGroups is the text "2"; it must be a divisor of the 6 channels of x [4,6,5]',
  ],
  [
    'numGroups as a BigInt',
    () => norm.groupNorm(x, { numGroups: untyped(2n) }),
    'groups',
    'groupNorm: numGroups is 2n (a BigInt); it must be a divisor of the 6 channels of x [4,6,5]',
  ],
  [
    'a momentum as text',
    withMomentum('0.1'),
    'option',
    'batchNorm: momentum is the text "0.1"; it must be between 0 and 1, or null for the average over all batches',
  ],
  [
    'a momentum as a BigInt',
    withMomentum(1n),
    'option',
    'batchNorm: momentum is 1n (a BigInt); it must be between 0 and 1, or null for the average over all batches',
  ],
  [
    'eps as text',
    () => norm.layerNorm(x, { axes: [1], eps: untyped('1') }),
    'eps',
    'layerNorm: eps is the text "1"; it must be a finite number of at least 0, as f32',
  ],
  [
    'eps as an object that has no text',
    () => norm.layerNorm(x, { eps: untyped(Object.create(null)) }),
    'eps',
    'layerNorm: eps is an object; it must be a finite number of at least 0, as f32',
  ],
  [
    'eps as a Symbol',
    () => norm.rmsNorm(x, { eps: untyped(Symbol('eps')) }),
    'eps',
    'rmsNorm: eps is a Symbol; it must be a finite number of at least 0, as f32',
  ],
  [
    'a flag as a BigInt',
    () => norm.batchNorm(x, { training: untyped(1n) }),
    'option',
    'batchNorm: training is 1n (a BigInt); it must be true or false',
  ],
  [
    'negativeSlope without its activation, after the same call without it',
    () => norm.layerNorm(x, { axes: [1], negativeSlope: 0.2 }),
    'option',
    "layerNorm: negativeSlope is given without activation 'leaky-relu'; give both, or neither",
  ],
  [
    'alpha without its activation, after the same call without it',
    () => norm.layerNorm(x, { axes: [1], alpha: 0.2 }),
    'option',
    "layerNorm: alpha is given without activation 'elu'; give both, or neither",
  ],
  [
    'negativeSlope as text',
    () => norm.layerNorm(x, { activation: 'leaky-relu', negativeSlope: untyped('0.2') }),
    'option',
    'layerNorm: negativeSlope is the text "0.2"; it must be a finite number, as f32',
  ],
  [
    'partial as text',
    () => norm.rmsNorm(x, { partial: untyped('0.5') }),
    'option',
    'rmsNorm: partial is the text "0.5"; it must be above 0 and at most 1',
  ],
  [
    'an activation as a function',
    () => norm.layerNorm(x, { activation: untyped(Math.tanh) }),
    'option',
    /^layerNorm: activation is a function; it must be one of relu, relu6, leaky-relu, .*tanh/,
  ],
  [
    'channelAxis as text',
    () => norm.groupNorm(x, { numGroups: 2, channelAxis: untyped('1') }),
    'layout',
    'groupNorm: channelAxis is the text "1"; it must be a whole number',
  ],
  [
    'channelAxis null',
    () => norm.instanceNorm(x, { channelAxis: untyped(null) }),
    'layout',
    'instanceNorm: channelAxis is null; it must be a whole number',
  ],
  [
    'a layout as a list',
    () => norm.instanceNorm(x, { layout: untyped(['N', 'C', 'L']) }),
    'layout',
    `instanceNorm: layout is ["N","C","L"]; it must be text, 'NCHW' for example`,
  ],
  [
    'axes as text',
    () => norm.normalize(x, { axes: untyped('1'), statistic: 'l2' }),
    'axes',
    'normalize: axes is the text "1"; it must be an axis or an Array of axes',
  ],
  [
    'an axis as text, after a call over that axis',
    () => norm.layerNorm(x, { axes: untyped(['1']), eps: 1 }),
    'axes',
    'layerNorm: axes has the text "1" as an axis; every axis must be a whole number',
  ],
  [
    'an axis as a BigInt',
    () => norm.moments(x, { axes: untyped([0n]) }),
    'axes',
    'moments: axes has 0n (a BigInt) as an axis; every axis must be a whole number',
  ],
  [
    'axes as an Int32Array',
    () => norm.layerNorm(x, { axes: untyped(Int32Array.of(1)) }),
    'axes',
    'layerNorm: axes is an Int32Array of 1; it must be an axis or an Array of axes',
  ],
  [
    'axes null',
    () => norm.layerNorm(x, { axes: untyped(null) }),
    'axes',
    'layerNorm: axes is null; it must be an axis or an Array of axes',
  ],
  [
    'a shape as an Int32Array',
    () => context.tensor([1, 2], untyped(Int32Array.of(2))),
    'shape',
    'tensor: shape is an Int32Array of 1; it must be an Array of sizes',
  ],
  [
    'a shape as a Uint32Array',
    () => context.empty(untyped(Uint32Array.of(2, 3))),
    'shape',
    'empty: shape is a Uint32Array of 2; it must be an Array of sizes',
  ],
  [
    'a shape as text',
    () => context.tensor([1, 2], untyped('[2]')),
    'shape',
    'tensor: shape is the text "[2]"; it must be an Array of sizes',
  ],
  [
    'sizes instead of a shape',
    () => x.reshape(untyped(120)),
    'shape',
    'reshape: shape is 120; it must be an Array of sizes',
  ],
  [
    'a size as text',
    () => context.wrap(buffer, { shape: untyped([2, '3']) }),
    'shape',
    'wrap: shape [2,"3"] has the text "3" as a size; every size must be a whole number of at least 0',
  ],
  ...(['elu', 'leaky-relu'] as const).map((activation): WrongCall => {
    const name = activation === 'elu' ? 'alpha' : 'negativeSlope';
    return [
      `${name} null`,
      () => norm.layerNorm(x, { activation, [name]: untyped(null) }),
      'option',
      `layerNorm: ${name} is null; it must be a finite number, as f32`,
    ];
  }),
  [
    'a size beyond all numbers',
    () => context.empty([1e300, 1e300, 0]),
    'shape',
    'empty: shape [1e+300,1e+300,0] has 1e+300 as a size; every size must be a whole number of at least 0',
  ],
  [
    'a size as a BigInt',
    () => context.empty(untyped([4n])),
    'shape',
    'empty: shape [4n (a BigInt)] has 4n (a BigInt) as a size; every size must be a whole number of at least 0',
  ],
  [
    'byteOffset as text',
    () => context.wrap(buffer, { shape: [4], byteOffset: untyped('256') }),
    'limit',
    'wrap: byteOffset is the text "256"; it must be a multiple of 4, the bytes of an element of f32',
  ],
  [
    'byteOffset as a BigInt',
    () => context.wrap(buffer, { shape: [4], byteOffset: untyped(256n) }),
    'limit',
    'wrap: byteOffset is 256n (a BigInt); it must be a multiple of 4, the bytes of an element of f32',
  ],
];
