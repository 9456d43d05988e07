import { describe, expect, it } from 'vitest';
import { batchNorm, instanceNorm } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';

/** `numBatchesTracked` ends at the largest u32, and stays there. */

const contexts = Object.entries(await openContexts());
const MOST = 2 ** 32 - 1;

const CALLS: Record<string, (x: Tensor, options: object) => Tensor> = {
  batchNorm: (x, options) => batchNorm(x, { training: true, ...options }),
  instanceNorm: (x, options) => instanceNorm(x, options),
};

/** A number of positions that one pass takes, and one whose parts are merged. */
describe.each([4, 9000])('%d positions', (L) => {
  describe.each(contexts)('%s plans', (_, context) => {
    describe.each(Object.entries(CALLS))('%s', (__, call) => {
      it.each([
        [0, 1],
        [MOST - 1, MOST],
        [MOST, MOST],
      ])('of %d batches comes %d', async (before, after) => {
        for (const momentum of [0.1, null]) {
          const numBatchesTracked = context.tensor([before], [1], { dtype: 'u32' });
          const [runningMean, runningVar] = [context.tensor([5], [1]), context.tensor([4], [1])];
          const x = context.tensor(
            Float32Array.from({ length: 2 * L }, (___, at) => (at % 2 ? 1 : -1)),
            [2, 1, L],
          );
          call(x, { momentum, numBatchesTracked, runningMean, runningVar }).destroy();
          expect([...(await numBatchesTracked.read('u32'))]).toEqual([after]);
          // The average over so many batches stays where it was, the average over one is that of x: 0 and, but for n - 1, 1.
          const share = momentum ?? 1 / after;
          const count = call === CALLS['batchNorm'] ? 2 * L : L;
          expect((await runningMean.read())[0]).toBeCloseTo(5 * (1 - share), 5);
          expect((await runningVar.read())[0]).toBeCloseTo(4 * (1 - share) + (share * count) / (count - 1), 5);
        }
      });
    });
  });
});
