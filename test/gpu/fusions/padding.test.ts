import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { resultsOf } from '../support/results.ts';
import { relativeError } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { ACTIVATION_NAMES } from '../../../src/options/activation.ts';

/** With `maskOutput` a call gives what it gives without its padding, and zeros in its place, whatever the padding holds (G18). */

const contexts = part(Object.entries(await openContexts()), 2, 1);
const BOUND = 2 ** -19;
const POISONS = [NaN, Infinity, -Infinity];

const arrayOf = (numbers: readonly number[]): Filled['x'] => ({
  data: Float32Array.from(numbers),
  shape: numbers.length === 1 ? [1] : [1, numbers.length, 1],
});

/** One sample of one channel in training; arrays are of its shape, or of one element. */
function callOf(x: readonly number[], arrays: Record<string, readonly number[]>, options: object = {}): Fused {
  const given = Object.fromEntries(Object.entries(arrays).map(([name, numbers]) => [name, arrayOf(numbers)]));
  return rounded(
    { op: 'batchNorm', x: arrayOf(x), options: { layout: 'NLC', training: true, ...options }, arrays: given },
    { dtype: 'f32', like: false },
  );
}

/** The same call with its last position masked. */
function masked({ x, options, arrays, ...rest }: Fused): Fused {
  const mask = {
    data: Float32Array.from(x.data, (_, at) => (at < x.data.length - 1 ? 1 : 0)),
    shape: [1, x.data.length],
  };
  return { ...rest, x, options: { ...options, maskOutput: true }, arrays: { ...arrays, mask } };
}

const ofPositions = ['alone', 'y', 'residualOut', 'dx', 'dresidual'];

describe.each(contexts)('%s plans', (_, context) => {
  /** Compares the call of four positions, the last of them masked, with that of the first three. */
  async function expectPaddingLeftOut(
    arrays: Record<string, readonly number[]>,
    options: object = {},
    [x, dy, dresidualOut]: (readonly number[])[] = [],
  ): Promise<Record<string, Float64Array>> {
    const first = (numbers: readonly number[]): readonly number[] =>
      numbers.length === 1 ? numbers : numbers.slice(0, 3);
    const [four, dyOfFour, more] = [x ?? [1, 2, 3, 4], dy ?? [0.5, -1, 2, 3], dresidualOut ?? [1, 0.25, -0.5, 2]];
    const three = callOf(
      first(four),
      Object.fromEntries(Object.entries(arrays).map(([name, numbers]) => [name, first(numbers)])),
      options,
    );
    const arriving = (numbers: readonly number[]) => (arrays['residual'] ? arrayOf(numbers) : undefined);
    const actual = await resultsOf(context, masked(callOf(four, arrays, options)), arrayOf(dyOfFour), arriving(more));
    const wanted = await resultsOf(context, three, arrayOf(first(dyOfFour)), arriving(first(more)));
    expect(Object.keys(actual)).toEqual(Object.keys(wanted));
    for (const [name, numbers] of Object.entries(actual)) {
      const every = wanted[name]!;
      expect(relativeError(numbers.subarray(0, every.length), every), name).toBeLessThanOrEqual(BOUND);
      // 0 of either sign.
      if (numbers.length > every.length) expect(Math.abs(numbers[3]!), `${name} at the padding`).toBe(0);
    }
    for (const name of ofPositions) if (actual[name]) expect(actual[name], name).toHaveLength(4);
    return actual;
  }

  describe.each(POISONS)('%s in the padding', (poison) => {
    describe.each([undefined, ...part(ACTIVATION_NAMES, 9, 3 * POISONS.indexOf(poison))])(
      'activation %s',
      (activation) => {
        const options = activation ? { activation } : {};

        it('of shift: dx is finite and dshift is 0 there', async () => {
          const { dx, dshift } = await expectPaddingLeftOut({ shift: [0, 0.5, 0.25, poison] }, options);
          expect(dx!.every(Number.isFinite)).toBe(true);
          expect(dshift).toHaveLength(4);
        });

        it('of scale: every gradient is finite and dscale is 0 there', async () => {
          const { dx, dscale, dweight, dbias } = await expectPaddingLeftOut(
            { weight: [1.5], bias: [-0.25], scale: [0, 0.5, 0.25, poison] },
            options,
          );
          for (const each of [dx, dscale, dweight, dbias]) expect(each!.every(Number.isFinite)).toBe(true);
          expect(dscale).toHaveLength(4);
        });

        it('of x, dy and dresidualOut', async () => {
          const arrays = { residual: [1, 1, 2, 5], gate: [0.5], weight: [1.5], shift: [0.5] };
          await expectPaddingLeftOut(arrays, options, [
            [1, 2, 3, poison],
            [0.5, -1, 2, poison],
            [1, 0.25, -0.5, poison],
          ]);
        });
      },
    );

    it('of residual, with a gate for all: dgate is the sum over the others', async () => {
      const { dgate, dresidual } = await expectPaddingLeftOut({ residual: [1, 1, 2, poison], gate: [0.5] });
      expect(dgate![0]).toBeCloseTo((dresidual![0]! + dresidual![1]! + 2 * dresidual![2]!) / 0.5, 4);
    });

    it('of gate: dresidual and dgate are 0 there', async () => {
      const { dresidual, dgate } = await expectPaddingLeftOut({ residual: [1, 1, 2, 5], gate: [0.5, 1, 2, poison] });
      expect(dresidual![3]).toBe(0);
      expect(dgate).toHaveLength(4);
    });

    it('of everything at once', async () => {
      await expectPaddingLeftOut(
        {
          residual: [1, 1, 2, poison],
          gate: [0.5, 1, 2, poison],
          weight: [1.5],
          bias: [0.5],
          scale: [0, 0.5, 0.25, poison],
          shift: [0, 0.5, 0.25, poison],
        },
        { activation: 'silu' },
        [
          [1, 2, 3, poison],
          [0.5, -1, 2, poison],
          [1, 0.25, -0.5, poison],
        ],
      );
    });
  });

  it('the numbers of a call: y, residualOut and dx', async () => {
    // x + 0.5 · residual is 1.5, 2.5, 4.5, of mean 17/6 and variance 14/9; eps is 0.
    const call = masked(callOf([1, 2, 3, NaN], { residual: [1, 1, 3, NaN], gate: [0.5] }, { eps: 0 }));
    const { y, residualOut, dx } = await resultsOf(context, call, arrayOf([1, 0, 0, NaN]), arrayOf([0, 0, 0, NaN]));
    expect([...residualOut!]).toEqual([1.5, 2.5, 4.5, 0]);
    const deviation = Math.sqrt(14 / 9);
    const normalized = [1.5, 2.5, 4.5].map((value) => (value - 17 / 6) / deviation);
    expect(relativeError(y!, [...normalized, 0])).toBeLessThanOrEqual(BOUND);
    const gradient = normalized.map(
      (each, at) => ((at === 0 ? 1 : 0) - 1 / 3 - (each * normalized[0]!) / 3) / deviation,
    );
    expect(relativeError(dx!, [...gradient, 0])).toBeLessThanOrEqual(BOUND);
  });
});
