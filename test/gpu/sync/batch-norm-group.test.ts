import { describe, expect, it, vi } from 'vitest';
import { batchNormForward } from '../../../src/index.ts';
import type { NormError, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { averageGradients, syncBatchNormBackward, syncBatchNormForward } from '../../../src/sync/index.ts';
import type { Group, SyncBatchNormOptions } from '../../../src/sync/index.ts';
import { localGroup } from '../../sync/local.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { BOUND, C, draw, expectNear, samplesOf } from './batches.ts';

/** What the members of a group do, each with a part of a batch: mean losses, members that are lost, next to nothing, wrong calls. */

const context = (await openContexts()).software;
const rows = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape);

/** Members of parts of [N,C], and what each of them does. */
async function together<Result>(
  x: NdArray,
  samples: readonly number[],
  call: (group: Group, part: Tensor, begin: number, count: number) => Promise<Result>,
  onLeave: 'error' | 'continue' = 'error',
): Promise<Result[]> {
  const group = await localGroup(samples.length, { onLeave });
  let from = 0;
  return Promise.all(
    samples.map(async (count, rank) => {
      const begin = (from += count) - count;
      return call(group[rank]!, rows(samplesOf(x, begin, count)), begin, count);
    }),
  );
}

describe('gradients of mean losses', () => {
  it.each([
    [[4, 4], undefined],
    [[1, 0, 7], undefined],
    [
      [2, 6],
      [10, 30],
    ],
  ])('of %j samples, weighed by %j, are those of the mean of all', async (samples, counts) => {
    const random = new Random(11);
    const { x, dy, weight } = draw({ layout: 'NC', dtype: 'f32', samples }, random);
    // In the loss of the whole a member has the share of its count.
    const weights = counts ?? samples;
    const shares = weights.map((weight) => weight / weights.reduce((total, one) => total + one));
    const shareOf = (row: number): number => {
      let end = 0;
      return shares[samples.findIndex((count) => row < (end += count))]!;
    };
    const shared = { ...dy, data: dy.data.map((value, index) => value * shareOf(Math.floor(index / C))) };
    const exact = reference.batchNormBackward(shared, x, { training: true, weight });
    const results = await together(x, samples, async (group, part, begin, count) => {
      const { saved } = await syncBatchNormForward(group, part, { weight: rows(weight) });
      const weighed = counts?.[group.rank];
      const { dx, dweight } = await syncBatchNormBackward(group, rows(samplesOf(dy, begin, count)), saved, {
        count: weighed,
      });
      await averageGradients(group, [dweight!], { count: weighed ?? count });
      expectNear(await dweight!.read(), exact.dweight!.data, 2 * BOUND.f32, 'dweight');
      return (await dx.read()).map((value) => value * shares[group.rank]!);
    });
    expectNear(
      results.flatMap((dx) => [...dx]),
      exact.dx.data,
      2 * BOUND.f32,
      'dx',
    );
  });

  it('go on exactly where a member was lost after the forward call: its loss counts for nothing', async () => {
    const samples = [3, 4, 2];
    const { x, dy } = draw({ layout: 'NC', dtype: 'f32', samples }, new Random(12));
    const left = { ...dy, data: dy.data.map((value, index) => (index < 3 * C ? 0 : value)) };
    const exact = reference.batchNormBackward(left, x, { training: true });
    const results = await together(
      x,
      samples,
      async (group, part, begin, count) => {
        const { saved } = await syncBatchNormForward(group, part);
        if (begin === 0) return group.leave();
        const { dx } = await syncBatchNormBackward(group, rows(samplesOf(dy, begin, count)), saved, {
          reduction: 'sum',
        });
        expect(group.size).toBe(2);
        return dx.read();
      },
      'continue',
    );
    expectNear(
      results.flatMap((dx) => [...(dx ?? [])]),
      exact.dx.data.slice(3 * C),
      2 * BOUND.f32,
      'dx',
    );
  });
});

describe('calls that do not wait for each other', () => {
  // A part of nothing is not read from the GPU, and would go first.
  it('are reduced in the order in which they were made, whichever has its part first', async () => {
    const { x, dy } = draw({ layout: 'NC', dtype: 'f32', samples: [5] }, new Random(13));
    const { x: other, dy: otherDy } = draw({ layout: 'NC', dtype: 'f32', samples: [4] }, new Random(14));
    const exact = [
      reference.batchNormBackward(dy, x, { training: true }).dx,
      reference.batchNormBackward(otherDy, other, { training: true }).dx,
    ];
    const group = await localGroup(2);
    const members = group.map(async (member, rank) => {
      const part = (all: NdArray, begin: number, count: number): Tensor => rows(samplesOf(all, begin, count));
      // The second has the other branch alone.
      const [from, to] = rank === 0 ? [0, 3] : [3, 5];
      const count = rank === 0 ? 0 : 4;
      const calls = await Promise.all([
        syncBatchNormForward(member, part(x, from, to - from)),
        syncBatchNormForward(member, part(other, 0, count)),
      ]);
      const [first, second] = [part(dy, from, to - from), part(otherDy, 0, count)];
      const gradients = await Promise.all([
        syncBatchNormBackward(member, first, calls[0].saved, { reduction: 'sum' }),
        syncBatchNormBackward(member, second, calls[1].saved, { reduction: 'sum' }),
      ]);
      return Promise.all(gradients.map(async ({ dx }) => dx.read()));
    });
    const results = await Promise.all(members);
    for (const [index, { data }] of exact.entries()) {
      const dx = results.flatMap((member) => [...member[index]!]);
      expectNear(dx, data, 2 * BOUND.f32, `dx of branch ${index}`);
    }
  });
});

