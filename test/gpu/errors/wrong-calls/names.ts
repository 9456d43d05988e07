import * as norm from '../../../../src/index.ts';
import { context, dy, saved, training, weight, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

/** The call of layerNorm with one option, or that of its gradient. */
const layerNorm = (option: object) => () => norm.layerNorm(x, untyped(option));
const backward = (option: object) => () => norm.layerNormBackward(dy, saved, untyped(option));
const called = (op: string, name: string, ours: string): string =>
  `${op}: there is no option '${name}'; here it is called ${ours}`;
const forward = 'the Forward function, layerNormForward for example, returns what the gradient needs';

/** Names that are no options here. */
export const NAMES: WrongCall[] = [
  ['save', layerNorm({ save: true }), 'option', `layerNorm: there is no option 'save'; ${forward}`],
  ['save, even false', layerNorm({ save: false }), 'option', `layerNorm: there is no option 'save'; ${forward}`],
  [
    'save of a Forward function',
    () => norm.batchNormForward(x, untyped({ ...training, save: true })),
    'option',
    `batchNorm: there is no option 'save'; ${forward}`,
  ],
  [
    'returnSum',
    layerNorm({ residual: dy, returnSum: true }),
    'option',
    called('layerNorm', 'returnSum', 'residualOut, the tensor that takes x + residual'),
  ],
  ['outSum', layerNorm({ residual: dy, outSum: dy }), 'option', called('layerNorm', 'outSum', 'residualOut')],
  [
    'a bare scale',
    layerNorm({ scale: weight }),
    'option',
    called('layerNorm', 'scale', 'weight; a modulation · (1 + scale) is modulation: { scale }'),
  ],
  ['a bare shift', layerNorm({ shift: weight }), 'option', called('layerNorm', 'shift', 'modulation: { shift }')],
  [
    'runningVariance',
    () => norm.batchNorm(x, untyped({ ...training, runningVariance: 'biased' })),
    'option',
    called('batchNorm', 'runningVariance', "unbiasedRunningVar: 'biased' is false"),
  ],
  [
    'outputs of a gradient',
    backward({ outputs: ['dx'] }),
    'option',
    called('layerNormBackward', 'outputs', 'gradients'),
  ],
  ['dsum', backward({ dsum: dy }), 'option', called('layerNormBackward', 'dsum', 'dresidualOut')],
  [
    'sums of another gradient than that of batchNorm',
    backward({ sums: dy }),
    'option',
    "layerNormBackward: there is no option 'sums'; the options are gradients, dresidualOut, out, accumulate, encoder",
  ],
  [
    'keepdim',
    () => norm.moments(x, untyped({ axes: 1, keepdim: true })),
    'option',
    called('moments', 'keepdim', 'keepDims'),
  ],
  [
    'a size for a tensor',
    () => context.empty([1], untyped({ size: 4 })),
    'option',
    "empty: there is no option 'size'; the options are dtype, label",
  ],
];

const example = 'give a plain object, { scale } for example';

/** Modulations that are none. */
export const MODULATIONS: WrongCall[] = [
  [
    'empty',
    layerNorm({ modulation: {} }),
    'option',
    'layerNorm: modulation has neither scale nor shift; give one of them or both',
  ],
  [
    'of undefined',
    layerNorm({ modulation: { scale: undefined, shift: undefined } }),
    'option',
    'layerNorm: modulation has neither scale nor shift; give one of them or both',
  ],
  ['a Tensor', layerNorm({ modulation: weight }), 'option', `layerNorm: modulation is a Tensor; ${example}`],
  [
    'a list',
    layerNorm({ modulation: [weight, weight] }),
    'option',
    `layerNorm: modulation is an Array of 2; ${example}`,
  ],
  ['null', layerNorm({ modulation: null }), 'option', `layerNorm: modulation is null; ${example}`],
  ['text', layerNorm({ modulation: 'scale' }), 'option', `layerNorm: modulation is the text "scale"; ${example}`],
  ['false', layerNorm({ modulation: false }), 'option', `layerNorm: modulation is false; ${example}`],
  [
    'a name of another library',
    layerNorm({ modulation: { gamma: weight } }),
    'option',
    "layerNorm: modulation has no 'gamma'; it may have scale, shift",
  ],
  [
    'a name that is misspelt',
    layerNorm({ modulation: { scale: weight, Shift: weight } }),
    'option',
    "layerNorm: modulation has no 'Shift'; here it is called shift",
  ],
  [
    'a number as scale',
    layerNorm({ modulation: { scale: 1 } }),
    'option',
    'layerNorm: scale is no Tensor but 1; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'null as shift',
    layerNorm({ modulation: { scale: weight, shift: null } }),
    'option',
    'layerNorm: shift is no Tensor but null; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'of AdaIN, empty',
    // @ts-expect-error the compiler refuses it too
    () => norm.adaptiveInstanceNorm(x, x, { modulation: {} }),
    'option',
    'adaptiveInstanceNorm: modulation has neither scale nor shift; give one of them or both',
  ],
];
