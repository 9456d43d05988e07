import { describe, expect, it } from 'vitest';
import {
  batchNorm,
  batchNormBackward,
  batchNormForward,
  instanceNorm,
  mergeMoments,
  moments,
} from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Running statistics on their way: shared between devices, of hard data, and into inference. */

const contexts = part(Object.entries(await openContexts()), 2);
const CLOSE = 32 * 2 ** -24;
const CHANNELS = 6;

function tracked(context: Context): Record<'runningMean' | 'runningVar' | 'numBatchesTracked', Tensor> {
  return {
    runningMean: context.tensor(new Float32Array(CHANNELS), [CHANNELS]),
    runningVar: context.tensor(new Float32Array(CHANNELS).fill(1), [CHANNELS]),
    numBatchesTracked: context.tensor([0], [1], { dtype: 'u32' }),
  };
}

const untracked = {
  runningMean: { data: new Float64Array(CHANNELS), shape: [CHANNELS] },
  runningVar: { data: new Float64Array(CHANNELS).fill(1), shape: [CHANNELS] },
  numBatchesTracked: { data: [0], shape: [1] },
};

describe.each(contexts)('%s plans', (_, context) => {
  describe.each([0.1, null])('momentum %s', (momentum) => {
    it.each([5, 3000])('moments merged of uneven parts count as one batch, positions %d', async (L) => {
      const sizes = [1, 3, 2];
      const data = new Random(71).normals(6 * CHANNELS * L, 4, 2);
      let from = 0;
      const parts = sizes.map((N) => {
        const part = data.slice(from, (from += N * CHANNELS * L));
        return context.tensor(part, [N, CHANNELS, L]);
      });
      const merged = mergeMoments(parts.map((part) => moments(part, { axes: [0, 2] })));
      const own = tracked(context);
      const shape = [6, CHANNELS, L];
      const exact = reference.batchNorm({ data, shape }, { training: true, momentum, ...untracked });
      const y = batchNorm(parts[1]!, { training: true, momentum, moments: merged, ...own });
      const share = exact.y.data.slice(CHANNELS * L, 4 * CHANNELS * L);
      expect(relativeError(await y.read(), share)).toBeLessThanOrEqual(CLOSE);
      expect(relativeError(await own.runningMean.read(), exact.runningMean!.data)).toBeLessThanOrEqual(CLOSE);
      expect(relativeError(await own.runningVar.read(), exact.runningVar!.data)).toBeLessThanOrEqual(CLOSE);
      expect([...(await own.numBatchesTracked.read('u32'))]).toEqual([1]);
    });
  });

  /** Short channels are tracked by a pass of their own, long ones where their parts are merged. */
  describe.each([500, 9000])('positions %d', (L) => {
    describe.each([
      ['ordinary data', 0.5, 1],
      ['mean 1e4', 1e4, 1],
      ['mean 1e6', 1e6, 1],
      ['values near 1e18', 0, 1e18],
      ['values near 1e-17', 0, 1e-17],
    ])('%s', (__, mean, deviation) => {
      it.each([1, 0.25, null])('is tracked with momentum %s', async (momentum) => {
        const shape = [4, CHANNELS, L];
        const data = new Random(72).normals(4 * CHANNELS * L, mean, deviation);
        for (const op of ['batchNorm', 'instanceNorm'] as const) {
          const own = tracked(context);
          const options = { momentum, ...(op === 'batchNorm' ? { training: true } : {}) };
          const call = { batchNorm, instanceNorm }[op] as (x: Tensor, options: object) => Tensor;
          call(context.tensor(data, shape), { ...options, ...own });
          const exact = reference[op]({ data, shape }, { ...options, ...untracked });
          expect(relativeError(await own.runningMean.read(), exact.runningMean!.data), op).toBeLessThanOrEqual(CLOSE);
          expect(relativeError(await own.runningVar.read(), exact.runningVar!.data), op).toBeLessThanOrEqual(CLOSE);
        }
      });
    });
  });

  /** Sums of 256 sums of 256; in one sum of all a third would be no number of the steps that are left, and three digits more lost. */
  it.each([undefined, 'a mask'])('many instances of a channel are averaged in blocks, %s', async (masked) => {
    const instances = 1 << 16;
    const shape = [instances, 1, 3];
    const data = Float32Array.from({ length: 3 * instances }, (_, index) => [0.25, 1 / 3, 0.5][index % 3]!);
    const mask = masked
      ? { data: Float32Array.from(data, (_, index) => Number(index % 3 < 2)), shape: [instances, 3] }
      : undefined;
    const running = { runningMean: context.tensor([0], [1]), runningVar: context.tensor([0], [1]) };
    const start = { data: [0], shape: [1] };
    const exact = reference.instanceNorm({ data, shape }, { momentum: 1, mask, runningMean: start, runningVar: start });
    instanceNorm(context.tensor(data, shape), {
      momentum: 1,
      ...running,
      ...(mask && { mask: context.tensor(mask.data, mask.shape) }),
    });
    for (const name of ['runningMean', 'runningVar'] as const) {
      expect(relativeError(await running[name].read(), exact[name]!.data), name).toBeLessThanOrEqual(256 * 2 ** -24);
    }
  });

  it('what training tracked, inference uses', async () => {
    const shape = [5, 20, CHANNELS];
    const random = new Random(73);
    const own = tracked(context);
    let exact: Record<string, reference.NdArray> = { ...untracked };
    for (const mean of [3, 4, 5]) {
      const data = random.normals(5 * 20 * CHANNELS, mean);
      batchNorm(context.tensor(data, shape), { layout: 'NLC', training: true, ...own }).destroy();
      const step = reference.batchNorm({ data, shape }, { layout: 'NLC', training: true, ...exact });
      exact = { runningMean: step.runningMean!, runningVar: step.runningVar! };
    }
    const data = random.normals(5 * 20 * CHANNELS, 4);
    const { runningMean, runningVar } = own;
    const y = batchNorm(context.tensor(data, shape), { layout: 'NLC', runningMean, runningVar });
    const wanted = reference.batchNorm({ data, shape }, { layout: 'NLC', ...exact }).y.data;
    expect(relativeError(await y.read(), wanted)).toBeLessThanOrEqual(CLOSE);
  });
});

