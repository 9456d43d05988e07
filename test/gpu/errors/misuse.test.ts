import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { LayerNorm } from '../../../src/layers/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { encoding, recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Wrong calls that types cannot stop, and those that WebGPU alone would answer late or not at all. */

const context = await norm.createContext({ gpu: await gpu() });
const other = await norm.createContext({ gpu: await gpu() });
const { device } = context;

const of = (...shape: number[]): Tensor => context.empty(shape);
const x = of(8, 64, 6, 6);
const gone = of(6);
gone.destroy();
const encoder = device.createCommandEncoder();
const training = { training: true } as const;

/** A call of the same shapes that went well must not let a wrong one pass. */
norm.layerNorm(x, { weight: of(6) }).destroy();
const channelMoments = norm.moments(x, { axes: [0, 2, 3] });
norm.batchNorm(x, { ...training, moments: channelMoments }).destroy();
const sampleMoments = norm.moments(x, { axes: [1, 2, 3] });
const foreignMoments = norm.moments(other.tensor([1, 2, 3], [3]), { axes: [0] });
const ownMoments = norm.moments(context.tensor([1, 2, 3], [3]), { axes: [0] });

const OPTIONS: WrongCall[] = [
  [
    'explain of calls on another device',
    () => context.explain(() => norm.moments(other.empty([2]), { axes: 0 })),
    'device',
    /^explain: the calls are on another device; use the context that made their tensors$/,
  ],
  [
    'prepare of calls on another device',
    async () => context.prepare(() => norm.moments(other.empty([2]), { axes: 0 })),
    'device',
    /^prepare: the calls are on another device/,
  ],
  ['half an axis', () => norm.layerNorm(x, { axes: [1.5] }), 'axes', /axis 1\.5/],
  ['axes as text', () => norm.layerNorm(x, { axes: untyped('1') }), 'axes', /axes is the text "1"/],
  ['moments over no axis', () => norm.moments(x, { axes: [] }), 'axes', /axes is empty/],
  [
    'text for a flag',
    () => norm.batchNorm(x, untyped({ training: 'false' })),
    'option',
    /training is the text "false"/,
  ],
  [
    'text for a flag of moments',
    () => norm.moments(x, untyped({ axes: 1, keepDims: 'no' })),
    'option',
    /keepDims is the text "no"/,
  ],
  [
    'a style among the options',
    () => norm.adaptiveInstanceNorm(x, x, untyped({ style: 7 })),
    'option',
    /no option 'style'/,
  ],
  [
    'a misspelt channelAxis',
    () => norm.batchNorm(x, untyped({ ...training, chanelAxis: 1 })),
    'option',
    /no option 'chanelAxis'/,
  ],
  ['a scalar', () => norm.layerNorm(of()), 'axes', /no axes/],
  ['a layout in small letters', () => norm.instanceNorm(x, { layout: 'nchw' }), 'layout', /capital/],
  ['groups of half a channel', () => norm.groupNorm(x, { numGroups: 0.5 }), 'groups', /numGroups is 0\.5/],
  ['no groups', () => norm.groupNorm(x, { numGroups: 0 }), 'groups', /numGroups is 0/],
  ['eps as text', () => norm.layerNorm(x, { eps: untyped('1') }), 'eps', /eps is the text "1"/],
  ['eps null', () => norm.layerNorm(x, { eps: untyped(null) }), 'eps', /eps is null/],
  ['an eps that is infinite as f32', () => norm.layerNorm(x, { eps: 1e39 }), 'eps', /eps is 1e\+39/],
  ['weight null', () => norm.layerNorm(x, { weight: untyped(null) }), 'option', /weight is no Tensor/],
  ['a style null', () => norm.adaptiveInstanceNorm(x, untyped(null)), 'option', /style is no Tensor/],
  ['no style', () => norm.adaptiveInstanceNorm(x, untyped(undefined)), 'option', /style/],
  ['out that is no tensor', () => norm.layerNorm(x, { out: untyped({}) }), 'option', /out is no Tensor/],
  ['moments of no tensor', () => norm.moments(untyped(new Float32Array(6)), { axes: 0 }), 'option', /x is no Tensor/],
  ['a merge of tensors', () => norm.mergeMoments([untyped(x)]), 'option', /mergeMoments/],
  [
    'normalize without options',
    () => norm.normalize(x, untyped(undefined)),
    'option',
    /statistic is undefined; it must be one of/,
  ],
  [
    'normalize without a statistic',
    () => norm.normalize(x, untyped({ axes: 1 })),
    'option',
    /statistic is undefined; it must be one of mean-variance, rms/,
  ],
  ['normalize without axes', () => norm.normalize(x, untyped({ statistic: 'l2' })), 'axes', /axes is undefined/],
  ['groupNorm without options', () => norm.groupNorm(x, untyped(undefined)), 'groups', /numGroups/],
  [
    'text for which variance is tracked',
    () => norm.batchNorm(x, { ...training, unbiasedRunningVar: untyped('biased') }),
    'option',
    /unbiasedRunningVar is the text "biased"; it must be true or false/,
  ],
  [
    'a momentum that is no number',
    () => norm.batchNorm(x, { ...training, runningMean: of(64), runningVar: of(64), momentum: NaN }),
    'option',
    /momentum is NaN/,
  ],
  [
    'no statistics at all',
    // @ts-expect-error the compiler refuses it too
    () => norm.instanceNorm(x, { useInputStats: false }),
    'option',
    /runningMean and runningVar are missing/,
  ],
  ['a misspelt option of tensor()', () => context.tensor([1], [1], untyped({ type: 'f32' })), 'option', /'type'/],
  [
    'a misspelt option of wrap()',
    () => context.wrap(x.buffer, untyped({ shape: [4], offset: 256 })),
    'option',
    /'offset'/,
  ],
  ['a shape that is a number', () => context.tensor([1], untyped(1)), 'shape', /shape/],
];

