import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { roundTo, ulpOf } from '../support/formats.ts';
import type { Half } from '../support/formats.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { normalizedRow } from '../support/rows.ts';

/** `castBeforeWeight: true`: the normalized values are rounded to what x holds before weight and bias, as the code of Llama and T5 does. */

const contexts = Object.entries(await openContexts());
const MODES = [
  ['layerNorm', 'mean-variance'],
  ['rmsNorm', 'rms'],
] as const;
const EPS = 1e-6;

function callOf(
  op: Filled['op'],
  shape: number[],
  dtype: Half | 'f32',
  like: boolean,
  parameters: readonly string[],
  cast?: boolean,
): Fused {
  const random = new Random(271);
  const length = shape.at(-1)!;
  const x = { data: random.normals(sizeOf(shape), 0.5), shape };
  const arrays = Object.fromEntries(
    parameters.map((name) => [name, { data: random.normals(length, 0.7), shape: [length] }]),
  );
  const options = { eps: EPS, ...(cast === undefined ? {} : { castBeforeWeight: cast }) };
  return rounded({ op, x, options, arrays }, { dtype, like });
}

/** Whether an error of f32 on the way could round a value to another number of the format. */
function isNearTie(format: Half, value: number, magnitude: number): boolean {
  const slack = magnitude * 2 ** -19;
  return roundTo(format, value - slack) !== roundTo(format, value + slack);
}

const PARAMETERS = [
  ['weight stored as x', true, ['weight']],
  ['weight and bias stored as x', true, ['weight', 'bias']],
  ['weight in f32', false, ['weight']],
  ['weight and bias in f32', false, ['weight', 'bias']],
  ['bias alone', true, ['bias']],
] as const;

const SHAPES = [
  ['rows', [40, 64]],
  ['odd rows', [30, 77]],
  ['long rows', [1, 20_011]],
] as [name: string, shape: number[]][];

describe.each(part(contexts, 2))('%s plans', (_, context) => {
  it('by hand: bf16 rounds the normalized values to 8 bits, of two as near to the even one', async () => {
    // Squares of 1, 1, 1, 5 have the mean 7; rsqrt is 0.3779645, between 193/512 and 194/512, and nearer the latter.
    const x = { data: Float32Array.of(1, 1, 1, 5), shape: [1, 4] };
    const weight = { data: Float32Array.of(1, 3, 64, 1), shape: [4] };
    const options = { eps: 0, castBeforeWeight: true };
    const call = rounded({ op: 'rmsNorm', x, options, arrays: { weight } }, { dtype: 'bf16', like: true });
    const { y } = await resultsOf(context, call, { data: new Float32Array(4), shape: [1, 4] });
    // 3 · 194/512 = 1.13671875 lies between 145/128 and 146/128, the middle of them: to the even one. 5 · 0.3779645 is 1.8898.
    expect([...y!]).toEqual([194 / 512, 146 / 128, (64 * 194) / 512, 242 / 128]);
    const unrounded = rounded(
      { op: 'rmsNorm', x, options: { eps: 0 }, arrays: { weight } },
      { dtype: 'bf16', like: true },
    );
    // 3 · 0.3779645 is 1.1338934, nearer 145/128.
    const { y: untold } = await resultsOf(context, unrounded, { data: new Float32Array(4), shape: [1, 4] });
    expect(untold![1]).toBe(145 / 128);
  });

  describe.each(MODES)('%s', (op, statistic) => {
    describe.each([...(['bf16', 'f16'] as const).entries()])('%d: %s', (first, dtype) => {
      const calls = SHAPES.flatMap((of) => PARAMETERS.map((parameters) => [...of, ...parameters] as const));

      it.each(part(calls))('%s of %j, %s', async (__, shape, ___, like, parameters) => {
        const call = callOf(op, shape, dtype, like, parameters, true);
        const dy = gradientFor(call, new Random(272));
        const results = await resultsOf(context, call, dy);
        const length = shape.at(-1)!;
        const { weight, bias } = call.arrays;
        let compared = 0;
        for (let from = 0; from < call.x.data.length; from += length) {
          const row = Array.from(call.x.data.subarray(from, from + length));
          const options = { statistic, eps: EPS, weight: weight?.data, bias: bias?.data };
          const { y, xHat } = normalizedRow(row, { ...options, cast: (value) => roundTo(dtype, value) });
          for (const [at, exact] of y.entries()) {
            // Two numbers of the format have a sum that f32 holds: then no error of f32 is left.
            const isExact = !weight && Math.fround(exact) === exact;
            const magnitude = isExact ? 0 : Math.abs(exact) + Math.abs(bias?.data[at] ?? 0);
            if (isNearTie(dtype, xHat[at]!, Math.abs(xHat[at]!) + 0.5) || isNearTie(dtype, exact, magnitude)) continue;
            compared++;
            for (const name of ['y', 'alone']) {
              expect(results[name]![from + at], `${name} at ${from + at}`).toBe(roundTo(dtype, exact));
            }
          }
        }
        expect(compared / call.x.data.length).toBeGreaterThan(0.9);
        const without = await resultsOf(context, callOf(op, shape, dtype, like, parameters), dy);
        const differing = results['y']!.filter((value, at) => value !== without['y']![at]).length;
        expect(differing / call.x.data.length, 'how many differ from the default').toBeGreaterThan(0.05);
      });

      describe.each(part(SHAPES, 3, first))('%s', (__, shape) => {
        it('without weight and bias there is nothing to round before', async () => {
          const call = callOf(op, shape, dtype, true, [], true);
          const dy = gradientFor(call, new Random(272));
          expect(await resultsOf(context, call, dy)).toEqual(
            await resultsOf(context, callOf(op, shape, dtype, true, []), dy),
          );
        });

        it('the gradient takes the rounding for the identity (G19)', async () => {
          const call = callOf(op, shape, dtype, true, ['weight', 'bias'], true);
          const dy = gradientFor(call, new Random(272));
          const rounding = await resultsOf(context, call, dy);
          const default_ = await resultsOf(context, callOf(op, shape, dtype, true, ['weight', 'bias']), dy);
          for (const name of ['mean', 'rstd', 'dx', 'dbias']) expect(rounding[name], name).toEqual(default_[name]);
          expect(relativeError(rounding['dweight']!, default_['dweight']!)).toBeLessThanOrEqual(2 * ulpOf(dtype, 1));
        });
      });
    });

    it('f32 has nothing to round to', async () => {
      const dy = gradientFor(callOf(op, [12, 64], 'f32', true, ['weight', 'bias']), new Random(272));
      const results = [true, false, undefined].map(async (cast) =>
        resultsOf(context, callOf(op, [12, 64], 'f32', true, ['weight', 'bias'], cast), dy),
      );
      const [rounding, not, untold] = await Promise.all(results);
      expect(rounding).toEqual(untold);
      expect(not).toEqual(untold);
    });
  });
});
