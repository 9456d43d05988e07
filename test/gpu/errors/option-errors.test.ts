import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Options that do not fit x, one another or what they mean: each throws at once, by code and words, and nothing is recorded. */

const context = await norm.createContext({ gpu: await gpu() });
const x = context.empty([8, 64, 6, 6]);
const of = (...shape: number[]): Tensor => context.empty(shape);

const training = { training: true } as const;
const channels = (count: number) => ({ runningMean: of(count), runningVar: of(count) });

const WRONG: WrongCall[] = [
  [
    'an axis out of range',
    () => norm.layerNorm(x, { axes: [4] }),
    'axes',
    /axis 4 is out of range; x \[8,64,6,6\] has axes -4 to 3/,
  ],
  ['an axis named twice', () => norm.layerNorm(x, { axes: [1, -3] }), 'axes', /\[1,-3\] name an axis .* twice/],
  ['no axis', () => norm.normalize(x, { axes: [], statistic: 'l2' }), 'axes', /axes is empty/],
  ['axes left out', () => norm.normalize(x, untyped({ statistic: 'l2' })), 'axes', /axes is undefined/],
  ['moments without axes', () => norm.moments(x, untyped({})), 'axes', /axes is undefined/],
  [
    'a layout of another rank',
    () => norm.instanceNorm(x, { layout: 'NCL' }),
    'layout',
    /'NCL' has 3 letters, but x \[8,64,6,6\] has 4 axes/,
  ],
  ['a layout without channels', () => norm.instanceNorm(x, { layout: 'NDHW' }), 'layout', /has no channel axis 'C'/],
  ['a layout with a letter twice', () => norm.instanceNorm(x, { layout: 'NCHH' }), 'layout', /names an axis twice/],
  ['layout and channelAxis', () => norm.instanceNorm(x, { layout: 'NCHW', channelAxis: 1 }), 'layout', /both given/],
  [
    'a channelAxis out of range',
    () => norm.batchNorm(x, { ...training, channelAxis: 4 }),
    'layout',
    /channelAxis is 4/,
  ],
  ['one axis and no layout', () => norm.batchNorm(of(8), training), 'layout', /default layout has channels on axis 1/],
  [
    'groups that do not divide',
    () => norm.groupNorm(x, { numGroups: 7 }),
    'groups',
    /numGroups is 7; it must be a divisor of the 64 channels/,
  ],
  ['no number of groups', () => norm.groupNorm(x, untyped({})), 'groups', /numGroups is undefined/],
  [
    'a weight of another size',
    () => norm.layerNorm(x, { axes: [1, 2, 3], weight: of(64) }),
    'parameter',
    /layerNorm: weight has 64 elements, but the normalized axes \[1,2,3\] of x \[8,64,6,6\] hold 2304/,
  ],
  [
    'a weight of another shape',
    () => norm.layerNorm(x, { axes: [1, 2, 3], weight: of(6, 64, 6) }),
    'parameter',
    /weight has shape \[6,64,6\].* is \[64,6,6\]/,
  ],
  [
    'a bias of another size',
    () => norm.groupNorm(x, { numGroups: 8, bias: of(8) }),
    'parameter',
    /bias has 8 elements, but the channel axis \[1\] .* holds 64/,
  ],
  [
    'a weight that does not broadcast',
    () => norm.normalize(x, { axes: [1], statistic: 'rms', weight: of(5) }),
    'parameter',
    /\[5\] does not broadcast to x/,
  ],
  [
    'a weight of more axes than x',
    () => norm.normalize(x, { axes: [1], statistic: 'rms', weight: of(1, 1, 1, 1, 6) }),
    'parameter',
    /weight \[1,1,1,1,6\] does not broadcast to x \[8,64,6,6\]; it may have 4 axes at most; aligned at the last, every size must be 1/,
  ],
  [
    'running statistics of another size',
    () => norm.batchNorm(x, channels(8)),
    'parameter',
    /runningMean has shape \[8\], but must hold 64/,
  ],
  [
    'a weight of counts',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(x, { weight: context.empty([6], { dtype: 'u32' }) }),
    'dtype',
    /weight holds u32; it must hold f32/,
  ],
  // @ts-expect-error the compiler refuses it too
  ['x of counts', () => norm.layerNorm(context.empty([6], { dtype: 'u32' })), 'dtype', /x holds u32/],
  [
    'numBatchesTracked of floats',
    () => norm.batchNorm(x, { ...training, ...channels(64), numBatchesTracked: of(1) }),
    'dtype',
    /numBatchesTracked holds f32; it must hold u32/,
  ],
  ['a negative eps', () => norm.layerNorm(x, { eps: -1 }), 'eps', /eps is -1/],
  ['an eps that is no number', () => norm.rmsNorm(x, { eps: NaN }), 'eps', /eps is NaN/],
  ['an infinite eps', () => norm.groupNorm(x, { numGroups: 1, eps: Infinity }), 'eps', /eps is Infinity/],
  [
    'a misspelt option',
    () => norm.layerNorm(x, untyped({ axxes: 1 })),
    'option',
    /there is no option 'axxes'; the options are axes/,
  ],
  [
    'a name of another library',
    () => norm.layerNorm(x, untyped({ axis: 1 })),
    'option',
    /'axis'; here it is called axes$/,
  ],
  ['a misspelt output', () => norm.layerNorm(x, untyped({ output: x })), 'option', /there is no option 'output'/],
  [
    'a statistic there is not',
    () => norm.normalize(x, { axes: 1, statistic: 'median' as never }),
    'option',
    /statistic is 'median'/,
  ],
  [
    'a momentum above one',
    () => norm.batchNorm(x, { ...training, ...channels(64), momentum: 1.5 }),
    'option',
    /momentum is 1.5/,
  ],
  [
    'momentum null without a counter',
    () => norm.batchNorm(x, { ...training, ...channels(64), momentum: null }),
    'option',
    /needs numBatchesTracked/,
  ],
  // @ts-expect-error the compiler refuses it too
  ['inference without running statistics', () => norm.batchNorm(x), 'option', /runningMean and runningVar are missing/],
  [
    'one of the running statistics',
    // @ts-expect-error the compiler refuses it too
    () => norm.batchNorm(x, { ...training, runningMean: of(64) }),
    'option',
    /runningMean is given without runningVar/,
  ],
  [
    'moments in inference',
    () => norm.batchNorm(x, { ...channels(64), moments: { packed: of(5, 64), mean: of(64), count: 2 } }),
    'option',
    /moments are given, but running/,
  ],
  [
    'a counter without running statistics',
    // @ts-expect-error the compiler refuses it too
    () => norm.batchNorm(x, { ...training, numBatchesTracked: context.empty([1], { dtype: 'u32' }) }),
    'option',
    /numBatchesTracked is given, but no running/,
  ],
  [
    'moments of other channels',
    () => norm.batchNorm(x, { ...training, moments: { packed: of(5, 64), mean: of(32), count: 2 } }),
    'parameter',
    /moments are of 32 groups, but x has 64/,
  ],
  [
    'one value per channel in training',
    () => norm.batchNorm(of(1, 64), training),
    'training',
    /expected more than 1 value per channel when training, got x \[1,64\]/,
  ],
  [
    'one position to track the variance of',
    () => norm.instanceNorm(of(8, 64, 1, 1), channels(64)),
    'training',
    /no unbiased variance/,
  ],
  [
    'a style of other channels',
    () => norm.adaptiveInstanceNorm(x, of(8, 32, 6, 6)),
    'shape',
    /style \[8,32,6,6\] has samples and channels \[8,32\], but content has \[8,64\]/,
  ],
];

testWrongCalls(WRONG, recording(context));
