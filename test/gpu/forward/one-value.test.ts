import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { placing, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { resultsOf } from '../support/results.ts';
import { callGpu } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** BatchNorm in training on one value a channel: that value is the mean, and the variance is 0. */

const contexts = part(Object.entries(await openContexts()), 2, 1);
const SHAPES: Record<string, number[]> = { NC: [1, 3], CN: [3, 1], NCL: [1, 3, 1], NHWC: [1, 1, 1, 3], CHW: [3, 1, 1] };

const array = (numbers: readonly number[], shape: number[] = [numbers.length]): Filled['x'] => ({
  data: Float32Array.from(numbers),
  shape,
});

function callOf(layout: string, options: object, dtype: 'f32' | 'f16' | 'bf16' = 'f32', arrays = {}): Fused {
  const x = array([7, -2, 0.5], SHAPES[layout]);
  return rounded(
    { op: 'batchNorm', x, options: { layout, training: true, ...options }, arrays },
    { dtype, like: false },
  );
}

const trained = { weight: array([2, -3, 100]), bias: array([1, 0.5, -4]) };
const running = { runningMean: array([1, 2, 4.5]), runningVar: array([1, 4, 2]) };
const dy = [3, 0.5, -1];

describe.each(contexts)('%s plans', (_, context) => {
  describe.each(Object.keys(SHAPES))('%s', (layout) => {
    describe.each(['f32', 'f16', 'bf16'] as const)('%s', (dtype) => {
      it('y is the bias, and dx is 0', async () => {
        const call = callOf(layout, { unbiasedRunningVar: false }, dtype, trained);
        const { alone, y, dx, dweight, dbias } = await resultsOf(context, call, array(dy, SHAPES[layout]));
        for (const each of [alone, y]) expect([...each!]).toEqual([1, 0.5, -4]);
        // 0 of either sign.
        for (const each of [dx, dweight]) expect([...each!].map(Math.abs)).toEqual([0, 0, 0]);
        expect([...dbias!]).toEqual(dy);
      });

      it('y is 0 without one', async () => {
        const call = callOf(layout, { unbiasedRunningVar: false }, dtype);
        const { y } = await resultsOf(context, call, array(dy, SHAPES[layout]));
        expect([...y!].map(Math.abs)).toEqual([0, 0, 0]);
      });

      it.each([
        [0.5, [4, 0, 2.5], [0.5, 2, 1]],
        [1, [7, -2, 0.5], [0, 0, 0]],
        [0, [1, 2, 4.5], [1, 4, 2]],
      ])('with momentum %d the running mean moves to x, the variance to 0', async (momentum, mean, variance) => {
        const call = callOf(layout, { unbiasedRunningVar: false, momentum }, dtype, running);
        const place = placing(context, call);
        const tensors: Record<string, Tensor> = {};
        callGpu(call, (given, name) => (tensors[name] = place(given, name))).destroy();
        expect([...(await tensors['runningMean']!.read())]).toEqual(mean);
        expect([...(await tensors['runningVar']!.read())]).toEqual(variance);
      });
    });

    it.each([
      ['unbiased', { unbiasedRunningVar: true }],
      ['not told', {}],
    ])('is refused where the running variance is %s', (__, options) => {
      for (const arrays of [{}, running]) {
        const call = callOf(layout, options, 'f32', arrays);
        expect(() => callGpu(call, placing(context, call))).toThrow(
          expect.objectContaining({ name: 'NormError', code: 'training' }),
        );
      }
    });
  });
});
