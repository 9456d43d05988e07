import { describe } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Dtype, Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { preparing, recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Wrong dtypes and wrong tensors for results: each throws at the call by code and words, before anything is recorded or allocated. */

const context = await norm.createContext({ gpu: await gpu() });
const of = (dtype: Dtype, ...shape: number[]): Tensor => context.empty(shape, { dtype });

// All tensors are made here: a call that allocates is told by that.
const x = of('f32', 4, 6, 5);
const half = of('f16', 4, 6, 5);
const brain = of('bf16', 4, 6, 5);
const counts = of('u32', 4, 6, 5);
const turned = of('f32', 4, 5, 6);
const [five, six, halfFive, halfSix, brainSix, countsFive] = [
  of('f32', 5),
  of('f32', 6),
  of('f16', 5),
  of('f16', 6),
  of('bf16', 6),
  of('u32', 5),
];
const residual = of('f32', 4, 6, 5);
const halfOutput = of('f16', 4, 6, 5);
const output = of('f32', 4, 6, 5);
const brainOutput = of('bf16', 4, 6, 5);

const plain = norm.layerNormForward(x).saved;
const added = norm.layerNormForward(x, { residual }).saved;
/** y of f16, which a dy has to hold then. */
const narrowed = norm.layerNormForward(x, { outputDtype: 'f16' }).saved;
const moments = norm.moments(x, { axes: [0, 2] });
const narrowedOfMoments = norm.batchNormForward(x, { training: true, moments, outputDtype: 'bf16' }).saved;
const ofHalf = norm.layerNormForward(half, { residual: of('f16', 4, 6, 5), weight: halfFive }).saved;

const DTYPES: WrongCall[] = [
  ['x of counts', () => norm.rmsNorm(counts), 'dtype', /x holds u32; it must hold f32, f16 or bf16/],
  [
    'an f16 weight of a bf16 x',
    () => norm.layerNorm(brain, { weight: halfFive }),
    'dtype',
    /weight holds f16; it must hold f32, or bf16 as x does/,
  ],
  [
    'an f16 bias of an f32 x',
    () => norm.layerNorm(x, { bias: halfFive }),
    'dtype',
    /bias holds f16; it must hold f32$/,
  ],
  [
    'a scale of counts',
    () => norm.layerNorm(half, { modulation: { scale: countsFive } }),
    'dtype',
    /scale holds u32; it must hold f32, or f16 as x does/,
  ],
  [
    'bf16 running statistics of an f16 x',
    () => norm.batchNorm(half, { runningMean: brainSix, runningVar: brainSix }),
    'dtype',
    /runningMean holds bf16; it must hold f32, or f16 as x does/,
  ],
  [
    'running statistics of two dtypes',
    () => norm.batchNorm(half, { training: true, runningMean: halfSix, runningVar: six }),
    'dtype',
    /runningVar holds f32/,
  ],
  [
    'numbers of f64',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Float64Array(2), [2], { dtype: 'f16' }),
    'dtype',
    /Float64Array, but f16 takes a Float16Array, Uint16Array \(of bits\) or Float32Array; convert it first/,
  ],
  [
    'a tensor of f64',
    () => of('f64' as never, 2),
    'dtype',
    /dtype is 'f64'; it must be f32, f16, bf16, u32 \(for counts\) or i8/,
  ],
  [
    'an f16 out of range',
    () => context.tensor([1, 65504, -70000], [3], { dtype: 'f16' }),
    'dtype',
    /element 2 is -70000, which does not fit f16; the largest is 65504/,
  ],
  [
    'a bf16 out of range',
    () => context.tensor(Float32Array.of(1, 3.4e38), [2], { dtype: 'bf16' }),
    'dtype',
    /element 1 is 3\.3999999521443642e\+38, which does not fit bf16; the largest is 3\.3895e38/,
  ],
];

const RESULTS: WrongCall[] = [
  ['out of another dtype', () => norm.layerNorm(x, { out: halfOutput }), 'dtype', /out holds f16; it must hold f32/],
  ['out of f32 for an f16 x', () => norm.layerNorm(half, { out: output }), 'dtype', /out holds f32; it must hold f16/],
  [
    'residualOut where there is no residual',
    () => norm.layerNorm(x, { residualOut: output }),
    'option',
    /residualOut is given without residual; give both, or neither/,
  ],
  [
    'residualOut of another dtype',
    () => norm.layerNorm(x, { residual, residualOut: halfOutput }),
    'dtype',
    /residualOut holds f16; it must hold f32/,
  ],
  [
    'residualOut of another shape',
    () => norm.layerNorm(x, { residual, residualOut: turned }),
    'shape',
    /residualOut has shape \[4,5,6\], but the result has \[4,6,5\]/,
  ],
  [
    'residualOut on top of out',
    () => norm.layerNorm(x, { residual, out: output, residualOut: output }),
    'usage',
    /out overlaps residualOut/,
  ],
];

