import { describe } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Dtype, Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { preparing, recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Wrong fusions and masks: each throws at the call by code and words, before anything is recorded or allocated. */

const context = await norm.createContext({ gpu: await gpu() });
const of = (dtype: Dtype, ...shape: number[]): Tensor => context.empty(shape, { dtype });

// All tensors are made here: a call that allocates is told by that.
const x = of('f32', 4, 6, 5);
const half = of('f16', 4, 6, 5);
const turned = of('f32', 4, 5, 6);
const positions = of('f32', 4, 5);
const table = of('f32', 5, 3);
const halfPositions = of('f16', 4, 5);
const five = of('f32', 5);
const misfits = { 'four axes': of('f32', 1, 4, 6, 5), 'samples before channels': of('f32', 5, 4), seven: of('f32', 7) };
const inner = of('f32', 4, 2, 5);
const residual = of('f32', 4, 6, 5);
const moments = norm.moments(of('f32', 4, 2, 3, 5), { axes: [2, 3] });
const running = { runningMean: of('f32', 6), runningVar: of('f32', 6) };

const FUSIONS: WrongCall[] = [
  [
    'a residual of another shape',
    () => norm.layerNorm(x, { residual: turned }),
    'parameter',
    /layerNorm: residual \[4,5,6\] does not broadcast to x \[4,6,5\]; it must have sizes of 1 or those of x on every axis, or be \[N,C\] /,
  ],
  [
    'a residual of another dtype',
    () => norm.rmsNorm(x, { residual: half }),
    'dtype',
    /rmsNorm: residual holds f16; it must hold f32/,
  ],
  [
    'a residual that is no tensor',
    () => norm.layerNorm(x, { residual: untyped(new Float32Array(120)) }),
    'option',
    /residual is no Tensor/,
  ],
  ['a gate without a residual', () => norm.layerNorm(x, { gate: five }), 'option', /gate is given without residual/],
  [
    'residualOut without a residual',
    () => norm.layerNorm(x, { residualOut: turned }),
    'option',
    /residualOut is given without residual/,
  ],
  [
    'a gate of a shape that broadcasts to nothing',
    () => norm.layerNorm(x, { residual, gate: misfits['four axes'] }),
    'parameter',
    /gate \[1,4,6,5\] does not broadcast to x \[4,6,5\]; .* \[N,C\] \[4,5\] or \[C\] \[5\]/,
  ],
  [
    'a scale with channels before samples',
    () => norm.layerNorm(x, { modulation: { scale: misfits['samples before channels'] } }),
    'parameter',
    /scale \[5,4\] does not broadcast to x \[4,6,5\]; .* \[N,C\] \[4,5\] or \[C\] \[5\]/,
  ],
  [
    'a scale of neither 1 nor the size of x',
    () => norm.instanceNorm(x, { modulation: { scale: inner } }),
    'parameter',
    /scale \[4,2,5\] does not broadcast to x \[4,6,5\]/,
  ],
  [
    'a shift of other channels',
    () => norm.batchNorm(x, { training: true, modulation: { shift: misfits.seven } }),
    'parameter',
    /shift \[7\] does not broadcast to x \[4,6,5\]; .* \[N,C\] \[4,6\] or \[C\] \[6\]/,
  ],
  [
    'an activation there is not',
    () => norm.groupNorm(x, { numGroups: 2, activation: 'swish' as never }),
    'option',
    /activation is 'swish'; it must be one of relu, relu6, leaky-relu, elu, silu, hard-swish, mish, gelu, gelu-tanh, sigmoid, hard-sigmoid, tanh/,
  ],
  [
    'an activation of another spelling',
    () => norm.layerNorm(x, { activation: 'ReLU' as never }),
    'option',
    /activation is 'ReLU'/,
  ],
  [
    'a slope without leaky-relu',
    () => norm.layerNorm(x, { activation: 'relu', negativeSlope: 0.2 }),
    'option',
    /negativeSlope is given without activation 'leaky-relu'/,
  ],
  [
    'a slope that is no number',
    () => norm.layerNorm(x, { activation: 'leaky-relu', negativeSlope: Infinity }),
    'option',
    /negativeSlope is Infinity; it must be a finite number/,
  ],
  [
    'zeroCenteredWeight without a weight',
    () => norm.rmsNorm(x, { zeroCenteredWeight: true }),
    'option',
    /zeroCenteredWeight is set, but there is no weight/,
  ],
  [
    'a flag that is text',
    () => norm.instanceNorm(x, { mask: positions, maskOutput: untyped('false' as never) }),
    'option',
    /maskOutput is the text "false"; it must be true or false/,
  ],
  ...[0, -0.5, 1.5, NaN].map((partial): WrongCall => {
    const says = new RegExp(`partial is ${partial}; it must be above 0 and at most 1`);
    return [`partial ${partial}`, () => norm.rmsNorm(x, { partial }), 'option', says];
  }),
  [
    'partial of layerNorm',
    () => norm.layerNorm(x, untyped({ partial: 0.5 })),
    'option',
    /layerNorm: there is no option 'partial'; partial is an option of rmsNorm; the options are axes/,
  ],
];

const MASKS: WrongCall[] = [
  [
    'a mask of the shape of x',
    () => norm.instanceNorm(x, { mask: residual }),
    'shape',
    /mask has shape \[4,6,5\]; for x \[4,6,5\] it must have \[4,5\], that of x without its channels/,
  ],
  [
    'a mask of the positions of another layout',
    () => norm.instanceNorm(x, { layout: 'NLC', mask: positions }),
    'shape',
    /mask has shape \[4,5\]; for x \[4,6,5\] it must have \[4,6\]/,
  ],
  [
    'a mask of halves that x does not hold',
    () => norm.instanceNorm(x, { mask: halfPositions }),
    'dtype',
    /mask holds f16; it must hold u32, f32 or what x holds/,
  ],
  [
    'maskOutput without a mask',
    () => norm.batchNorm(x, { ...running, maskOutput: true }),
    'option',
    /maskOutput is given without mask/,
  ],
  [
    'a mask of scaleNorm',
    () => norm.scaleNorm(x, untyped({ mask: positions })),
    'option',
    /scaleNorm: there is no option 'mask'; mask is an option of batchNorm, instanceNorm, layerNorm, rmsNorm, groupNorm; the options are axes/,
  ],
  [
    'a mask of layerNorm that is no part of the shape of x',
    () => norm.layerNorm(x, { mask: positions }),
    'shape',
    /mask has shape \[4,5\]; for x \[4,6,5\] it must have \[4,6\], that of x without its last axis, or as many axes as x, each of size 1 or/,
  ],
  [
    'a mask of groupNorm of the shape of x',
    () => norm.groupNorm(x, { numGroups: 2, mask: residual }),
    'shape',
    /groupNorm: mask has shape \[4,6,5\]; for x \[4,6,5\] it must have \[4,5\], that of x without its channels$/,
  ],
  [
    'a mask and partial',
    () => norm.rmsNorm(x, { mask: residual, partial: 0.5 }),
    'option',
    /rmsNorm: mask and partial are both given/,
  ],
  [
    'a mask and unbiased',
    () => norm.layerNorm(x, { mask: residual, unbiased: true }),
    'option',
    /layerNorm: mask and unbiased are both given/,
  ],
  [
    'a mask that tells the two of a pair apart',
    () => norm.layerNorm(turned, { mask: turned, maskOutput: true, rotary: { cos: table, sin: table, tokenAxis: 1 } }),
    'option',
    /layerNorm: mask and rotary are both given; maskOutput then takes a mask of rows$/,
  ],
  [
    'a mask and moments',
    () => norm.groupNorm(x, { numGroups: 2, mask: positions, moments }),
    'option',
    /groupNorm: mask and moments are both given/,
  ],
];

describe.each(Object.entries({ fusions: FUSIONS, masks: MASKS }))('%s', (_, wrong) => {
  testWrongCalls(wrong, [...recording(context), ...preparing(context)]);
});
