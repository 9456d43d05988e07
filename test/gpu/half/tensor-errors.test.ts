import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Float16Array } from '../support/formats.ts';
import { testWrongCalls } from '../support/wrong-call.ts';
import type { WrongCall } from '../support/wrong-call.ts';

/** Tensors of halves that are refused: data of another type, offsets and sizes that do not fit. */

const context = await createContext({ gpu: await gpu(), calibrate: false });
const { device } = context;
const COPIES_AND_STORAGE = 0x4 | 0x8 | 0x80;
const buffer = (size: number): GPUBuffer => device.createBuffer({ size, usage: COPIES_AND_STORAGE });

const WRONG: WrongCall[] = [
  [
    'bits of no dtype',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Uint16Array(2), [2]),
    'dtype',
    /the data is a Uint16Array; .* dtype 'f16' or 'bf16'/,
  ],
  [
    'bits as f32',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Uint16Array(2), [2], { dtype: 'f32' }),
    'dtype',
    /Uint16Array, but f32 takes a Float32Array; convert/,
  ],
  [
    'a Float64Array as f16',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Float64Array(2), [2], { dtype: 'f16' }),
    'dtype',
    /Float64Array, but f16 takes a Float16Array, Uint16Array \(of bits\) or Float32Array; convert it first/,
  ],
  [
    'a Float64Array as bf16',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Float64Array(2), [2], { dtype: 'bf16' }),
    'dtype',
    /Float64Array, but bf16 takes a Uint16Array \(of bits\) or Float32Array; convert it first/,
  ],
  [
    'integers as f16',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor(new Int16Array(2), [2], { dtype: 'f16' }),
    'dtype',
    /Int16Array, but f16 takes/,
  ],
  [
    'no number as f16',
    () => context.tensor([1, undefined as never], [2], { dtype: 'f16' }),
    'dtype',
    /element 1 is undefined, which does not fit f16; it must be a number$/,
  ],
  [
    'a dtype there is not',
    () => context.empty([1], { dtype: 'f8' as never }),
    'dtype',
    /dtype is 'f8'; it must be f32, f16, bf16, u32 \(for counts\) or i8/,
  ],
  [
    'a dtype that every object has',
    // @ts-expect-error the compiler refuses it too
    () => context.tensor([1], [1], { dtype: 'toString' as never }),
    'dtype',
    /dtype is 'toString'/,
  ],
  [
    'an odd offset',
    () => context.wrap(buffer(64), { shape: [2], dtype: 'bf16', byteOffset: 3 }),
    'limit',
    /byteOffset is 3; it must be a multiple of 2, the bytes of an element of bf16/,
  ],
  [
    'an offset below zero',
    () => context.wrap(buffer(64), { shape: [2], dtype: 'f16', byteOffset: -2 }),
    'limit',
    /byteOffset is -2/,
  ],
  [
    'half of an f32 as offset',
    () => context.wrap(buffer(64), { shape: [2], byteOffset: 2 }),
    'limit',
    /byteOffset is 2; it must be a multiple of 4/,
  ],
  [
    'counts where they cannot be bound',
    () => context.wrap(buffer(64), { shape: [2], dtype: 'u32', byteOffset: 4 }),
    'limit',
    /byteOffset is 4; it must be a multiple of \d+ for u32/,
  ],
  [
    'a buffer too small',
    () => context.wrap(buffer(64), { shape: [31], dtype: 'f16', byteOffset: 4 }),
    'shape',
    /takes 62 bytes from byteOffset 4, but the buffer has 64/,
  ],
  [
    'a buffer that ends in half a word',
    () => context.wrap(buffer(6), { shape: [3], dtype: 'f16' }),
    'shape',
    /takes 6 bytes from byteOffset 0, into a word of 4 bytes that the buffer of 6 lacks the rest of/,
  ],
  [
    'another number of elements',
    () => context.empty([2, 3], { dtype: 'f16' }).reshape([4]),
    'shape',
    /reshape: shape \[4\] holds 4 elements, but the tensor \[2,3\] has 6/,
  ],
  [
    'a shape with a size of zero',
    () => context.empty([6]).reshape([0, 6]),
    'shape',
    /shape \[0,6\] holds 0 elements, but the tensor \[6\] has 6/,
  ],
  [
    'more than a buffer holds',
    () => context.empty([1 << 20, 1 << 20], { dtype: 'bf16' }),
    'limit',
    /takes \d+ bytes; this device makes buffers of at most/,
  ],
];

describe('refused', () => {
  testWrongCalls(WRONG, []);

  it.runIf(Float16Array).each(['f32', 'bf16', 'u32'] as const)('a Float16Array as %s', (dtype) => {
    const data = new Float16Array!([1]);
    const message = expect.stringContaining(`a Float16Array, but ${dtype} takes`);
    expect(() => context.tensor(data, [1], { dtype })).toThrow(
      expect.objectContaining({ name: 'NormError', code: 'dtype', message }),
    );
  });
});

it('the memory of a half tensor is half', () => {
  const rows = Math.floor(device.limits.maxBufferSize / 4) + 1;
  expect(context.explain(() => context.empty([rows], { dtype: 'f16' }))).toEqual([]);
  expect(() => context.empty([rows])).toThrow(
    expect.objectContaining({ code: 'limit', message: expect.stringContaining('makes buffers of at most') }),
  );
});
