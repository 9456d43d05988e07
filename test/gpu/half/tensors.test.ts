import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { decode, encode, Float16Array, HALVES, roundTo } from '../support/formats.ts';
import type { Half } from '../support/formats.ts';
import { Random } from '../support/random.ts';

/** What goes into tensors of f16 and bf16, and what comes out. No kernel runs. */

const context = await createContext({ gpu: await gpu(), calibrate: false });
const { device } = context;
const COPIES_AND_STORAGE = 0x4 | 0x8 | 0x80;

const ALL = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
const isFinite = (dtype: Half, bits: number): boolean => Number.isFinite(decode(dtype, Uint16Array.of(bits))[0]!);

/** The bits of an answer, whichever type it has. */
function bitsOf({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

async function upload(data: ArrayLike<number>, dtype: Half): Promise<Uint16Array<ArrayBuffer>> {
  using tensor = context.tensor(data, [data.length], { dtype });
  return bitsOf(await tensor.read(dtype));
}

describe.each(HALVES)('%s', (dtype) => {
  it.each([1, 2, 3, 5, 257, 4096, 99_999])('%d elements come back as they went', async (length) => {
    const bits = encode(dtype, new Random(length).normals(length, 0));
    using tensor = context.tensor(bits, [length], { dtype });
    expect(tensor.byteLength).toBe(2 * length);
    expect(tensor.buffer.size % 16).toBe(0);
    const answer = await tensor.read(dtype);
    expect(answer).toHaveLength(length);
    expect(answer.buffer.byteLength).toBe(2 * length);
    expect(bitsOf(answer)).toEqual(bits);
  });

  it('all bits pass as they are, and widen exactly', async () => {
    using tensor = context.tensor(ALL, [1 << 16], { dtype });
    expect(bitsOf(await tensor.read(dtype))).toEqual(ALL);
    expect(Float64Array.from(await tensor.read('f32'))).toEqual(decode(dtype, ALL));
  });

  it('a part of a longer array is taken from where it is', async () => {
    const bits = encode(dtype, [9, 1, 2, 3, 9]);
    expect(await upload(bits.subarray(1, 4), dtype)).toEqual(bits.slice(1, 4));
  });

  it('every number of it, and all between two, go to the nearest', async () => {
    const exact = decode(
      dtype,
      ALL.filter((bits) => isFinite(dtype, bits)),
    );
    const numbers: number[] = [];
    for (const [index, value] of exact.entries()) {
      const next = exact[index + 1];
      numbers.push(value);
      if (next === undefined || Math.abs(next) < Math.abs(value)) continue;
      const middle = (value + next) / 2;
      numbers.push(middle, middle * (1 + 2 ** -45), middle * (1 - 2 ** -45), middle * (1 + 2 ** -20));
    }
    expect(await upload(numbers, dtype)).toEqual(encode(dtype, numbers));
    const floats = Float32Array.from(numbers);
    expect(await upload(floats, dtype)).toEqual(encode(dtype, floats));
  });

  it('what is not finite stays so', async () => {
    for (const given of [[NaN, Infinity, -Infinity, -0], Float32Array.of(NaN, Infinity, -Infinity, -0)]) {
      using tensor = context.tensor(given, [4], { dtype });
      expect([...(await tensor.read('f32'))]).toEqual([NaN, Infinity, -Infinity, -0]);
    }
    // A NaN whose digits are all in the half that bf16 leaves out.
    const quiet = new Float32Array(Uint32Array.of(0x7f800001, 0xff800001).buffer);
    using tensor = context.tensor(quiet, [2], { dtype });
    expect([...(await tensor.read('f32'))]).toEqual([NaN, NaN]);
  });

  it('holds the numbers that round to its largest, and none beyond', async () => {
    const largest = dtype === 'f16' ? 65504 : (2 - 2 ** -7) * 2 ** 127;
    const limit = dtype === 'f16' ? 65520 : (2 - 2 ** -8) * 2 ** 127;
    using tensor = context.tensor([limit * (1 - 2 ** -50), -largest], [2], { dtype });
    expect([...(await tensor.read('f32'))]).toEqual([largest, -largest]);
    const says = `does not fit ${dtype}; the largest is ${dtype === 'f16' ? '65504' : '3.3895e38'}`;
    const refused = (at: string) =>
      expect.objectContaining({
        name: 'NormError',
        code: 'dtype',
        message: expect.stringContaining(`${at}, which ${says}`),
      });
    for (const beyond of [limit, -limit, 1e300]) {
      expect(() => context.tensor([1, beyond], [2], { dtype })).toThrow(refused(`element 1 is ${beyond}`));
    }
    const single = Float32Array.of(3.4e38);
    expect(() => context.tensor(single, [1], { dtype })).toThrow(refused(`element 0 is ${single[0]}`));
  });

  it('is read from any even offset of a buffer', async () => {
    const bits = encode(dtype, new Random(7).normals(64, 0));
    const buffer = device.createBuffer({ size: 128, usage: COPIES_AND_STORAGE });
    device.queue.writeBuffer(buffer, 0, bits);
    for (const [from, length] of [
      [0, 64],
      [1, 1],
      [1, 2],
      [2, 1],
      [3, 60],
      [63, 1],
    ] as const) {
      const tensor = context.wrap(buffer, { shape: [length], dtype, byteOffset: 2 * from });
      const answer = await tensor.read(dtype);
      expect(bitsOf(answer)).toEqual(bits.slice(from, from + length));
      expect(answer.buffer.byteLength).toBe(2 * length);
      expect(Float64Array.from(await tensor.read('f32'))).toEqual(decode(dtype, bits.slice(from, from + length)));
    }
    buffer.destroy();
  });

  it('is read as itself or as f32', async () => {
    using tensor = context.tensor([1, 2, 3], [3], { dtype });
    const other = dtype === 'f16' ? 'bf16' : 'f16';
    for (const wrong of [other, 'u32'] as const) {
      await expect(tensor.read(wrong as 'f32')).rejects.toMatchObject({
        code: 'dtype',
        message: `read: the tensor holds ${dtype}, not ${wrong}; read('${dtype}') gives what it holds`,
      });
    }
    using single = context.tensor([1, 2, 3], [3]);
    await expect(single.read(dtype as never)).rejects.toMatchObject({ code: 'dtype' });
  });

  it('keeps its bits in another shape', async () => {
    const bits = encode(dtype, [1, 2, 3, 4, 5, 6]);
    const tensor = context.tensor(bits, [2, 3], { dtype });
    const flat = tensor.reshape([6]);
    expect([flat.shape, flat.dtype, flat.byteLength, flat.buffer]).toEqual([[6], dtype, 12, tensor.buffer]);
    expect(bitsOf(await flat.read(dtype))).toEqual(bits);
    flat.destroy();
    expect(tensor.destroyed).toBe(true);
  });
});

it('f16 is read in the type the runtime has for it, bf16 as bits', async () => {
  const name = async (dtype: Half): Promise<string> => {
    using tensor = context.tensor([1.5], [1], { dtype });
    const answer = await tensor.read(dtype);
    return answer[Symbol.toStringTag];
  };
  expect(await name('f16')).toBe(Float16Array ? 'Float16Array' : 'Uint16Array');
  expect(await name('bf16')).toBe('Uint16Array');
});

it('f32 is read from any word of a buffer', async () => {
  const buffer = device.createBuffer({ size: 64, usage: COPIES_AND_STORAGE });
  const numbers = Float32Array.from({ length: 16 }, (_, index) => index + 0.5);
  device.queue.writeBuffer(buffer, 0, numbers);
  const part = context.wrap(buffer, { shape: [3], byteOffset: 20 });
  expect(await part.read()).toEqual(numbers.slice(5, 8));
  expect(await part.reshape([3, 1]).read()).toEqual(numbers.slice(5, 8));
  buffer.destroy();
});

it.runIf(Float16Array)('a Float16Array says its dtype, and passes as it is', async () => {
  const halves = new Float16Array!([1, 0.1, -2.5]);
  using tensor = context.tensor(halves, [3]);
  expect(tensor.dtype).toBe('f16');
  expect(await tensor.read('f16')).toEqual(halves);
  const bits = new Uint16Array([0x7c01, 0x7c00, 0xfc00, 1]);
  const odd = new (Float16Array as unknown as { new (buffer: ArrayBuffer): ArrayLike<number> })(bits.buffer);
  expect(await upload(odd, 'f16')).toEqual(bits);
});

it('numbers round as the formats say', async () => {
  const numbers = [0.1, 1 / 3, 1e-7, 5e-8, 6e-5, 1e-40, 1234.5678, -0.2];
  for (const dtype of HALVES) {
    using tensor = context.tensor(numbers, [numbers.length], { dtype });
    expect([...(await tensor.read('f32'))]).toEqual(numbers.map((value) => roundTo(dtype, value)));
  }
});
