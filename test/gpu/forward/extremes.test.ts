import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callReference, fill, relativeError, upload } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** What hard.test.ts asks of some modes, of every mode and layout; and spreads of one unit in the last place. */

const contexts = part(Object.entries(await openContexts()), 2);
const size = { N: 3, C: 8, L: 130 };

const callOf = (index: number, layout: string, seed = 61): Filled => {
  const mode = modes[index]!;
  return fill(mode, mode.call(size, layout), 'none', new Random(seed));
};

/** The call with every number of x (and of a style) multiplied and moved. */
function moved(call: Filled, scale: number, by: number): Filled {
  const arrays = { ...call.arrays };
  const move = ({ data, shape }: Filled['x']): Filled['x'] => ({ data: data.map((v) => v * scale + by), shape });
  if (arrays['style']) arrays['style'] = move(arrays['style']);
  if (arrays['runningMean']) arrays['runningMean'] = move(arrays['runningMean']);
  if (arrays['runningVar']) {
    const { data, shape } = arrays['runningVar'];
    arrays['runningVar'] = { data: data.map((v) => v * scale * scale), shape };
  }
  return { ...call, x: move(call.x), arrays };
}

/** What these divide by must stay below 2^126 (8.5e37): beyond, its reciprocal is subnormal, and GPUs flush it to 0. */
const SUMS = ['l2', 'l1', 'sum to one', 'ScaleNorm'];

/** Squares of these running deviations are no f32. */
const overflows = (call: Filled): boolean =>
  call.arrays['runningVar']?.data.some((v) => !Number.isFinite(v) || v < 2 ** -126) ?? false;

/** NaN where there is one. */
function largestDifference(a: ArrayLike<number>, b?: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, at) => Math.max(most, Math.abs(value - (b?.[at] ?? 0))), 0);
}

const named = modes.flatMap((mode, index) =>
  mode.layouts.slice(0, 2).map((layout) => [mode.name, layout, index] as const),
);

describe.each(contexts)('%s plans', (_, context) => {
  describe.each([1e19, 1e37, 1e-19, 1e-30])('values near %d, within 1e-5 of the largest', (scale) => {
    it.each(named)('%s, %s', async (__, layout, index) => {
      for (const eps of [undefined, 0]) {
        const call = moved(callOf(index, layout), scale, 0);
        if (overflows(call) || (scale === 1e37 && SUMS.includes(modes[index]!.name))) continue;
        if (eps !== undefined) call.options = { ...call.options, eps };
        const y = await callGpu(call, upload(context)).read();
        const exact = callReference(call);
        expect(largestDifference(y, exact) / largestDifference(exact), `eps ${eps}`).toBeLessThanOrEqual(1e-5);
      }
    });
  });

  describe.each([
    [1e4, 4e-6],
    [1e6, 2e-5],
  ])('deviation 1 about mean %d: within %d of float64', (mean, bound) => {
    it.each(named)('%s, %s', async (__, layout, index) => {
      const { op } = modes[index]!;
      // A style brings a mean of its own, and y takes it: the error is then that of an f32 near it.
      const call = moved(callOf(index, layout), 1, mean);
      if (op === 'adaptiveInstanceNorm') call.arrays = callOf(index, layout).arrays;
      const y = await callGpu(call, upload(context)).read();
      expect(largestDifference(y, callReference(call))).toBeLessThanOrEqual(bound);
    });
  });

  /** A spread of one unit in the last place is all there is to see: nothing may be rounded away. */
  it.each([0.1, 1e4, 1e6, 3e-8])('one element one unit above %d', async (value) => {
    const data = new Float32Array(4096).fill(value);
    const above = Math.fround(value) * (1 + 2 ** -23);
    data[100] = above;
    for (const [op, shape, options] of [
      ['layerNorm', [1, 4096], {}],
      ['batchNorm', [8, 128, 4], { layout: 'NLC', training: true }],
      ['groupNorm', [1, 8, 512], { numGroups: 2 }],
    ] as const) {
      const call: Filled = { op, x: { data, shape }, options: { ...options, eps: 0 }, arrays: {} };
      const y = await callGpu(call, upload(context)).read();
      expect(relativeError(y, callReference(call)), op).toBeLessThanOrEqual(1e-6);
    }
  });

  it('a divisor nearer to zero than eps is eps, with the sign of a sum', async () => {
    const rows = [
      [1e-13, -3e-13, 0, 0],
      [-1e-13, 3e-13, 0, 0],
      [1, -1, 2, -2],
      [3, -1, 2, -2],
      [0, 0, 0, 0],
    ];
    const x = { data: Float32Array.from(rows.flat()), shape: [rows.length, 4] };
    for (const statistic of ['sum', 'l1', 'l2']) {
      for (const eps of [undefined, 0, 2.5]) {
        const options = { axes: [1], statistic, ...(eps === undefined ? {} : { eps }) };
        const call: Filled = { op: 'normalize', x, options, arrays: {} };
        const [y, exact] = [await callGpu(call, upload(context)).read(), callReference(call)];
        // A row at a time: one row's large quotients must not hide another's.
        for (let row = 0; row < rows.length; row++) {
          const [from, to] = [row * 4, row * 4 + 4];
          expect(
            relativeError(y.slice(from, to), exact.slice(from, to)),
            `${statistic}, row ${row}`,
          ).toBeLessThanOrEqual(1e-6);
        }
      }
    }
  });
});
