import { describe, expect, it } from 'vitest';
import { createContext, layerNorm } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { testWrongCalls, untyped } from '../support/wrong-call.ts';

/** What goes into tensors of i8, whole numbers of 8 bits, and what comes out. No kernel runs. */

const context = await createContext({ gpu: await gpu(), calibrate: false });
const { device } = context;
const COPIES_AND_STORAGE = 0x4 | 0x8 | 0x80;
const ALL = Int8Array.from({ length: 256 }, (_, index) => index - 128);

describe('tensors of i8', () => {
  it.each([1, 2, 3, 4, 5, 255, 256])('%d elements come back as they went', async (length) => {
    const data = ALL.subarray(256 - length);
    using tensor = context.tensor(data, [length]);
    expect(tensor.dtype).toBe('i8');
    expect(tensor.byteLength).toBe(length);
    expect(await tensor.read('i8')).toEqual(data.slice());
    expect(await tensor.read()).toEqual(Float32Array.from(data));
  });

  it('are made of numbers, and shaped again', async () => {
    using tensor = context.tensor([1, -128, 127], [3, 1], { dtype: 'i8' });
    expect(await tensor.reshape([3]).read('i8')).toEqual(Int8Array.of(1, -128, 127));
    using none = context.tensor(new Int8Array(0), [0, 3]);
    expect(await none.read('i8')).toEqual(new Int8Array(0));
  });

  it('are read as views lie: a part of each row, and columns as rows', async () => {
    const [rows, columns] = [5, 7];
    using tensor = context.tensor(ALL.subarray(0, rows * columns), [rows, columns]);
    const indices = (size: number) => Array.from({ length: size }, (_, index) => index);
    const part = indices(rows).flatMap((row) => indices(3).map((column) => ALL[row * columns + column + 2]!));
    expect(await tensor.slice(1, 2, 5).read('i8')).toEqual(Int8Array.from(part));
    const turned = indices(columns).flatMap((column) => indices(rows).map((row) => ALL[row * columns + column]!));
    expect(await tensor.permute([1, 0]).read()).toEqual(Float32Array.from(turned));
  });

  it('may begin at any byte of a buffer of the app', async () => {
    const buffer = device.createBuffer({ size: 264, usage: COPIES_AND_STORAGE });
    device.queue.writeBuffer(buffer, 0, ALL);
    for (const byteOffset of [0, 1, 2, 3, 130, 255]) {
      using tensor = context.wrap(buffer, { shape: [1], dtype: 'i8', byteOffset });
      expect(await tensor.read('i8')).toEqual(ALL.slice(byteOffset, byteOffset + 1));
    }
    buffer.destroy();
  });
});

describe('are refused', () => {
  const x = context.empty([4], { dtype: 'i8' });
  const buffer = device.createBuffer({ size: 6, usage: COPIES_AND_STORAGE });
  testWrongCalls(
    [
      [
        '128',
        () => context.tensor([128], [1], { dtype: 'i8' }),
        'dtype',
        'tensor: element 0 is 128, which does not fit i8',
      ],
      [
        'a fraction',
        () => context.tensor([0.5], [1], { dtype: 'i8' }),
        'dtype',
        /element 0 is 0.5, which does not fit i8/,
      ],
      [
        'bytes without a sign',
        // @ts-expect-error the compiler refuses it too
        () => context.tensor(new Uint8Array(4), [4], { dtype: 'i8' }),
        'dtype',
        'tensor: the data is a Uint8Array, but i8 takes an Int8Array; convert it first',
      ],
      // @ts-expect-error the compiler refuses it too
      ['read as counts', async () => x.read('u32'), 'dtype', /the tensor holds i8, not u32; read\('i8'\) gives/],
      // @ts-expect-error the compiler refuses it too
      ['as x', () => layerNorm(x), 'dtype', 'layerNorm: x holds i8; it must hold f32, f16 or bf16'],
      [
        'as outputDtype',
        () => layerNorm(context.empty([4]), { outputDtype: untyped('i8') }),
        'option',
        "layerNorm: outputDtype is 'i8'; it must be one of f32, f16, bf16",
      ],
      [
        'a word that the buffer lacks the rest of',
        () => context.wrap(buffer, { shape: [2], dtype: 'i8', byteOffset: 4 }),
        'shape',
        /into a word of 4 bytes that the buffer of 6 lacks the rest of/,
      ],
    ],
    [],
  );
});
