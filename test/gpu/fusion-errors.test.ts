import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../src/index.ts';
import type { Dtype, NormErrorCode, Tensor } from '../../src/index.ts';
import { gpu } from '../setup/gpu.ts';

/** Wrong fusions and wrong dtypes: each throws at the call by code and words, before anything is recorded or allocated. */

const context = await norm.createContext({ gpu: await gpu() });
const { device } = context;
/** Options the types would refuse. */
const untyped = (options: object): never => options as never;
const of = (dtype: Dtype, ...shape: number[]): Tensor => context.empty(shape, { dtype });

// All tensors are made here: a call that allocates is told by that.
const x = of('f32', 4, 6, 5);
const half = of('f16', 4, 6, 5);
const brain = of('bf16', 4, 6, 5);
const counts = of('u32', 4, 6, 5);
const turned = of('f32', 4, 5, 6);
const positions = of('f32', 4, 5);
const halfPositions = of('f16', 4, 5);
const [five, six, halfFive, halfSix, brainSix, countsFive] = [
  of('f32', 5),
  of('f32', 6),
  of('f16', 5),
  of('f16', 6),
  of('bf16', 6),
  of('u32', 5),
];
const misfits = { 'four axes': of('f32', 1, 4, 6, 5), 'samples before channels': of('f32', 5, 4), seven: of('f32', 7) };
const inner = of('f32', 4, 2, 5);
const residual = of('f32', 4, 6, 5);
const running = { runningMean: six, runningVar: of('f32', 6) };
const halfOut = of('f16', 4, 6, 5);
const sumOut = of('f32', 4, 6, 5);

const plain = norm.layerNorm(x, { save: true }).saved;
const added = norm.layerNorm(x, { residual, save: true }).saved;
const ofHalf = norm.layerNorm(half, { residual: of('f16', 4, 6, 5), weight: halfFive, save: true }).saved;

const watched: [object: object, name: string][] = [
  [device, 'createBuffer'],
  [device, 'createCommandEncoder'],
  [device, 'createComputePipeline'],
  [device.queue, 'submit'],
  [device.queue, 'writeBuffer'],
  [context, 'take'],
];

beforeEach(() => {
  for (const [object, name] of watched) vi.spyOn(object as never, name as never);
});
afterEach(() => {
  try {
    for (const [object, name] of watched) expect(object[name as never], name).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
  }
});

type Wrong = [what: string, code: NormErrorCode, says: RegExp, call: () => unknown];

