import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import {
  averageGradients,
  sumGradients,
  syncBatchNormBackward,
  syncBatchNormForward,
} from '../../../src/sync/index.ts';
import type { Group, SyncBatchNormOptions } from '../../../src/sync/index.ts';
import { localGroup } from '../../sync/local.ts';
import { openContexts } from '../support/contexts.ts';
import { roundTo } from '../support/formats.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import { share } from '../support/shared.ts';

/** A batch in parts, each by a member of a group, against the float64 reference and a single call of the whole. */

const contexts = Object.entries(await openContexts());
const C = 6;

/** Relative to the largest of the exact values: arithmetic in f32 (as bounds.ts has it, of gradients twice), and one rounding of what is stored. */
const BOUND = { f32: 16 * 2 ** -24, f16: 2 ** -11 + 16 * 2 ** -24, bf16: 2 ** -8 + 16 * 2 ** -24 };
type Stored = keyof typeof BOUND;

interface Batch {
  layout: string;
  dtype: Stored;
  /** Samples of each member. */
  samples: readonly number[];
}

const shapeOf = (layout: string, samples: number): number[] =>
  [...layout].map((letter) => ({ N: samples, C, H: 3, W: 5 })[letter]!);

/** The samples from `from` on, as an array of their own: of a layout that begins with N. */
function samplesOf({ data, shape }: NdArray, from: number, count: number): NdArray<Float32Array<ArrayBuffer>> {
  const size = sizeOf(shape.slice(1));
  return { data: Float32Array.from(data).slice(from * size, (from + count) * size), shape: [count, ...shape.slice(1)] };
}

function draw({ layout, dtype, samples }: Batch, random: Random) {
  const all = samples.reduce((total, count) => total + count, 0);
  const shape = shapeOf(layout, all);
  const drawn = (mean: number, deviation: number): NdArray<Float32Array<ArrayBuffer>> => ({
    data: random
      .normals(sizeOf(shape), mean, deviation)
      .map((value) => (dtype === 'f32' ? value : roundTo(dtype, value))),
    shape,
  });
  const channels = (mean: number): NdArray<Float32Array<ArrayBuffer>> => ({
    data: random.normals(C, mean, 0.3),
    shape: [C],
  });
  return { x: drawn(0.7, 2), dy: drawn(0.1, 1), weight: channels(1), bias: channels(0) };
}

function expectNear(actual: ArrayLike<number>, exact: ArrayLike<number>, bound: number, name: string): void {
  expect(actual.length, name).toBe(exact.length);
  const [a, b] = [Array.from(actual), Array.from(exact)];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index]!)), 0);
  expect(error, name).toBeLessThanOrEqual(bound * largest);
}

const BATCHES: Batch[] = [
  { layout: 'NCHW', dtype: 'f32', samples: [3, 2] },
  { layout: 'NCHW', dtype: 'f32', samples: [0, 5, 1] },
  { layout: 'NHWC', dtype: 'f32', samples: [1, 1, 1, 1] },
  { layout: 'NC', dtype: 'f32', samples: [1, 0, 6] },
  { layout: 'NCHW', dtype: 'f16', samples: [2, 0, 3] },
  { layout: 'NC', dtype: 'f16', samples: [7, 4] },
  { layout: 'NHWC', dtype: 'bf16', samples: [1, 4] },
];

const cases = share(contexts.flatMap(([plans, context]) => BATCHES.map((batch) => ({ plans, context, batch }))));

describe('synchronized BatchNorm', () => {
  it.each(cases)('$plans, $batch', async ({ context, batch }) => {
    const { layout, dtype, samples } = batch;
    const { x, dy, weight, bias } = draw(batch, new Random(samples.length + layout.length));
    const running = () => ({
      runningMean: context.tensor(new Float32Array(C), [C]),
      runningVar: context.tensor(new Float32Array(C).fill(1), [C]),
    });
    const place = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape, { dtype });
    const parameter = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape);
    const exactly = { layout, weight, bias, training: true, activation: 'silu' } as const;
    const exact = reference.batchNorm(x, {
      ...exactly,
      runningMean: { data: new Float32Array(C), shape: [C] },
      runningVar: { data: new Float32Array(C).fill(1), shape: [C] },
    });
    // dy of a member is of its own mean loss; in the loss of the whole it has the share of its samples.
    const gradients = reference.batchNormBackward(dy, x, exactly);
    const whole = norm.batchNormForward(place(x), {
      ...exactly,
      weight: parameter(weight),
      bias: parameter(bias),
      ...running(),
    });
    const wholeGradients = norm.batchNormBackward(place(dy), whole.saved);

    const group = await localGroup(samples.length);
    let from = 0;
    const members = samples.map(async (count, rank) => {
      const begin = (from += count) - count;
      const tracked = running();
      const options = {
        layout,
        activation: 'silu',
        weight: parameter(weight),
        bias: parameter(bias),
        ...tracked,
      } as const;
      const { y, saved } = await syncBatchNormForward(group[rank]!, place(samplesOf(x, begin, count)), options);
      // dy as if the loss of the whole had it as it is: times N / n for the mean of this member's samples.
      const own = samplesOf(dy, begin, count);
      const { dx, dweight, dbias } = await syncBatchNormBackward(group[rank]!, place(own), saved, { reduction: 'sum' });
      await sumGradients(group[rank]!, [dweight!, dbias!]);
      const expected = { y: samplesOf(exact.y, begin, count), dx: samplesOf(gradients.dx, begin, count) };
      if (count > 0) {
        expectNear(await y.read(), expected.y.data, BOUND[dtype], `y of ${rank}`);
        expectNear(await dx.read(), expected.dx.data, 2 * BOUND[dtype], `dx of ${rank}`);
      }
      return {
        y: await y.read(),
        dx: await dx.read(),
        bits: await Promise.all(
          [tracked.runningMean, tracked.runningVar, dweight!, dbias!].map(async (one) => one.read()),
        ),
      };
    });
    const results = await Promise.all(members);
    for (const { bits } of results) expect(bits).toEqual(results[0]!.bits);
    const [mean, variance, dweight, dbias] = results[0]!.bits;
    expectNear(mean!, exact.runningMean!.data, BOUND.f32, 'runningMean');
    expectNear(variance!, exact.runningVar!.data, BOUND.f32, 'runningVar');
    expectNear(dweight!, gradients.dweight!.data, 2 * BOUND.f32, 'dweight');
    expectNear(dbias!, gradients.dbias!.data, 2 * BOUND.f32, 'dbias');
    // Within rounding of what one call makes of the whole.
    expectNear(
      results.flatMap(({ y }) => [...y]),
      await whole.y.read(),
      2 * BOUND[dtype],
      'y of the whole',
    );
    expectNear(
      results.flatMap(({ dx }) => [...dx]),
      await wholeGradients.dx.read(),
      4 * BOUND[dtype],
      'dx of the whole',
    );
  });
});

const [, context] = contexts[0]!;
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

describe('a batch of next to nothing', () => {
  const code = async (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: norm.NormError) => error.code,
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
});
