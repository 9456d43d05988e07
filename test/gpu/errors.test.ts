import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../src/index.ts';
import type { NormErrorCode, Tensor } from '../../src/index.ts';
import { gpu } from '../setup/gpu.ts';

/** Every wrong call throws at once, by code and words, and nothing is recorded. */

const context = await norm.createContext({ gpu: await gpu() });
const other = await norm.createContext({ gpu: await gpu() });
const { device } = context;
const STORAGE = 0x80;

const x = context.empty([8, 64, 6, 6]);
const of = (...shape: number[]): Tensor => context.empty(shape);
const buffer = (size: number, usage = STORAGE | 0x4): GPUBuffer => device.createBuffer({ size, usage });
const gone = of(64);
gone.destroy();
const lost = context.wrap(buffer(64), { shape: [16] });
lost.buffer.destroy();
/** Options the types would refuse. */
const untyped = (options: object): never => options as never;

beforeEach(() => {
  vi.spyOn(device, 'createCommandEncoder');
  vi.spyOn(device.queue, 'submit');
});
afterEach(() => {
  try {
    expect(device.createCommandEncoder).not.toHaveBeenCalled();
    expect(device.queue.submit).not.toHaveBeenCalled();
  } finally {
    vi.restoreAllMocks();
  }
});

type Wrong = [what: string, code: NormErrorCode, says: RegExp, call: () => unknown];

const training = { training: true } as const;
const channels = (count: number) => ({ runningMean: of(count), runningVar: of(count) });