const FUSIONS: Wrong[] = [
  [
    'a residual of another shape',
    'shape',
    /layerNorm: residual has shape \[4,5,6\], but x has \[4,6,5\]; they must be alike/,
    () => norm.layerNorm(x, { residual: turned }),
  ],
  [
    'a residual of another dtype',
    'dtype',
    /rmsNorm: residual holds f16, but x holds f32; they must be alike/,
    () => norm.rmsNorm(x, { residual: half }),
  ],
  [
    'an f32 residual of an f16 x',
    'dtype',
    /residual holds f32, but x holds f16/,
    () => norm.groupNorm(half, { numGroups: 2, residual: x }),
  ],
  [
    'a residual that is no tensor',
    'option',
    /residual is no Tensor/,
    () => norm.layerNorm(x, { residual: untyped(new Float32Array(120)) }),
  ],
  ['a gate without a residual', 'option', /gate is given without residual/, () => norm.layerNorm(x, { gate: five })],
  [
    'returnSum without a residual',
    'option',
    /returnSum is given without residual/,
    () => norm.layerNorm(x, untyped({ returnSum: true })),
  ],
  [
    'a gate of a shape that broadcasts to nothing',
    'parameter',
    /gate \[1,4,6,5\] does not broadcast to x \[4,6,5\]; .* \[N,C\] \[4,5\] or \[C\] \[5\]/,
    () => norm.layerNorm(x, { residual, gate: misfits['four axes'] }),
  ],
  [
    'a scale with channels before samples',
    'parameter',
    /scale \[5,4\] does not broadcast to x \[4,6,5\]; .* \[N,C\] \[4,5\] or \[C\] \[5\]/,
    () => norm.layerNorm(x, { scale: misfits['samples before channels'] }),
  ],
  [
    'a scale of neither 1 nor the size of x',
    'parameter',
    /scale \[4,2,5\] does not broadcast to x \[4,6,5\]/,
    () => norm.instanceNorm(x, { scale: inner }),
  ],
  [
    'a shift of other channels',
    'parameter',
    /shift \[7\] does not broadcast to x \[4,6,5\]; .* \[N,C\] \[4,6\] or \[C\] \[6\]/,
    () => norm.batchNorm(x, { training: true, shift: misfits.seven }),
  ],
  [
    'an activation there is not',
    'option',
    /activation is 'swish'; it must be one of relu, leaky-relu, silu, gelu, gelu-tanh, sigmoid, tanh/,
    () => norm.groupNorm(x, { numGroups: 2, activation: 'swish' as never }),
  ],
  [
    'an activation of another spelling',
    'option',
    /activation is 'ReLU'/,
    () => norm.layerNorm(x, { activation: 'ReLU' as never }),
  ],
  [
    'a slope without leaky-relu',
    'option',
    /negativeSlope is given without activation 'leaky-relu'/,
    () => norm.layerNorm(x, { activation: 'relu', negativeSlope: 0.2 }),
  ],
  [
    'a slope that is no number',
    'option',
    /negativeSlope is Infinity; it must be a finite number/,
    () => norm.layerNorm(x, { activation: 'leaky-relu', negativeSlope: Infinity }),
  ],
  [
    'zeroCenteredWeight without a weight',
    'option',
    /zeroCenteredWeight is set, but there is no weight/,
    () => norm.rmsNorm(x, { zeroCenteredWeight: true }),
  ],
  [
    'a flag that is text',
    'option',
    /maskOutput is the text "false"; it must be true or false/,
    () => norm.instanceNorm(x, { mask: positions, maskOutput: untyped('false' as never) }),
  ],
  ...[0, -0.5, 1.5, NaN].map((partial): Wrong => {
    const says = new RegExp(`partial is ${partial}; it must be above 0 and at most 1`);
    return [`partial ${partial}`, 'option', says, () => norm.rmsNorm(x, { partial })];
  }),
  [
    'partial of layerNorm',
    'option',
    /layerNorm: there is no option 'partial'; the options are axes/,
    () => norm.layerNorm(x, untyped({ partial: 0.5 })),
  ],
];

const MASKS: Wrong[] = [
  [
    'a mask of the shape of x',
    'shape',
    /mask has shape \[4,6,5\]; for x \[4,6,5\] it must have \[4,5\], that of x without its channels/,
    () => norm.instanceNorm(x, { mask: residual }),
  ],
  [
    'a mask of the positions of another layout',
    'shape',
    /mask has shape \[4,5\]; for x \[4,6,5\] it must have \[4,6\]/,
    () => norm.instanceNorm(x, { layout: 'NLC', mask: positions }),
  ],
  [
    'a mask of halves that x does not hold',
    'dtype',
    /mask holds f16; it must hold u32, f32 or what x holds/,
    () => norm.instanceNorm(x, { mask: halfPositions }),
  ],
  [
    'maskOutput without a mask',
    'option',
    /maskOutput is given without mask/,
    () => norm.batchNorm(x, { ...running, maskOutput: true }),
  ],
  [
    'a mask of layerNorm',
    'option',
    /layerNorm: there is no option 'mask'; the options are axes/,
    () => norm.layerNorm(x, untyped({ mask: positions })),
  ],
  [
    'a mask of groupNorm',
    'option',
    /groupNorm: there is no option 'mask'/,
    () => norm.groupNorm(x, untyped({ numGroups: 2, mask: positions })),
  ],
];

