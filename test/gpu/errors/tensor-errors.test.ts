import { expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { recording, testWrongCalls, untyped } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Data, buffers and tensors that cannot take part: each call throws at once, by code and words, and nothing is recorded. */

const context = await norm.createContext({ gpu: await gpu() });
const other = await norm.createContext({ gpu: await gpu() });
const { device } = context;
const STORAGE = 0x80;

const x = context.empty([8, 64, 6, 6]);
const of = (...shape: number[]): Tensor => context.empty(shape);
const buffer = (size: number, usage = STORAGE | 0x4): GPUBuffer => device.createBuffer({ size, usage });
const style = of(8, 64, 6, 6);
const shared = buffer(1024);
const head = context.wrap(shared, { shape: [4, 32] });
const tail = context.wrap(shared, { shape: [4, 32], byteOffset: 256 });
const halves = context.wrap(shared, { shape: [4, 32], dtype: 'f16' });
const gone = of(64);
gone.destroy();
const lost = of(16);
lost.buffer.destroy();
const training = { training: true } as const;

const WRONG: WrongCall[] = [
  [
    'data of another length',
    () => context.tensor([1, 2, 3, 4, 5], [2, 3]),
    'shape',
    /5 elements are given, but shape \[2,3\] holds 6/,
  ],
  ['a size below zero', () => context.tensor([], [2, -1]), 'shape', /\[2,-1\] has -1 as a size/],
  [
    'data for an empty tensor',
    () => context.tensor([1], [2, 0]),
    'shape',
    /1 elements are given, but shape \[2,0\] holds 0/,
  ],
  ['a fraction of a size', () => context.empty([1.5]), 'shape', /1\.5/],
  ['nine axes', () => context.empty([1, 1, 1, 1, 1, 1, 1, 1, 1]), 'shape', /9 axes; at most 8/],
  [
    'a Float64Array',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Float64Array(2), [2]),
    'dtype',
    /Float64Array, but f32 takes a Float32Array/,
  ],
  ['a dtype there is not', () => context.empty([2], { dtype: 'f64' as never }), 'dtype', /dtype is 'f64'/],
  [
    'a count that is no count',
    () => context.tensor([-1], [1], { dtype: 'u32' }),
    'dtype',
    /element 0 is -1, which does not fit u32/,
  ],
  ['a number beyond f32', () => context.tensor([0, 1e39], [2]), 'dtype', /element 1 is 1e\+39, which does not fit f32/],
  ['no number', () => context.tensor([undefined as never], [1]), 'dtype', /element 0 is undefined/],
  [
    'an array for a tensor',
    () => norm.layerNorm(x, { weight: untyped(new Float32Array(6)) }),
    'option',
    /weight is no Tensor/,
  ],
  ['no tensor at all', () => norm.layerNorm(untyped(new Float32Array(6))), 'option', /x is no Tensor/],
  [
    'a tensor of another device',
    () => norm.layerNorm(x, { weight: other.empty([6]) }),
    'device',
    /weight is on another device/,
  ],
  [
    'a buffer of another device',
    () => context.wrap(other.empty([6]).buffer, { shape: [6] }),
    'device',
    /another device/,
  ],
  ['a destroyed tensor', () => norm.batchNorm(x, { ...training, weight: gone }), 'destroyed', /weight was destroyed/],
  ['a buffer of ours that the app destroyed', () => norm.layerNorm(lost), 'destroyed', /x was destroyed/],
  [
    'too large a tensor',
    () => context.empty([1 << 20, 1 << 20]),
    'limit',
    /takes \d+ bytes; this device makes buffers of at most \d+/,
  ],
  [
    'an offset that cannot be bound',
    () => context.wrap(buffer(1024), { shape: [4], byteOffset: 2 }),
    'limit',
    /byteOffset is 2; it must be a multiple of 4, the bytes of an element of f32/,
  ],
  [
    'an offset that counts cannot be bound at',
    () => context.wrap(buffer(1024), { shape: [4], dtype: 'u32', byteOffset: 128 }),
    'limit',
    /byteOffset is 128; it must be a multiple of 256 for u32/,
  ],
  [
    'a buffer too small',
    () => context.wrap(buffer(1024), { shape: [256], byteOffset: 256 }),
    'shape',
    /takes 1024 bytes from byteOffset 256, but the buffer has 1024/,
  ],
  [
    'a buffer without STORAGE',
    () => context.wrap(buffer(64, 0x4), { shape: [4] }),
    'usage',
    /without GPUBufferUsage.STORAGE/,
  ],
  [
    'out of another shape',
    () => norm.layerNorm(x, { out: of(4) }),
    'shape',
    /out has shape \[4\], but the result has \[8,64,6,6\]/,
  ],
  [
    'out of another dtype',
    // @ts-expect-error the compiler refuses it too
    () => norm.layerNorm(x, { out: context.empty(x.shape, { dtype: 'u32' }) }),
    'dtype',
    /out holds u32/,
  ],
  [
    'out on another device',
    () => norm.layerNorm(x, { out: other.empty(x.shape) }),
    'device',
    /out is on another device/,
  ],
  ['out over x, further on', () => norm.layerNorm(head, { out: tail }), 'usage', /out overlaps x/],
  [
    'out over x, of another dtype',
    () => norm.layerNorm(head, { out: halves, outputDtype: 'f16' }),
    'usage',
    /overlaps x/,
  ],
  [
    'out over x where the gradient reads x',
    () => norm.layerNormForward(x, { out: x }),
    'usage',
    /^layerNorm: out is x, which the gradient reads; give layerNormForward another out, or call layerNorm, which saves nothing$/,
  ],
  [
    'out over x where x is the residual too',
    () => norm.layerNorm(x, { residual: x, out: x }),
    'usage',
    /out overlaps residual/,
  ],
  ['out over the style', () => norm.adaptiveInstanceNorm(x, style, { out: style }), 'usage', /out overlaps style/],
  ['out over the residual', () => norm.layerNorm(x, { residual: style, out: style }), 'usage', /out overlaps residual/],
  [
    'residualOut over x',
    () => norm.layerNorm(x, { residual: style, residualOut: x }),
    'usage',
    /residualOut overlaps x/,
  ],
  [
    'residualOut over the residual where the gradient of a gate reads it',
    () => norm.layerNormForward(x, { residual: style, gate: of(6), residualOut: style }),
    'usage',
    /^layerNorm: residualOut is residual, which the gradient of the gate reads; give layerNormForward another residualOut, /,
  ],
  [
    'out next to x, in the bytes that a binding of it takes in',
    () => {
      const both = buffer(1024);
      const [first, second] = [0, 16].map((byteOffset) => context.wrap(both, { shape: [4], byteOffset }));
      norm.layerNorm(first!, { out: second! });
    },
    'usage',
    /out is too near to x .* multiple of 256 bytes/,
  ],
  ['no moments to merge', () => norm.mergeMoments([]), 'option', /at least one part/],
  [
    'moments of different groups',
    () =>
      norm.mergeMoments(
        [2, 3].map((count) => norm.loadMoments(context, { data: new Float32Array(320), shape: [count], count: 4 })),
      ),
    'shape',
    /a part has shape \[3\], the first \[2\]/,
  ],
];

testWrongCalls(WRONG, recording(context));

it('reading refuses a destroyed tensor and a buffer without COPY_SRC', async () => {
  await expect(gone.read()).rejects.toMatchObject({ code: 'destroyed' });
  const borrowed = context.wrap(buffer(64, STORAGE), { shape: [16] });
  await expect(borrowed.read()).rejects.toMatchObject({ code: 'usage' });
});
