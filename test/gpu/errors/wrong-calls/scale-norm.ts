import * as norm from '../../../../src/index.ts';
import { context, dy, of, saved, weight, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const one = of(1);
const ones = of(1, 1, 1, 1);
const halfOne = context.empty([1], { dtype: 'f16' });
const counter = context.empty([1], { dtype: 'u32' });
const counts = context.empty([4, 6, 5], { dtype: 'u32' });

const scaled = norm.scaleNormForward(x, { weight: one }).saved;
const plain = norm.scaleNormForward(x).saved;

/** The call of scaleNorm with one option. */
const scaleNorm = (option: object) => () => norm.scaleNorm(x, untyped(option));
const bias = 'every normalization takes a bias but scaleNorm, and adaptiveInstanceNorm, where the style gives it';
const options =
  'the options are axes, weight, zeroCenteredWeight, eps, residual, gate, residualOut, inputBias, outputDtype, modulation, ' +
  'multiply, add, activation, negativeSlope, alpha, out, encoder';
const example = 'give a plain object, { axes } for example';

/** ScaleNorm: one weight for all elements, and no bias. */
export const SCALE_NORM: WrongCall[] = [
  [
    'a weight for each element',
    scaleNorm({ weight }),
    'parameter',
    'scaleNorm: weight has shape [5]; it must have one element',
  ],
  [
    'a weight of the shape of x',
    scaleNorm({ weight: dy }),
    'parameter',
    'scaleNorm: weight has shape [4,6,5]; it must have one element',
  ],
  [
    'a weight of more axes than x',
    scaleNorm({ weight: ones }),
    'parameter',
    'scaleNorm: weight [1,1,1,1] does not broadcast to x [4,6,5]; it may have 3 axes at most; ' +
      'aligned at the last, every size must be 1 or that of x',
  ],
  [
    'a weight of halves that x does not hold',
    scaleNorm({ weight: halfOne }),
    'dtype',
    'scaleNorm: weight holds f16; it must hold f32',
  ],
  ['a weight of counts', scaleNorm({ weight: counter }), 'dtype', 'scaleNorm: weight holds u32; it must hold f32'],
  [
    'a weight that is a number',
    scaleNorm({ weight: 1 }),
    'option',
    'scaleNorm: weight is no Tensor but 1; make one with ctx.tensor() or ctx.wrap()',
  ],
  // @ts-expect-error the compiler refuses it too
  ['x of counts', () => norm.scaleNorm(counts), 'dtype', 'scaleNorm: x holds u32; it must hold f32, f16 or bf16'],
  [
    'no x',
    () => norm.scaleNorm(untyped(undefined)),
    'option',
    'scaleNorm: x is no Tensor but undefined; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'an axis that x lacks',
    scaleNorm({ axes: 3 }),
    'axes',
    'scaleNorm: axis 3 is out of range; x [4,6,5] has axes -3 to 2',
  ],
  [
    'no axis',
    scaleNorm({ axes: [] }),
    'axes',
    'scaleNorm: axes is empty; name at least one of the 3 axes of x [4,6,5]',
  ],
  [
    'a negative eps',
    scaleNorm({ eps: -1 }),
    'eps',
    'scaleNorm: eps is -1; it must be a finite number of at least 0, as f32',
  ],
  ['a bias', scaleNorm({ bias: one }), 'option', `scaleNorm: there is no option 'bias'; ${bias}`],
  [
    'partial',
    scaleNorm({ partial: 0.5 }),
    'option',
    `scaleNorm: there is no option 'partial'; partial is an option of rmsNorm; ${options}`,
  ],
  [
    'a statistic',
    scaleNorm({ statistic: 'l2' }),
    'option',
    `scaleNorm: there is no option 'statistic'; statistic is an option of normalize; ${options}`,
  ],
  ['g, as the paper has it', scaleNorm({ g: one }), 'option', `scaleNorm: there is no option 'g'; ${options}`],
  [
    'a name of another library',
    scaleNorm({ gamma: one }),
    'option',
    "scaleNorm: there is no option 'gamma'; here it is called weight",
  ],
  [
    'zeroCenteredWeight without a weight',
    scaleNorm({ zeroCenteredWeight: true }),
    'option',
    'scaleNorm: zeroCenteredWeight is set, but there is no weight; give one',
  ],
  ['null for options', () => norm.scaleNorm(x, untyped(null)), 'option', `scaleNorm: options are null; ${example}`],
  [
    'a weight for options',
    () => norm.scaleNorm(x, untyped(one)),
    'option',
    `scaleNorm: options are a Tensor; ${example}`,
  ],
  [
    'the gradient of a bias',
    () => norm.scaleNormBackward(dy, scaled, { gradients: untyped(['dbias']) }),
    'option',
    "scaleNormBackward: gradients names 'dbias', but the call had no bias; there are dx, dweight",
  ],
  [
    'the gradient of a weight that was left out',
    () => norm.scaleNormBackward(dy, plain, { gradients: ['dweight'] }),
    'option',
    "scaleNormBackward: gradients names 'dweight', but the call had no weight; there are dx",
  ],
  [
    'a gradient of more elements than the weight',
    () => norm.scaleNormBackward(dy, scaled, { out: { dweight: weight } }),
    'shape',
    'scaleNormBackward: dweight has shape [5], but weight has [1]',
  ],
  [
    'what another mode saved',
    // @ts-expect-error the compiler refuses it too
    () => norm.scaleNormBackward(dy, saved),
    'saved',
    'scaleNormBackward: saved is of a call of layerNorm; give that of a scaleNorm call',
  ],
];