const DTYPES: Wrong[] = [
  ['x of counts', 'dtype', /x holds u32; it must hold f32, f16 or bf16/, () => norm.rmsNorm(counts)],
  [
    'an f16 weight of a bf16 x',
    'dtype',
    /weight holds f16; it must hold f32, or bf16 as x does/,
    () => norm.layerNorm(brain, { weight: halfFive }),
  ],
  [
    'an f16 bias of an f32 x',
    'dtype',
    /bias holds f16; it must hold f32$/,
    () => norm.layerNorm(x, { bias: halfFive }),
  ],
  [
    'a scale of counts',
    'dtype',
    /scale holds u32; it must hold f32, or f16 as x does/,
    () => norm.layerNorm(half, { scale: countsFive }),
  ],
  [
    'bf16 running statistics of an f16 x',
    'dtype',
    /runningMean holds bf16; it must hold f32, or f16 as x does/,
    () => norm.batchNorm(half, { runningMean: brainSix, runningVar: brainSix }),
  ],
  [
    'running statistics of two dtypes',
    'dtype',
    /runningVar holds f32/,
    () => norm.batchNorm(half, { training: true, runningMean: halfSix, runningVar: six }),
  ],
  [
    'numbers of f64',
    'dtype',
    /Float64Array, but f16 takes a Float16Array, Uint16Array \(of bits\) or Float32Array; convert it first/,
    () => context.tensor(new Float64Array(2), [2], { dtype: 'f16' }),
  ],
  ['a tensor of f64', 'dtype', /dtype is 'f64'; it must be f32, f16, bf16 or u32/, () => of('f64' as never, 2)],
  [
    'an f16 out of range',
    'dtype',
    /element 2 is -70000, which does not fit f16; the largest is 65504/,
    () => context.tensor([1, 65504, -70000], [3], { dtype: 'f16' }),
  ],
  [
    'a bf16 out of range',
    'dtype',
    /element 1 is 3\.3999999521443642e\+38, which does not fit bf16; the largest is 3\.3895e38/,
    () => context.tensor(Float32Array.of(1, 3.4e38), [2], { dtype: 'bf16' }),
  ],
];

const RESULTS: Wrong[] = [
  ['out of another dtype', 'dtype', /out holds f16; it must hold f32/, () => norm.layerNorm(x, {}, { out: halfOut })],
  [
    'out of f32 for an f16 x',
    'dtype',
    /out holds f32; it must hold f16/,
    () => norm.layerNorm(half, {}, { out: sumOut }),
  ],
  [
    'outSum where no sum is returned',
    'option',
    /outSum is given, but the call returns no sum; set returnSum with a residual/,
    () => norm.layerNorm(x, { residual }, { outSum: sumOut }),
  ],
  [
    'outSum of another dtype',
    'dtype',
    /outSum holds f16; it must hold f32/,
    () => norm.layerNorm(x, { residual, returnSum: true }, { outSum: halfOut }),
  ],
  [
    'outSum of another shape',
    'shape',
    /outSum has shape \[4,5,6\], but the result has \[4,6,5\]/,
    () => norm.layerNorm(x, { residual, returnSum: true }, { outSum: turned }),
  ],
  [
    'outSum on top of out',
    'usage',
    /out overlaps outSum/,
    () => norm.layerNorm(x, { residual, returnSum: true }, { out: sumOut, outSum: sumOut }),
  ],
  [
    'outSum on top of the residual',
    'usage',
    /outSum overlaps residual/,
    () => norm.layerNorm(x, { residual, returnSum: true }, { outSum: residual }),
  ],
];

const GRADIENTS: Wrong[] = [
  [
    'dsum without a residual',
    'option',
    /layerNormBackward: dsum is given, but the call had no residual; leave it out/,
    () => norm.layerNormBackward(x, plain, { dsum: residual }),
  ],
  [
    'dsum of another shape',
    'shape',
    /dsum has shape \[4,5,6\], but the sum has \[4,6,5\]/,
    () => norm.layerNormBackward(x, added, { dsum: turned }),
  ],
  [
    'dsum of another dtype',
    'dtype',
    /dsum holds f16; it must hold f32/,
    () => norm.layerNormBackward(x, added, { dsum: half }),
  ],
  ['dy of another dtype', 'dtype', /dy holds f32; it must hold f16/, () => norm.layerNormBackward(x, ofHalf)],
  [
    'a gradient that the call has not',
    'option',
    /outputs names 'dgate', but the call had no gate; there are dx, dresidual, dweight/,
    () => norm.layerNormBackward(half, ofHalf, { outputs: ['dgate'] }),
  ],
  [
    'a gradient of another dtype than what it is of',
    'dtype',
    /dweight holds f32; it must hold f16/,
    () => norm.layerNormBackward(half, ofHalf, {}, { out: { dweight: five } }),
  ],
];

describe.each(
  Object.entries({ fusions: FUSIONS, masks: MASKS, dtypes: DTYPES, results: RESULTS, gradients: GRADIENTS }),
)('%s', (_, wrong) => {
  it.each(wrong)('%s', (__, code, says, call) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(norm.NormError);
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(says) as string });
  });
});
