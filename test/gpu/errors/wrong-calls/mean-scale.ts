import * as norm from '../../../../src/index.ts';
import { untyped } from '../../support/wrong-call.ts';
import type { WrongCall } from '../../support/wrong-call.ts';
import { context, of, running } from './stage.ts';

/** A share of the mean that is none, and what it does not go with. */

const x = of(4, 6, 5);
const share = of(6);
const [five, samples, strided] = [of(5), of(4, 6), of(6, 2).slice(1, 0, 1)];
const counts = context.empty([6], { dtype: 'u32' });
const moments = norm.moments(x, { axes: [2] });
const plain = norm.instanceNormForward(x).saved;

const apart = (name: string): string =>
  `instanceNorm: meanScale and ${name} are both given; meanScale is of the mean of x itself, leave one of them out`;

export const MEAN_SCALE: WrongCall[] = [
  ['meanScale: a number', () => norm.instanceNorm(x, { meanScale: untyped(0.5) }), 'option', /meanScale is no Tensor/],
  [
    'meanScale of other channels',
    () => norm.instanceNorm(x, { meanScale: five }),
    'parameter',
    'instanceNorm: meanScale has 5 elements, but the channel axis [1] of x [4,6,5] holds 6',
  ],
  [
    'meanScale of samples and channels',
    () => norm.instanceNorm(x, { meanScale: samples }),
    'parameter',
    'instanceNorm: meanScale has 24 elements, but the channel axis [1] of x [4,6,5] holds 6',
  ],
  [
    'meanScale of counts',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(x, { meanScale: counts }),
    'dtype',
    'instanceNorm: meanScale holds u32; it must hold f32',
  ],
  [
    'meanScale that is strided',
    () => norm.instanceNorm(x, { meanScale: strided }),
    'shape',
    'instanceNorm: meanScale [6,1] has strides [2,1]; it must be contiguous, [1,1]',
  ],
  ['meanScale and moments', () => norm.instanceNorm(x, { meanScale: share, moments }), 'option', apart('moments')],
  [
    'meanScale and running statistics',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(x, { meanScale: share, ...running }),
    'option',
    apart('runningMean'),
  ],
  [
    'meanScale and running statistics that are used',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(x, { meanScale: share, ...running, useInputStats: false }),
    'option',
    apart('runningMean'),
  ],
  [
    'meanScale of groupNorm',
    () => norm.groupNorm(x, untyped({ numGroups: 2, meanScale: share })),
    'option',
    /^groupNorm: there is no option 'meanScale'; meanScale is an option of instanceNorm; the options are/,
  ],
  [
    'mean_scale, as PyTorch Geometric has it',
    () => norm.instanceNorm(x, untyped({ mean_scale: share })),
    'option',
    "instanceNorm: there is no option 'mean_scale'; here it is called meanScale",
  ],
  [
    'a gradient of a meanScale that the call had not',
    () => norm.instanceNormBackward(x, plain, { gradients: ['dmeanScale'] }),
    'option',
    "instanceNormBackward: gradients names 'dmeanScale', but the call had no meanScale; there are dx",
  ],
];
