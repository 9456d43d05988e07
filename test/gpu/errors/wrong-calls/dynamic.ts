import * as norm from '../../../../src/index.ts';
import { context, dy, of, saved, weight, x } from './stage.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';

const alpha = of(1);
const two = of(2);
const ofChannels = of(6);
const empty = of(4, 6, 0);
const half = context.empty([1], { dtype: 'f16' });
const counter = context.empty([1], { dtype: 'u32' });

const ofTanh = norm.dynamicTanhForward(x, { alpha }).saved;

/** The call of a function with some options. */
const dynamicTanh = (options: object) => () => norm.dynamicTanh(x, untyped(options));
const dynamicErf = (options: object) => () => norm.dynamicErf(x, untyped({ alpha, ...options }));

const ofGrn = norm.globalResponseNormForward(x, { layout: 'NCL' }).saved;

/** DyT and Derf: alpha is a tensor of one element. GRN: weight and bias of the channels. */
export const DYNAMIC: WrongCall[] = [
  [
    'no alpha',
    dynamicTanh({ weight }),
    'option',
    'dynamicTanh: alpha is missing; it must be a Tensor of one element, what x is multiplied by',
  ],
  [
    'no options',
    () => norm.dynamicTanh(x, untyped(undefined)),
    'option',
    'dynamicTanh: alpha is missing; it must be a Tensor of one element, what x is multiplied by',
  ],
  [
    'an alpha that is a number',
    dynamicTanh({ alpha: 0.5 }),
    'option',
    'dynamicTanh: alpha is no Tensor but 0.5; make one with ctx.tensor() or ctx.wrap()',
  ],
  [
    'an alpha for each element',
    dynamicTanh({ alpha: weight }),
    'parameter',
    'dynamicTanh: alpha has shape [5]; it must have one element',
  ],
  [
    'a shift of two elements',
    dynamicErf({ inputShift: two }),
    'parameter',
    'dynamicErf: inputShift has shape [2]; it must have one element',
  ],
  ['an alpha of halves', dynamicTanh({ alpha: half }), 'dtype', 'dynamicTanh: alpha holds f16; it must hold f32'],
  [
    'a shift of counts',
    dynamicErf({ inputShift: counter }),
    'dtype',
    'dynamicErf: inputShift holds u32; it must hold f32',
  ],
  [
    'a weight of another axis',
    dynamicTanh({ alpha, weight: of(6) }),
    'parameter',
    'dynamicTanh: weight has 6 elements, but the normalized axis [2] of x [4,6,5] holds 5',
  ],
  [
    'the gradient of a shift that was left out',
    () => norm.dynamicTanhBackward(dy, ofTanh, { gradients: untyped(['dinputShift']) }),
    'option',
    "dynamicTanhBackward: gradients names 'dinputShift', but the call had no inputShift; there are dx, dalpha",
  ],
  [
    'a weight of the positions',
    () => norm.globalResponseNorm(x, { layout: 'NCL', weight }),
    'parameter',
    'globalResponseNorm: weight has 5 elements, but the channel axis [1] of x [4,6,5] holds 6',
  ],
  [
    'no positions',
    () => norm.globalResponseNorm(empty, { layout: 'NCL' }),
    'shape',
    'globalResponseNorm: x [4,6,0] has no positions to take statistics of; each sample needs one or more',
  ],
  [
    'zeroCenteredWeight of GRN',
    () => norm.globalResponseNorm(x, untyped({ layout: 'NCL', weight: ofChannels, zeroCenteredWeight: true })),
    'option',
    /globalResponseNorm: there is no option 'zeroCenteredWeight'/,
  ],
  [
    'the gradient of a weight that GRN had not',
    () => norm.globalResponseNormBackward(dy, ofGrn, { gradients: ['dweight'] }),
    'option',
    "globalResponseNormBackward: gradients names 'dweight', but the call had no weight; there are dx",
  ],
  [
    'what another mode saved',
    // @ts-expect-error the compiler refuses it too
    () => norm.dynamicTanhBackward(dy, saved),
    'saved',
    'dynamicTanhBackward: saved is of a call of layerNorm; give that of a dynamicTanh call',
  ],
];