describe('a batch of next to nothing', () => {
  const code = async (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: NormError) => error.code,
    );

  it('of one value: y is the bias where no unbiased variance is tracked', async () => {
    const one = { data: Float32Array.of(3, -4), shape: [1, 2] };
    const ends = await together(one, [0, 1], async (group, part) => {
      const tracked = (): Tensor => context.tensor(new Float32Array(2), [2]);
      const running = { runningMean: tracked(), runningVar: tracked() };
      const refused = await code(syncBatchNormForward(group, part, running));
      const bias = context.tensor([5, 6], [2]);
      const { y } = await syncBatchNormForward(group, part, { ...running, bias, unbiasedRunningVar: false });
      return [refused, [...(await y.read())], [...(await running.runningMean.read())]];
    });
    const mean = [Math.fround(Math.fround(0.1) * 3), -Math.fround(Math.fround(0.1) * 4)];
    expect(ends[0]!.slice(0, 2)).toEqual(['training', []]);
    expect(ends[1]!.slice(0, 2)).toEqual(['training', [5, 6]]);
    expect(ends[0]![2]).toEqual(ends[1]![2]);
    expectNear(ends[0]![2] as number[], mean, 2 ** -23, 'runningMean');
  });

  it('of nothing is refused for all, and the group lives', async () => {
    const none = { data: new Float32Array(), shape: [0, 2] };
    const ends = await together(none, [0, 0], async (group, part) => [
      await code(syncBatchNormForward(group, part)),
      await code(averageGradients(group, [context.tensor([1], [1])], { count: 0 })),
      [...(await group.allReduce(Float32Array.of(1)))],
    ]);
    expect(ends).toEqual(Array(2).fill(['training', 'training', [2]]));
  });

  it('refuses a wrong option before anything is sent: the members are still in step', async () => {
    const x = { data: Float32Array.of(1, 2, 3, 6), shape: [2, 2] };
    await together(x, [1, 1], async (group, part) => {
      const wrong = context.empty([3]);
      if (group.rank === 1) expect(await code(syncBatchNormForward(group, part, { weight: wrong }))).toBe('parameter');
      const { saved } = await syncBatchNormForward(group, part, { weight: context.tensor([1, 1], [2]) });
      const out = { dweight: wrong };
      if (group.rank === 0) expect(await code(syncBatchNormBackward(group, part, saved, { out }))).toBe('shape');
      const { dbias } = await syncBatchNormBackward(group, part, saved);
      expect(dbias).toBeUndefined();
    });
  });

  it('refuses what it cannot measure', async () => {
    const [alone] = await localGroup(1);
    const x = context.tensor(new Float32Array(8), [4, 2]);
    for (const [name, value] of Object.entries({
      residual: x,
      mask: x,
      inputBias: x,
      multiply: { by: x, where: 'before' },
      encoder: {},
    })) {
      const options = { [name]: value } as unknown as SyncBatchNormOptions;
      await expect(syncBatchNormForward(alone!, x, options)).rejects.toThrow(new RegExp(`'?${name}'?.*(moments|CPU)`));
    }
    await expect(syncBatchNormForward({} as Group, x)).rejects.toThrow(
      'group is an object; give what joinGroup() resolves to',
    );
  });

  it('refuses a gradient of what was normalized by other statistics, and options that go by these', async () => {
    const [alone] = await localGroup(1);
    const x = context.tensor([1, 2, 3, 6], [2, 2]);
    const own = batchNormForward(x, { training: true }).saved;
    await expect(syncBatchNormBackward(alone!, x, own)).rejects.toMatchObject({
      code: 'saved',
      message: expect.stringMatching(
        /^syncBatchNormBackward: saved is of .*; give that of `.* = await syncBatchNormForward/,
      ),
    });
    const { saved } = await syncBatchNormForward(alone!, x);
    for (const [name, value] of Object.entries({ encoder: {}, sums: {} })) {
      await expect(syncBatchNormBackward(alone!, x, saved, { [name]: value })).rejects.toMatchObject({
        code: 'option',
        message: `syncBatchNormBackward: there is no option '${name}'; it takes the sums of all members that go by way of the CPU`,
      });
    }
  });

  it('keeps no memory of a call that fails', async () => {
    const [alone] = await localGroup(1);
    const x = context.tensor([1, 2, 3, 6], [2, 2]);
    const { saved } = await syncBatchNormForward(alone!, x);
    const wrong = context.empty([3]);
    const download = vi.spyOn(context.runtime, 'download');
    const fail = (): unknown => download.mockRejectedValueOnce(new Error('not read'));
    const inUse = (): number => context.memory().kinds.tensors.inUse;
    const before = inUse();
    expect(await code(syncBatchNormBackward(alone!, x, saved, { out: { dweight: wrong } }))).toBe('option');
    expect(inUse()).toBeLessThanOrEqual(before);
    fail();
    await expect(syncBatchNormForward(alone!, x)).rejects.toThrow('not read');
    expect(inUse()).toBeLessThanOrEqual(before);
    fail();
    await expect(syncBatchNormBackward(alone!, x, saved)).rejects.toThrow('not read');
    expect(inUse()).toBeLessThanOrEqual(before);
  });
});