const dtypes = 'it must be one of f32, f16, bf16';
const notDtypes: [name: string, value: unknown, says: string][] = [
  ['f64', 'f64', "'f64'"],
  ['counts', 'u32', "'u32'"],
  ['capitals', 'F16', "'F16'"],
  ['a name that every object has', 'toString', "'toString'"],
  ['no text', '', "''"],
  ['null', null, 'null'],
  ['bits', 16, '16'],
  ['a list', ['f16'], '["f16"]'],
];

const OUTPUT_DTYPES: WrongCall[] = [
  ...notDtypes.map(([name, value, says]): WrongCall => [
    name,
    () => norm.layerNorm(x, { outputDtype: untyped(value) }),
    'option',
    `layerNorm: outputDtype is ${says}; ${dtypes}`,
  ]),
  [
    'a name of another spelling',
    () => norm.layerNorm(x, untyped({ output_dtype: 'f16' })),
    'option',
    "layerNorm: there is no option 'output_dtype'; here it is called outputDtype",
  ],
  [
    'out as x is',
    () => norm.layerNorm(x, { outputDtype: 'f16', out: output }),
    'dtype',
    'layerNorm: out holds f32; it must hold f16',
  ],
  [
    'out of f16 for an f16 x',
    () => norm.rmsNorm(half, { outputDtype: 'f32', out: halfOutput }),
    'dtype',
    'rmsNorm: out holds f16; it must hold f32',
  ],
  [
    'out of the other half',
    () => norm.batchNorm(x, { training: true, outputDtype: 'f16', out: brainOutput }),
    'dtype',
    'batchNorm: out holds bf16; it must hold f16',
  ],
  [
    'residualOut as y is, rather than x',
    () => norm.layerNorm(x, { residual, residualOut: halfOutput, outputDtype: 'f16' }),
    'dtype',
    'layerNorm: residualOut holds f16; it must hold f32',
  ],
  [
    'dy as x is',
    () => norm.layerNormBackward(residual, narrowed),
    'dtype',
    'layerNormBackward: dy holds f32; it must hold f16',
  ],
  [
    'dy of the other half',
    () => norm.layerNormBackward(brain, narrowed),
    'dtype',
    'layerNormBackward: dy holds bf16; it must hold f16',
  ],
  [
    'dx as y is, rather than x',
    () => norm.layerNormBackward(half, narrowed, { out: { dx: halfOutput } }),
    'dtype',
    'layerNormBackward: dx holds f16; it must hold f32',
  ],
  [
    'dy as x is, for sums of gradients',
    () => norm.gradientSums(residual, narrowedOfMoments),
    'dtype',
    'gradientSums: dy holds f32; it must hold bf16',
  ],
];

const GRADIENTS: WrongCall[] = [
  [
    'dresidualOut without a residual',
    () => norm.layerNormBackward(x, plain, { dresidualOut: residual }),
    'option',
    /layerNormBackward: dresidualOut is given, but the call had no residual and no inputBias; leave it out/,
  ],
  [
    'dresidualOut of another shape',
    () => norm.layerNormBackward(x, added, { dresidualOut: turned }),
    'shape',
    /dresidualOut has shape \[4,5,6\], but residualOut has \[4,6,5\]/,
  ],
  [
    'dresidualOut of another dtype',
    () => norm.layerNormBackward(x, added, { dresidualOut: half }),
    'dtype',
    /dresidualOut holds f16; it must hold f32/,
  ],
  ['dy of another dtype', () => norm.layerNormBackward(x, ofHalf), 'dtype', /dy holds f32; it must hold f16/],
  [
    'a gradient that the call has not',
    () => norm.layerNormBackward(half, ofHalf, { gradients: ['dgate'] }),
    'option',
    /gradients names 'dgate', but the call had no gate; there are dx, dresidual, dweight/,
  ],
  [
    'a gradient of another dtype than what it is of',
    () => norm.layerNormBackward(half, ofHalf, { out: { dweight: five } }),
    'dtype',
    /dweight holds f32; it must hold f16/,
  ],
];

describe.each(Object.entries({ dtypes: DTYPES, results: RESULTS, outputDtype: OUTPUT_DTYPES, gradients: GRADIENTS }))(
  '%s',
  (_, wrong) => {
    testWrongCalls(wrong, [...recording(context), ...preparing(context)]);
  },
);
