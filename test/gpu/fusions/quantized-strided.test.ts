import { describe, expect, it } from 'vitest';
import { rmsNormQuantized } from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { LYINGS, viewAs } from '../support/strided.ts';
import { part } from '../support/sweeps.ts';

/** Quantized results of views, and into views: the numbers are those of contiguous tensors, and what lies between is left alone. */

const contexts = Object.entries(await openContexts()).map(([plans, context]) => ({ plans, context }));
const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;

const SHAPES = [
  [3, 4, 40],
  [2, 5, 77],
];

/** Whole numbers, so that sums are exact in any order. */
const numbersOf = (shape: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => ((at * 7) % 31) - 15);

async function plainly(context: Context, shape: readonly number[], options: object) {
  const { y, scales } = rmsNormQuantized(context.tensor(numbersOf(shape), [...shape]), options);
  return { y: await y.read('i8'), scales: await scales.read() };
}

describe.each(part(contexts, 2, 1))('$plans plans', ({ context }) => {
  describe.each(SHAPES)('[%i,%i,%i]', (...shape) => {
    it.each(LYINGS)('x that lies %s', async (lying) => {
      for (const dtype of ['f32', 'f16'] as const) {
        for (const options of [{}, { groupSize: 16 }, { axes: [1, 2], groupSize: 32 }]) {
          const { tensor } = viewAs(context, numbersOf(shape), shape, dtype, lying);
          const { y, scales } = rmsNormQuantized(tensor, options);
          const found = { y: await y.read('i8'), scales: await scales.read() };
          expect(found, JSON.stringify(options)).toEqual(await plainly(context, shape, options));
        }
      }
    });

    it('y in the middle of longer rows, by fours', async () => {
      const [samples, rows, length] = shape as [number, number, number];
      const stride = Math.ceil(length / 4) * 4 + 8;
      const x = context.tensor(numbersOf(shape), shape);
      const size = samples * rows * stride;
      const buffer = context.device.createBuffer({ size, usage: STORAGE_AND_COPIES });
      context.device.queue.writeBuffer(buffer, 0, new Int8Array(size).fill(55));
      const y = context.wrap(buffer, { shape, dtype: 'i8', strides: [rows * stride, stride, 1], byteOffset: 4 });
      const call = () => rmsNormQuantized(x, { groupSize: 16, out: { y } });
      if (length % 4 !== 0) {
        expect(call).toThrow(/y holds i8, 4 elements a word of 4 bytes, and is strided so that rows share words/);
        return;
      }
      const { scales } = call();
      const plain = await plainly(context, shape, { groupSize: 16 });
      const after = await context.wrap(buffer, { shape: [size], dtype: 'i8' }).read('i8');
      const expected = new Int8Array(size).fill(55);
      for (let row = 0; row < samples * rows; row++) {
        expected.set(plain.y.subarray(row * length, (row + 1) * length), 4 + row * stride);
      }
      expect(after).toEqual(expected);
      expect(await scales.read()).toEqual(plain.scales);
    });
  });

  it('scales are contiguous', () => {
    const x = context.empty([4, 8]);
    const strided = context.wrap(context.empty([16]).buffer, { shape: [4, 2], strides: [3, 1] });
    expect(() => rmsNormQuantized(x, { groupSize: 4, out: { scales: strided } })).toThrow(
      'rmsNormQuantized: scales of out [4,2] has strides [3,1]; it must be contiguous, [2,1]',
    );
    expect(() => rmsNormQuantized(x, { groupSize: 4, scales: strided })).toThrow(/scales .* must be contiguous/);
  });
});
