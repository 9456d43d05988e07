import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../src/index.ts';
import type { NormErrorCode, Tensor } from '../../src/index.ts';
import { gpu } from '../setup/gpu.ts';

/** Wrong calls that types cannot stop, and those that WebGPU alone would answer late or not at all. */

const context = await norm.createContext({ gpu: await gpu() });
const other = await norm.createContext({ gpu: await gpu() });
const { device } = context;

const of = (...shape: number[]): Tensor => context.empty(shape);
const x = of(8, 64, 6, 6);
const gone = of(6);
gone.destroy();
const encoder = device.createCommandEncoder();
const untyped = (options?: unknown): never => options as never;
const training = { training: true } as const;

/** A call of the same shapes that went well must not let a wrong one pass. */
norm.layerNorm(x, { weight: of(6) }).destroy();
const channelMoments = norm.moments(x, { axes: [0, 2, 3] });
norm.batchNorm(x, { ...training, moments: channelMoments }).destroy();
const sampleMoments = norm.moments(x, { axes: [1, 2, 3] });
const foreignMoments = norm.moments(other.tensor([1, 2, 3], [3]), { axes: [0] });
const ownMoments = norm.moments(context.tensor([1, 2, 3], [3]), { axes: [0] });

beforeEach(() => {
  vi.spyOn(device, 'createCommandEncoder');
  vi.spyOn(device.queue, 'submit');
  vi.spyOn(encoder, 'beginComputePass');
  vi.spyOn(encoder, 'copyBufferToBuffer');
});
afterEach(() => void vi.restoreAllMocks());

type Wrong = [what: string, code: NormErrorCode, says: RegExp, call: () => unknown];

const OPTIONS: Wrong[] = [
  ['half an axis', 'axes', /axis 1\.5/, () => norm.layerNorm(x, { axes: [1.5] })],
  ['axes as text', 'axes', /axes is the text "1"/, () => norm.layerNorm(x, { axes: untyped('1') })],
  ['moments over no axis', 'axes', /axes is empty/, () => norm.moments(x, { axes: [] })],
  [
    'text for a flag',
    'option',
    /training is the text "false"/,
    () => norm.batchNorm(x, untyped({ training: 'false' })),
  ],
  [
    'text for a flag of moments',
    'option',
    /keepDims is the text "no"/,
    () => norm.moments(x, untyped({ axes: 1, keepDims: 'no' })),
  ],
  [
    'a style among the options',
    'option',
    /no option 'style'/,
    () => norm.adaptiveInstanceNorm(x, x, untyped({ style: 7 })),
  ],
  [
    'a misspelt option of parameterShapes',
    'option',
    /no option 'chanelAxis'/,
    () => norm.parameterShapes(norm.batchNormDefinition, [2, 3], untyped({ chanelAxis: 1 })),
  ],
  ['a scalar', 'axes', /no axes/, () => norm.layerNorm(of())],
  ['a layout in small letters', 'layout', /capital/, () => norm.instanceNorm(x, { layout: 'nchw' })],
  ['groups of half a channel', 'groups', /numGroups is 0\.5/, () => norm.groupNorm(x, { numGroups: 0.5 })],
  ['no groups', 'groups', /numGroups is 0/, () => norm.groupNorm(x, { numGroups: 0 })],
  ['eps as text', 'eps', /eps is the text "1"/, () => norm.layerNorm(x, { eps: untyped('1') })],
  ['eps null', 'eps', /eps is null/, () => norm.layerNorm(x, { eps: untyped(null) })],
  ['an eps that is infinite as f32', 'eps', /eps is 1e\+39/, () => norm.layerNorm(x, { eps: 1e39 })],
  ['weight null', 'option', /weight is no Tensor/, () => norm.layerNorm(x, { weight: untyped(null) })],
  ['a style null', 'option', /style is no Tensor/, () => norm.adaptiveInstanceNorm(x, untyped(null))],
  ['no style', 'option', /style/, () => norm.adaptiveInstanceNorm(x, untyped())],
  ['out that is no tensor', 'option', /out is no Tensor/, () => norm.layerNorm(x, {}, { out: untyped({}) })],
  ['moments of no tensor', 'option', /x is no Tensor/, () => norm.moments(untyped(new Float32Array(6)), { axes: 0 })],
  ['a merge of tensors', 'option', /mergeMoments/, () => norm.mergeMoments([untyped(x)])],
  ['normalize without options', 'axes', /axes/, () => norm.normalize(x, untyped())],
  ['groupNorm without options', 'groups', /numGroups/, () => norm.groupNorm(x, untyped())],
  [
    'a misspelt variance',
    'option',
    /runningVariance is 'Biased'/,
    () => norm.batchNorm(x, { ...training, runningVariance: untyped('Biased') }),
  ],
  [
    'a momentum that is no number',
    'option',
    /momentum is NaN/,
    () => norm.batchNorm(x, { ...training, runningMean: of(64), runningVar: of(64), momentum: NaN }),
  ],
  [
    'no statistics at all',
    'option',
    /runningMean and runningVar are missing/,
    () => norm.instanceNorm(x, { useInputStats: false }),
  ],
  ['a misspelt option of tensor()', 'option', /'type'/, () => context.tensor([1], [1], untyped({ type: 'f32' }))],
  [
    'a misspelt option of wrap()',
    'option',
    /'offset'/,
    () => context.wrap(x.buffer, untyped({ shape: [4], offset: 256 })),
  ],
  ['a shape that is a number', 'shape', /shape/, () => context.tensor([1], untyped(1))],
];