const WRONG: Wrong[] = [
  [
    'data of another length',
    'shape',
    /5 elements are given, but shape \[2,3\] holds 6/,
    () => context.tensor([1, 2, 3, 4, 5], [2, 3]),
  ],
  ['a size of zero', 'shape', /\[2,0\] has 0 as a size/, () => context.tensor([], [2, 0])],
  ['a fraction of a size', 'shape', /1\.5/, () => context.empty([1.5])],
  ['nine axes', 'shape', /9 axes; at most 8/, () => context.empty([1, 1, 1, 1, 1, 1, 1, 1, 1])],
  [
    'a Float64Array',
    'dtype',
    /Float64Array, but f32 takes a Float32Array/,
    () => context.tensor(new Float64Array(2), [2]),
  ],
  ['a dtype there is not', 'dtype', /dtype is 'f64'/, () => context.empty([2], { dtype: 'f64' as never })],
  [
    'a count that is no count',
    'dtype',
    /element 0 is -1, which does not fit u32/,
    () => context.tensor([-1], [1], { dtype: 'u32' }),
  ],
  ['a number beyond f32', 'dtype', /element 1 is 1e\+39, which does not fit f32/, () => context.tensor([0, 1e39], [2])],
  ['no number', 'dtype', /element 0 is undefined/, () => context.tensor([undefined as never], [1])],
  [
    'an axis out of range',
    'axes',
    /axis 4 is out of range; x \[8,64,6,6\] has axes -4 to 3/,
    () => norm.layerNorm(x, { axes: [4] }),
  ],
  ['an axis named twice', 'axes', /\[1,-3\] name an axis .* twice/, () => norm.layerNorm(x, { axes: [1, -3] })],
  ['no axis', 'axes', /axes is empty/, () => norm.normalize(x, { axes: [] })],
  ['axes left out', 'axes', /axes is undefined/, () => norm.normalize(x, untyped({}))],
  ['moments without axes', 'axes', /axes is undefined/, () => norm.moments(x, untyped({}))],
  [
    'a layout of another rank',
    'layout',
    /'NCL' has 3 letters, but x \[8,64,6,6\] has 4 axes/,
    () => norm.instanceNorm(x, { layout: 'NCL' }),
  ],
  ['a layout without channels', 'layout', /has no channel axis 'C'/, () => norm.instanceNorm(x, { layout: 'NDHW' })],
  ['a layout with a letter twice', 'layout', /names an axis twice/, () => norm.instanceNorm(x, { layout: 'NCHH' })],
  ['layout and channelAxis', 'layout', /both given/, () => norm.instanceNorm(x, { layout: 'NCHW', channelAxis: 1 })],
  [
    'a channelAxis out of range',
    'layout',
    /channelAxis is 4/,
    () => norm.batchNorm(x, { ...training, channelAxis: 4 }),
  ],
  ['one axis and no layout', 'layout', /default layout has channels on axis 1/, () => norm.batchNorm(of(8), training)],
  [
    'groups that do not divide',
    'groups',
    /numGroups is 7; it must be a divisor of the 64 channels/,
    () => norm.groupNorm(x, { numGroups: 7 }),
  ],
  ['no number of groups', 'groups', /numGroups is undefined/, () => norm.groupNorm(x, untyped({}))],
  [
    'a weight of another size',
    'parameter',
    /layerNorm: weight has 64 elements, but the normalized axes \[1,2,3\] of x \[8,64,6,6\] hold 2304/,
    () => norm.layerNorm(x, { axes: [1, 2, 3], weight: of(64) }),
  ],
  [
    'a weight of another shape',
    'parameter',
    /weight has shape \[6,64,6\].* is \[64,6,6\]/,
    () => norm.layerNorm(x, { axes: [1, 2, 3], weight: of(6, 64, 6) }),
  ],
  [
    'a bias of another size',
    'parameter',
    /bias has 8 elements, but the channel axis \[1\] .* holds 64/,
    () => norm.groupNorm(x, { numGroups: 8, bias: of(8) }),
  ],
  [
    'a weight that does not broadcast',
    'parameter',
    /\[5\] does not broadcast to x/,
    () => norm.normalize(x, { axes: [1], weight: of(5) }),
  ],
  [
    'running statistics of another size',
    'parameter',
    /runningMean has shape \[8\], but must hold 64/,
    () => norm.batchNorm(x, channels(8)),
  ],
  [
    'a weight of counts',
    'dtype',
    /weight holds u32; it must hold f32/,
    () => norm.layerNorm(x, { weight: context.empty([6], { dtype: 'u32' }) }),
  ],
  ['x of counts', 'dtype', /x holds u32/, () => norm.layerNorm(context.empty([6], { dtype: 'u32' }))],
  [
    'numBatchesTracked of floats',
    'dtype',
    /numBatchesTracked holds f32; it must hold u32/,
    () => norm.batchNorm(x, { ...training, ...channels(64), numBatchesTracked: of(1) }),
  ],
  ['a negative eps', 'eps', /eps is -1/, () => norm.layerNorm(x, { eps: -1 })],
  ['an eps that is no number', 'eps', /eps is NaN/, () => norm.rmsNorm(x, { eps: NaN })],
  ['an infinite eps', 'eps', /eps is Infinity/, () => norm.groupNorm(x, { numGroups: 1, eps: Infinity })],
  [
    'a misspelt option',
    'option',
    /there is no option 'axis'; the options are axes/,
    () => norm.layerNorm(x, untyped({ axis: 1 })),
  ],
  ['a misspelt record', 'option', /there is no option 'output'/, () => norm.layerNorm(x, {}, untyped({ output: x }))],
  [
    'a statistic there is not',
    'option',
    /statistic is 'median'/,
    () => norm.normalize(x, { axes: 1, statistic: 'median' as never }),
  ],
  [
    'a momentum above one',
    'option',
    /momentum is 1.5/,
    () => norm.batchNorm(x, { ...training, ...channels(64), momentum: 1.5 }),
  ],
  [
    'momentum null without a counter',
    'option',
    /needs numBatchesTracked/,
    () => norm.batchNorm(x, { ...training, ...channels(64), momentum: null }),
  ],
  ['inference without running statistics', 'option', /runningMean and runningVar are missing/, () => norm.batchNorm(x)],
  [
    'one of the running statistics',
    'option',
    /runningMean is given without runningVar/,
    () => norm.batchNorm(x, { ...training, runningMean: of(64) }),
  ],
  [
    'moments in inference',
    'option',
    /moments are given, but running/,
    () => norm.batchNorm(x, { ...channels(64), moments: { packed: of(5, 64), mean: of(64), count: 2 } }),
  ],
  [
    'a counter without running statistics',
    'option',
    /numBatchesTracked is given, but no running/,
    () => norm.batchNorm(x, { ...training, numBatchesTracked: context.empty([1], { dtype: 'u32' }) }),
  ],
  [
    'moments of other channels',
    'parameter',
    /moments are of 32 groups, but x has 64/,
    () => norm.batchNorm(x, { ...training, moments: { packed: of(5, 64), mean: of(32), count: 2 } }),
  ],
  [
    'an array for a tensor',
    'option',
    /weight is no Tensor/,
    () => norm.layerNorm(x, { weight: untyped(new Float32Array(6)) }),
  ],
  ['no tensor at all', 'option', /x is no Tensor/, () => norm.layerNorm(untyped(new Float32Array(6)))],
  [
    'one value per channel in training',
    'training',
    /expected more than 1 value per channel when training, got x \[1,64\]/,
    () => norm.batchNorm(of(1, 64), training),
  ],
  [
    'one position to track the variance of',
    'training',
    /no unbiased variance/,
    () => norm.instanceNorm(of(8, 64, 1, 1), channels(64)),
  ],
  [
    'a tensor of another device',
    'device',
    /weight is on another device/,
    () => norm.layerNorm(x, { weight: other.empty([6]) }),
  ],
  [
    'a buffer of another device',
    'device',
    /another device/,
    () => context.wrap(other.empty([6]).buffer, { shape: [6] }),
  ],
  ['a destroyed tensor', 'destroyed', /weight was destroyed/, () => norm.batchNorm(x, { ...training, weight: gone })],
  ['a buffer the app destroyed', 'destroyed', /x was destroyed/, () => norm.layerNorm(lost)],
  [
    'too large a tensor',
    'limit',
    /takes \d+ bytes; this device binds at most \d+/,
    () => context.empty([1 << 16, 1 << 16]),
  ],
  [
    'an offset that cannot be bound',
    'limit',
    /byteOffset is 2; it must be a multiple of 4, the bytes of an element of f32/,
    () => context.wrap(buffer(1024), { shape: [4], byteOffset: 2 }),
  ],
  [
    'an offset that counts cannot be bound at',
    'limit',
    /byteOffset is 128; it must be a multiple of 256 for u32/,
    () => context.wrap(buffer(1024), { shape: [4], dtype: 'u32', byteOffset: 128 }),
  ],
  [
    'a buffer too small',
    'shape',
    /takes 1024 bytes from byteOffset 256, but the buffer has 1024/,
    () => context.wrap(buffer(1024), { shape: [256], byteOffset: 256 }),
  ],
  [
    'a buffer without STORAGE',
    'usage',
    /without GPUBufferUsage.STORAGE/,
    () => context.wrap(buffer(64, 0x4), { shape: [4] }),
  ],
  [
    'out of another shape',
    'shape',
    /out has shape \[4\], but the result has \[8,64,6,6\]/,
    () => norm.layerNorm(x, {}, { out: of(4) }),
  ],
  [
    'out of another dtype',
    'dtype',
    /out holds u32/,
    () => norm.layerNorm(x, {}, { out: context.empty(x.shape, { dtype: 'u32' }) }),
  ],
  [
    'out on another device',
    'device',
    /out is on another device/,
    () => norm.layerNorm(x, {}, { out: other.empty(x.shape) }),
  ],
  ['out over x', 'usage', /out overlaps x/, () => norm.layerNorm(x, {}, { out: x })],
  [
    'out next to x, in the bytes that a binding of it takes in',
    'usage',
    /out is too near to x .* multiple of 256 bytes/,
    () => {
      const both = buffer(1024);
      const [first, second] = [0, 16].map((byteOffset) => context.wrap(both, { shape: [4], byteOffset }));
      norm.layerNorm(first!, {}, { out: second! });
    },
  ],
  [
    'a style of other channels',
    'shape',
    /style \[8,32,6,6\] has samples and channels \[8,32\], but content has \[8,64\]/,
    () => norm.adaptiveInstanceNorm(x, of(8, 32, 6, 6)),
  ],
  ['no moments to merge', 'option', /at least one part/, () => norm.mergeMoments([])],
  [
    'moments of different groups',
    'shape',
    /a part has shape \[3\], the first \[2\]/,
    () =>
      norm.mergeMoments(
        [2, 3].map((count) => norm.loadMoments(context, { data: new Float32Array(320), shape: [count], count: 4 })),
      ),
  ],
];

describe('a wrong call throws before anything is recorded', () => {
  it.each(WRONG)('%s', (_, code, says, call) => {
    let thrown: unknown;
    try {
      call();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(norm.NormError);
    expect((thrown as norm.NormError).code).toBe(code);
    expect((thrown as norm.NormError).message).toMatch(says);
  });
});

describe('reading', () => {
  it('refuses a destroyed tensor and a buffer without COPY_SRC', async () => {
    await expect(gone.read()).rejects.toMatchObject({ code: 'destroyed' });
    const borrowed = context.wrap(buffer(64, STORAGE), { shape: [16] });
    await expect(borrowed.read()).rejects.toMatchObject({ code: 'usage' });
  });
});
