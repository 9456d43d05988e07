import { describe, expect, it } from 'vitest';
import { layerNorm, layerNormQuantized, rmsNorm, rmsNormQuantized } from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { encode, roundTo } from '../support/formats.ts';
import { isNearTie } from '../support/quantized.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';

/** Which numbers a quantized result has, by hand and beside the same call that is not quantized. */

const contexts = Object.entries(await openContexts()).map(([plans, context]) => ({ plans, context }));

/** Of as many loads as a row of so many elements takes. */
const LENGTHS = [4, 7, 1000, 5001];

/** y and its scales of rows whose squares have the mean 1, so that z is x. */
async function quantizedRows(
  context: Context,
  rows: readonly (readonly number[])[],
  options: object = {},
): Promise<{ y: number[][]; scales: number[] }> {
  const length = rows[0]!.length;
  const x = context.tensor(Float32Array.from(rows.flat()), [rows.length, length]);
  const { y, scales } = rmsNormQuantized(x, { eps: 0, ...options });
  const numbers = [...(await y.read('i8'))];
  return {
    y: rows.map((_, row) => numbers.slice(row * length, (row + 1) * length)),
    scales: [...(await scales.read())],
  };
}

describe.each(part(contexts, 2, 1))('$plans plans', ({ context }) => {
  describe.each(LENGTHS)('rows of %i', (length) => {
    const row = (at: (index: number) => number): number[] => Array.from({ length }, (_, index) => at(index));
    const one = context.tensor([1], [1]);

    it('between two numbers the even one is nearest', async () => {
      const weights = row((index) => (index % 9) - 4 + 0.5);
      const weight = context.tensor(weights, [length]);
      const { y } = await quantizedRows(context, [row(() => 1), row(() => -2)], { weight, scales: one });
      const even = weights.map((value) => 2 * Math.round(value / 2) + 0);
      expect(y).toEqual([even, even.map((value) => 0 - value)]);
    });

    it('what is larger than 127 scales is 127, on both sides', async () => {
      const weights = row((index) => [127.4, 127.6, 128, 129, 1e30, 3e38, 126.6][index % 7]!);
      const weight = context.tensor(weights, [length]);
      const { y } = await quantizedRows(context, [row(() => 1), row(() => -1)], { weight, scales: one });
      expect(y).toEqual([row(() => 127), row(() => -127)]);
    });

    it('rows of zeros have the scale 0 and zeros, and so have rows of less than a scale of f32 holds', async () => {
      const weight = context.tensor(
        row(() => 2 ** -120),
        [length],
      );
      const zeros = await quantizedRows(context, [row(() => 0), row((index) => (index === 2 ? -1 : 0)), row(() => 0)]);
      expect(zeros.scales.map((scale) => scale === 0)).toEqual([true, false, true]);
      expect(zeros.y).toEqual([row(() => 0), row((index) => (index === 2 ? -127 : 0)), row(() => 0)]);
      const small = await quantizedRows(context, [row(() => 1)], { weight });
      expect(small).toEqual({ y: [row(() => 0)], scales: [0] });
    });

    it('a NaN and an infinity are the scale of their row, whose numbers are 0; other rows are as they would be', async () => {
      const at = length - 2;
      const bias = (bad: number) =>
        context.tensor(
          row((index) => (index === at ? bad : 0)),
          [length],
        );
      const signs = row((index) => (index % 2 === 0 ? 1 : -1));
      for (const bad of [NaN, Infinity, -Infinity]) {
        const { y, scales } = await quantizedRows(context, [signs, signs], { bias: bias(bad) });
        expect(scales).toEqual([Math.abs(bad), Math.abs(bad)]);
        expect(y).toEqual([row(() => 0), row(() => 0)]);
        const given = await quantizedRows(context, [signs], { bias: bias(bad), scales: one });
        const expected = signs.with(at, Number.isNaN(bad) ? 0 : Math.sign(bad) * 127);
        expect(given.y).toEqual([expected]);
      }
      const rows = [signs, row((index) => (index === at ? NaN : 1)), signs];
      const { y, scales } = await quantizedRows(context, rows);
      expect(y).toEqual([signs.map((sign) => sign * 127), row(() => 0), signs.map((sign) => sign * 127)]);
      expect(scales[1]).toBeNaN();
      expect(scales[0]).toBeCloseTo(1 / 127, 7);
      expect(scales[2]).toBe(scales[0]);
    });

    it('scales that are 0 or NaN give zeros, and negative ones the other sign', async () => {
      const by = async (scale: number) =>
        (await quantizedRows(context, [row(() => 1)], { scales: context.tensor([scale], [1]) })).y[0]!;
      expect(await by(0)).toEqual(row(() => 0));
      expect(await by(NaN)).toEqual(row(() => 0));
      expect(await by(-0.5)).toEqual(row(() => -2));
      expect(await by(Infinity)).toEqual(row(() => 0));
    });
  });

  it.each([
    ['layerNorm', layerNorm, layerNormQuantized],
    ['rmsNorm', rmsNorm, rmsNormQuantized],
  ] as const)('%s is quantized as it is without, whatever comes before', async (_, plain, quantized) => {
    const shape = [7, 1024];
    const random = new Random(31);
    for (const [first, dtype] of (['f32', 'f16', 'bf16'] as const).entries()) {
      const array = (size: number, of: number[], mean: number) => {
        const data = random.normals(size, mean).map((value) => roundTo(dtype, value));
        return context.tensor(dtype === 'f32' ? data : encode(dtype, data), of, { dtype });
      };
      const x = array(7 * 1024, shape, 0.5);
      const weight = array(1024, [1024], 1);
      const calls = [
        { weight },
        { weight, castBeforeWeight: true },
        { weight, residual: array(7 * 1024, shape, 0), activation: 'silu' },
        { weight, modulation: { scale: array(7 * 1024, shape, 0) } },
      ] as const;
      for (const options of part(calls, 3, first)) {
        const z = await plain(x, { ...options, outputDtype: 'f32' }).read();
        for (const groupSize of [undefined, 128, 16]) {
          const { y, scales } = quantized(x, { ...options, groupSize });
          const [numbers, found] = [await y.read('i8'), await scales.read()];
          const size = groupSize ?? 1024;
          let compared = 0;
          for (const [at, scale] of found.entries()) {
            const group = z.subarray(at * size, (at + 1) * size);
            const peak = group.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            expect(Math.abs(scale / (peak / 127) - 1)).toBeLessThanOrEqual(2 ** -20);
            for (const [index, value] of group.entries()) {
              if (isNearTie(value / (peak / 127), 2 ** -13)) continue;
              compared++;
              const steps = value / (peak / 127);
              expect(numbers[at * size + index]).toBe(Math.round(steps) + 0);
            }
          }
          expect(compared / z.length).toBeGreaterThan(0.999);
        }
      }
    }
  });

  it('what a mask leaves out of the output is zero, and no part of a scale', async () => {
    const x = context.tensor(
      Float32Array.from({ length: 3 * 40 }, (_, at) => (at % 7) - 3),
      [3, 40],
    );
    const mask = context.tensor([1, 0, 1], [3]);
    const plain = rmsNormQuantized(x);
    const masked = rmsNormQuantized(x, { mask, maskOutput: true });
    const [whole, part] = [await plain.y.read('i8'), await masked.y.read('i8')];
    expect(part).toEqual(whole.map((number, at) => (at < 40 || at >= 80 ? number : 0)));
    const scales = await plain.scales.read();
    expect([...(await masked.scales.read())]).toEqual([scales[0], 0, scales[2]]);
  });

  it('four numbers are a word, the first in its lowest bits, as dot4I8Packed takes them', async () => {
    const x = context.tensor([2, -4, 6, -8], [1, 4]);
    const { y } = rmsNormQuantized(x);
    const [word] = await context.wrap(y.buffer, { shape: [1], dtype: 'u32' }).read('u32');
    const bytes = await y.read('i8');
    expect([...bytes]).toEqual([32, -64, 95, -127]);
    expect(word).toBe(new Uint32Array(bytes.buffer)[0]);
    expect(word! & 255).toBe(32);
  });
});
