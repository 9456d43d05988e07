import { describe, expect, it } from 'vitest';
import {
  adaptiveInstanceNorm,
  batchNorm,
  batchNormForward,
  gradientSums,
  groupNorm,
  instanceNorm,
  layerNorm,
  loadMoments,
  mergeMoments,
  moments,
} from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

const contexts = part(Object.entries(await openContexts()), 2);
const CLOSE = 32 * 2 ** -24;

describe.each(contexts)('%s plans', (_, context) => {
  const [N, C, H, W] = [6, 8, 9, 7];
  const shape = [N, C, H, W];
  const data = new Random(21).normals(sizeOf(shape), 3, 2);
  const x = context.tensor(data, shape);

  it('scale = sqrt(var + eps) and shift = mean give the input back', async () => {
    const { mean, variance } = reference.moments({ data, shape }, { axes: [0, 2, 3] });
    const weight = context.tensor(
      Float32Array.from(variance.data, (value) => Math.sqrt(value + 1e-5)),
      [C],
    );
    const bias = context.tensor(Float32Array.from(mean.data), [C]);
    expect(relativeError(await batchNorm(x, { training: true, weight, bias }).read(), data)).toBeLessThanOrEqual(CLOSE);
  });

  it('a style that is the content gives the input back', async () => {
    expect(relativeError(await adaptiveInstanceNorm(x, x).read(), data)).toBeLessThanOrEqual(CLOSE);
  });

  it('GroupNorm of C groups is InstanceNorm, of one group LayerNorm over C,H,W', async () => {
    const [many, instance] = [groupNorm(x, { numGroups: C }), instanceNorm(x)];
    expect(await many.read()).toEqual(await instance.read());
    const [one, layer] = [groupNorm(x, { numGroups: 1 }), layerNorm(x, { axes: [1, 2, 3] })];
    expect(await one.read()).toEqual(await layer.read());
  });

  describe.each([
    ['0.1', { momentum: 0.1 }],
    ['null, the average over all batches', { momentum: null }],
    ['0.3, the biased variance', { momentum: 0.3, unbiasedRunningVar: false }],
  ] as const)('momentum %s', (__, options) => {
    it.each([
      ['BatchNorm NCHW', 'batchNorm', { layout: 'NCHW', training: true }],
      ['BatchNorm features first', 'batchNorm', { layout: 'CNHW', training: true }],
      ['InstanceNorm NCHW', 'instanceNorm', { layout: 'NCHW' }],
      ['InstanceNorm NHWC', 'instanceNorm', { layout: 'NHWC' }],
    ] as const)('%s tracks what the reference tracks, over three steps', async (___, op, mode) => {
      const channels = [...shape][mode.layout.indexOf('C')]!;
      const tracked = {
        runningMean: context.tensor(new Float32Array(channels), [channels]),
        runningVar: context.tensor(new Float32Array(channels).fill(1), [channels]),
        numBatchesTracked: context.tensor([0], [1], { dtype: 'u32' }),
      };
      let exact: Required<reference.Running> = {
        runningMean: { data: new Float64Array(channels), shape: [channels] },
        runningVar: { data: new Float64Array(channels).fill(1), shape: [channels] },
        numBatchesTracked: { data: new Float64Array(1), shape: [1] },
      };
      const random = new Random(22);
      const step = { batchNorm, instanceNorm }[op] as (x: Tensor, options: object) => Tensor;
      for (const batch of [0, 1, 2].map((at) => random.normals(data.length, at, 1 + at))) {
        step(context.tensor(batch, shape), { ...mode, ...options, ...tracked }).destroy();
        const result = reference[op]({ data: batch, shape }, { ...mode, ...options, ...exact });
        const { runningMean, runningVar, numBatchesTracked } = result as Required<reference.Running>;
        exact = { runningMean, runningVar, numBatchesTracked };
      }
      expect(relativeError(await tracked.runningMean.read(), exact.runningMean.data)).toBeLessThanOrEqual(CLOSE);
      expect(relativeError(await tracked.runningVar.read(), exact.runningVar.data)).toBeLessThanOrEqual(CLOSE);
      expect([...(await tracked.numBatchesTracked.read('u32'))]).toEqual([3]);
    });
  });

  it.each([0, 1e6])('uneven parts merge into the moments of the whole, at mean %d', async (mean) => {
    const whole = new Random(23).normals(12 * 5 * 40, mean);
    const exact = reference.moments({ data: whole, shape: [12, 5, 40] }, { axes: [0, 2] });
    const parts = [1, 4, 7].map((samples, index) => {
      const from = [0, 1, 5][index]! * 200;
      const part = whole.slice(from, from + samples * 200);
      return moments(context.tensor(part, [samples, 5, 40]), { axes: [0, 2] });
    });
    const sent = loadMoments(context, structuredClone(await parts[2]!.read()));
    const merged = mergeMoments([parts[0]!, parts[1]!, sent]);
    expect(merged.count).toBe(480);
    const one = { data: [1], shape: [1] };
    expect(relativeError(await merged.mean.read(), exact.mean.data, one)).toBeLessThanOrEqual(2 ** -23);
    expect(relativeError(await merged.variance.read(), exact.variance.data)).toBeLessThanOrEqual(CLOSE);
    const all = context.tensor(whole, [12, 5, 40]);
    const [given, own] = [batchNorm(all, { training: true, moments: merged }), batchNorm(all, { training: true })];
    expect(relativeError(await given.read(), await own.read())).toBeLessThanOrEqual(CLOSE);
  });

  it('moments keep the axes they are asked to keep', async () => {
    const { mean, variance, count } = moments(x, { axes: [1, -1], keepDims: true });
    const exact = reference.moments({ data, shape }, { axes: [1, 3], keepDims: true });
    expect([mean.shape, variance.shape, count]).toEqual([[N, 1, H, 1], [N, 1, H, 1], C * W]);
    expect(relativeError(await variance.read(), exact.variance.data)).toBeLessThanOrEqual(CLOSE);
    expect(moments(x, { axes: [0, 1, 2, 3] }).mean.shape).toEqual([]);
  });

  it('what is read of moments and of sums has nothing of what was in their memory before', async () => {
    const { saved } = batchNormForward(x, { training: true });
    const makers = [() => moments(x, { axes: [0, 2, 3] }), () => gradientSums(x, saved)];
    for (const make of makers) {
      const before = make();
      const elements = before.packed.size;
      before.destroy();
      context.tensor(new Float32Array(elements).fill(NaN), [elements]).destroy();
      const { data: numbers } = await make().read();
      const between = numbers.filter((_, index) => index % 64 >= C);
      expect([between.length, ...new Set(between)]).toEqual([(elements / 64) * (64 - C), 0]);
    }
  });
});