const TENSORS: WrongCall[] = [
  [
    'counts for a weight, after floats',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(x, { weight: context.empty([6], { dtype: 'u32' }) }),
    'dtype',
    /weight holds u32/,
  ],
  [
    'moments of counts',
    // @ts-expect-error the compiler refuses it too
    () => norm.moments(context.tensor([1, 2], [2], { dtype: 'u32' }), { axes: [0] }),
    'dtype',
    /x holds u32/,
  ],
  ['moments of a destroyed tensor', () => norm.moments(gone, { axes: [0] }), 'destroyed', /x was destroyed/],
  ['out that was destroyed', () => norm.layerNorm(of(6), { out: gone, encoder }), 'destroyed', /out was destroyed/],
  ['out over a weight', () => overlapping('weight'), 'usage', /out overlaps weight/],
  ['out over a bias, into an encoder', () => overlapping('bias', encoder), 'usage', /out overlaps bias/],
  [
    'one tensor for both running statistics',
    () => {
      const both = of(64);
      return norm.batchNorm(x, { ...training, runningMean: both, runningVar: both });
    },
    'usage',
    /runningMean|runningVar/,
  ],
  [
    'a running mean that is the bias, and changes before it is added',
    () => {
      const both = of(64);
      return norm.batchNorm(x, { ...training, runningMean: both, runningVar: of(64), bias: both });
    },
    'usage',
    /runningMean|bias/,
  ],
  [
    'moments of samples where channels are wanted',
    () => norm.batchNorm(x, { ...training, moments: sampleMoments }),
    'parameter',
    /moments/,
  ],
  [
    'the same with the count of the right ones',
    () => norm.batchNorm(x, { ...training, moments: { ...sampleMoments, count: channelMoments.count } }),
    'parameter',
    /moments/,
  ],
  [
    'moments of two devices merged',
    () => norm.mergeMoments([ownMoments, foreignMoments], { encoder }),
    'device',
    /part 1 is on another device/,
  ],
];

function overlapping(name: 'weight' | 'bias', into?: GPUCommandEncoder): unknown {
  const same = of(6);
  return norm.layerNorm(of(6), { [name]: same, out: same, ...(into && { encoder: into }) });
}

describe.each(Object.entries({ options: OPTIONS, tensors: TENSORS }))('wrong %s', (_, wrong) => {
  testWrongCalls(wrong, [...recording(context), ...encoding(encoder)]);
});

it('refuses a misspelt option of createContext', async () => {
  const misspelt = norm.createContext(untyped({ gpu: await gpu(), devise: device }));
  await expect(misspelt).rejects.toMatchObject({ code: 'option', message: expect.stringContaining("'devise'") });
});

/** As `markRaw()` marks what Vue is to leave alone: a Proxy has no private members, and a call of its own would throw a TypeError. */
it('Vue makes no Proxy of a tensor, a context, a saved result or a layer', () => {
  const { y, saved } = norm.layerNormForward(of(2, 4));
  for (const one of [y, context, saved, new LayerNorm(context, 4)]) expect(Reflect.get(one, '__v_skip')).toBe(true);
});