const TENSORS: Wrong[] = [
  [
    'counts for a weight, after floats',
    'dtype',
    /weight holds u32/,
    () => norm.layerNorm(x, { weight: context.empty([6], { dtype: 'u32' }) }),
  ],
  [
    'moments of counts',
    'dtype',
    /x holds u32/,
    () => norm.moments(context.tensor([1, 2], [2], { dtype: 'u32' }), { axes: [0] }),
  ],
  ['moments of a destroyed tensor', 'destroyed', /x was destroyed/, () => norm.moments(gone, { axes: [0] })],
  ['out that was destroyed', 'destroyed', /out was destroyed/, () => norm.layerNorm(of(6), {}, { out: gone, encoder })],
  ['out over a weight', 'usage', /out overlaps weight/, () => overlapping('weight')],
  ['out over a bias, into an encoder', 'usage', /out overlaps bias/, () => overlapping('bias', encoder)],
  [
    'one tensor for both running statistics',
    'usage',
    /runningMean|runningVar/,
    () => {
      const both = of(64);
      return norm.batchNorm(x, { ...training, runningMean: both, runningVar: both });
    },
  ],
  [
    'a running mean that is the bias, and changes before it is added',
    'usage',
    /runningMean|bias/,
    () => {
      const both = of(64);
      return norm.batchNorm(x, { ...training, runningMean: both, runningVar: of(64), bias: both });
    },
  ],
  [
    'moments of samples where channels are wanted',
    'parameter',
    /moments/,
    () => norm.batchNorm(x, { ...training, moments: sampleMoments }),
  ],
  [
    'the same with the count of the right ones',
    'parameter',
    /moments/,
    () => norm.batchNorm(x, { ...training, moments: { ...sampleMoments, count: channelMoments.count } }),
  ],
  [
    'moments of two devices merged',
    'device',
    /part 1 is on another device/,
    () => norm.mergeMoments([ownMoments, foreignMoments], { encoder }),
  ],
];

function overlapping(name: 'weight' | 'bias', into?: GPUCommandEncoder): unknown {
  const same = of(6);
  return norm.layerNorm(of(6), { [name]: same }, { out: same, ...(into ? { encoder: into } : {}) });
}

describe.each([
  ['options', OPTIONS],
  ['tensors', TENSORS],
])('wrong %s', (_, wrong) => {
  it.each(wrong)('%s', (__, code, says, call) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(norm.NormError);
    expect((thrown as norm.NormError).message).toMatch(says);
    expect((thrown as norm.NormError).code).toBe(code);
    expect(device.createCommandEncoder).not.toHaveBeenCalled();
    expect(device.queue.submit).not.toHaveBeenCalled();
    expect(encoder.beginComputePass).not.toHaveBeenCalled();
    expect(encoder.copyBufferToBuffer).not.toHaveBeenCalled();
  });
});

it('refuses a misspelt option of createContext', async () => {
  const misspelt = norm.createContext(untyped({ gpu: await gpu(), devise: device }));
  await expect(misspelt).rejects.toMatchObject({ code: 'option', message: expect.stringContaining("'devise'") });
});
