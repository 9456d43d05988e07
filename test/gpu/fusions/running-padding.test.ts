import { describe, expect, it } from 'vitest';
import { batchNorm, instanceNorm } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';

/** Running statistics follow what is there: padding moves nothing, and is not counted. */

const contexts = Object.entries(await openContexts());

/** Channels; a number of positions that one pass takes, and one whose parts are merged. */
const C = 3;
const PLACES = [4, 9000].flatMap((length) => (['NLC', 'NCL'] as const).map((layout) => [length, layout] as const));

type Tracked = Record<'runningMean' | 'runningVar' | 'numBatchesTracked', Tensor>;

const track = (
  context: Context,
  mean: number,
  variance: number,
  count = 0,
  dtype: 'f32' | 'bf16' = 'f32',
): Tracked => ({
  runningMean: context.tensor([mean, mean, mean], [C], { dtype }),
  runningVar: context.tensor([variance, variance, variance], [C], { dtype }),
  numBatchesTracked: context.tensor([count], [1], { dtype: 'u32' }),
});

async function trackedBy({ runningMean, runningVar, numBatchesTracked }: Tracked) {
  return {
    mean: [...(await runningMean.read('f32'))],
    variance: [...(await runningVar.read('f32'))],
    count: (await numBatchesTracked.read('u32'))[0]!,
  };
}

const three = (value: number): number[] => [value, value, value];
const closeTo = (value: number): number[] => three(expect.closeTo(value, 5) as number);
const unmoved = (count = 0) => ({ mean: three(5), variance: three(4), count });

/** The training call of each mode. */
const CALLS: Record<string, (x: Tensor, options: object) => Tensor> = {
  batchNorm: (x, options) => batchNorm(x, { training: true, ...options }),
  instanceNorm: (x, options) => instanceNorm(x, options),
};

/** A mask with so many positions at the beginning of each sample. */
const maskOf = (context: Context, length: number, counts: readonly number[]): Tensor =>
  context.tensor(
    counts.flatMap((count) => Array.from({ length }, (_, at) => (at < count ? 1 : 0))),
    [counts.length, length],
  );

describe.each(part(contexts, 2, 1))('%s plans', (_, context) => {
  describe.each(part(PLACES, 3))('%d positions, %s', (L, layout) => {
    const shape = layout === 'NLC' ? [2, L, C] : [2, C, L];
    const x = context.tensor(new Random(231).normals(2 * C * L, 2), shape);

    describe.each(Object.entries(CALLS))('%s', (__, call) => {
      it.each([0.1, 1, null])('a mask of zeros, ten times with momentum %s', async (momentum) => {
        const mask = maskOf(context, L, [0, 0]);
        for (const unbiasedRunningVar of [true, false]) {
          for (const count of [0, 7]) {
            const tracked = track(context, 5, 4, count);
            for (let batch = 0; batch < 10; batch++) {
              call(x, { layout, momentum, unbiasedRunningVar, mask, ...tracked }).destroy();
            }
            expect(await trackedBy(tracked)).toEqual(unmoved(count));
          }
        }
      });

      it('what padding holds does not matter', async () => {
        const tracked = track(context, 5, 4);
        const spoiled = context.tensor(new Float32Array(2 * C * L).fill(NaN), shape);
        call(spoiled, { layout, mask: maskOf(context, L, [0, 0]), ...tracked }).destroy();
        expect(await trackedBy(tracked)).toEqual(unmoved());
      });

      it('statistics in bf16', async () => {
        const halves = context.tensor(new Random(232).normals(2 * C * L, 2), shape, { dtype: 'bf16' });
        const tracked = track(context, 5, 4, 0, 'bf16');
        call(halves, { layout, mask: maskOf(context, L, [0, 0]), ...tracked }).destroy();
        expect(await trackedBy(tracked)).toEqual(unmoved());
      });

      it('one position has no unbiased variance: nothing moves, and it is not counted', async () => {
        for (const momentum of [0.1, null]) {
          const tracked = track(context, 5, 4);
          call(x, { layout, momentum, mask: maskOf(context, L, [1, 0]), ...tracked }).destroy();
          expect(await trackedBy(tracked)).toEqual(unmoved());
        }
      });

      it('a batch of padding between two others is left out of their average', async () => {
        const tracked = track(context, 5, 4);
        const options = { layout, momentum: null, ...tracked };
        const ones = context.tensor(new Float32Array(2 * C * L).fill(1), shape);
        const threes = context.tensor(new Float32Array(2 * C * L).fill(3), shape);
        call(ones, options).destroy();
        call(threes, { ...options, mask: maskOf(context, L, [0, 0]) }).destroy();
        call(threes, options).destroy();
        expect(await trackedBy(tracked)).toEqual({ mean: closeTo(2), variance: closeTo(0), count: 2 });
      });
    });
  });

  it('batchNorm, one position left: the biased variance is tracked, and counted', async () => {
    const tracked = track(context, 5, 4);
    const x = context.tensor([9, 13, 17, 1, 1, 1], [1, 2, C]);
    const mask = maskOf(context, 2, [1]);
    batchNorm(x, { layout: 'NLC', training: true, momentum: 0.5, unbiasedRunningVar: false, mask, ...tracked });
    expect(await trackedBy(tracked)).toEqual({ mean: [7, 9, 11], variance: three(2), count: 1 });
  });

  describe('instanceNorm averages over the samples that are there', () => {
    // A sample of 1, 2, 3, 6: mean 3, squares of differences 14. One of 10 alone. One of padding alone.
    const x = context.tensor(
      [1, 2, 3, 6, 10, -1, -2, -3, 8, 8, 8, 8].flatMap((value) => three(value)),
      [3, 4, C],
    );
    const mask = maskOf(context, 4, [4, 1, 0]);

    it('unbiased: one value is too few', async () => {
      const tracked = track(context, 0, 1);
      instanceNorm(x, { layout: 'NLC', momentum: 0.5, mask, ...tracked });
      expect(await trackedBy(tracked)).toEqual({ mean: closeTo(1.5), variance: closeTo(0.5 + 14 / 6), count: 1 });
    });

    it('biased: one value has variance 0', async () => {
      const tracked = track(context, 0, 1);
      instanceNorm(x, { layout: 'NLC', momentum: 0.5, unbiasedRunningVar: false, mask, ...tracked });
      // Means 3 and 10, variances 3.5 and 0.
      expect(await trackedBy(tracked)).toEqual({ mean: closeTo(3.25), variance: closeTo(0.5 + 0.875), count: 1 });
    });

    it('momentum null: the share is of the batches counted', async () => {
      const tracked = track(context, 0, 1, 3);
      instanceNorm(x, { layout: 'NLC', momentum: null, mask, ...tracked });
      expect(await trackedBy(tracked)).toEqual({ mean: closeTo(0.75), variance: closeTo(0.75 + 14 / 12), count: 4 });
    });

    it('none with enough of them: nothing moves', async () => {
      const tracked = track(context, 5, 4);
      instanceNorm(x, { layout: 'NLC', momentum: 0.5, mask: maskOf(context, 4, [1, 1, 0]), ...tracked });
      expect(await trackedBy(tracked)).toEqual(unmoved());
    });
  });
});