describe('known statistics', () => {
  it.each(contexts)('are saved as computed ones are, %s plans', async (_, context) => {
    const shape = [3, CHANNELS, 10];
    const data = new Random(74).normals(3 * CHANNELS * 10);
    const x = context.tensor(data, shape);
    const { saved } = batchNormForward(x, { training: true, moments: moments(x, { axes: [0, 2] }) });
    const exact = reference.batchNorm({ data, shape }, { training: true });
    expect(relativeError(await saved.mean.read(), exact.mean.data)).toBeLessThanOrEqual(CLOSE);
    expect(relativeError(await saved.rstd.read(), exact.rstd.data)).toBeLessThanOrEqual(CLOSE);
  });

  /** Such variances have weights that were extrapolated; PyTorch adds eps before it takes the root. */
  it.each(contexts)('may have a variance below zero that eps lifts above it, %s plans', async (_, context) => {
    const runningMean = { data: new Random(75).normals(CHANNELS), shape: [CHANNELS] };
    const runningVar = { data: Float32Array.of(-1e-6, 1, -5e-6, 0, 1e-7, -9e-8), shape: [CHANNELS] };
    const weight = { data: new Random(76).normals(CHANNELS), shape: [CHANNELS] };
    const put = ({ data, shape }: typeof weight): Tensor => context.tensor(data, shape);
    for (const layout of ['NCL', 'NLC'] as const) {
      const shape = layout === 'NCL' ? [3, CHANNELS, 10] : [3, 10, CHANNELS];
      const x = { data: new Random(77).normals(3 * CHANNELS * 10), shape };
      const dy = { data: new Random(78).normals(3 * CHANNELS * 10), shape };
      const { y, saved } = batchNormForward(put(x), {
        layout,
        runningMean: put(runningMean),
        runningVar: put(runningVar),
        weight: put(weight),
      });
      const options = { layout, runningMean, runningVar, weight };
      expect(relativeError(await y.read(), reference.batchNorm(x, options).y.data)).toBeLessThanOrEqual(CLOSE);
      const { dx } = batchNormBackward(put(dy), saved);
      const exact = reference.batchNormBackward(dy, x, options).dx.data;
      expect(relativeError(await dx.read(), exact)).toBeLessThanOrEqual(CLOSE);
    }
  });
});
