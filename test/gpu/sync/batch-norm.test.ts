import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { sumGradients, syncBatchNormBackward, syncBatchNormForward } from '../../../src/sync/index.ts';
import { localGroup } from '../../sync/local.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { BOUND, C, draw, expectNear, samplesOf } from './batches.ts';
import type { Batch } from './batches.ts';

/** A batch in parts, each by a member of a group, against the float64 reference and a single call of the whole. */

const contexts = Object.entries(await openContexts());
const BATCHES: Batch[] = [
  { layout: 'NCHW', dtype: 'f32', samples: [3, 2] },
  { layout: 'NCHW', dtype: 'f32', samples: [0, 5, 1] },
  { layout: 'NHWC', dtype: 'f32', samples: [1, 1, 1, 1] },
  { layout: 'NC', dtype: 'f32', samples: [1, 0, 6] },
  { layout: 'NCHW', dtype: 'f16', samples: [2, 0, 3] },
  { layout: 'NC', dtype: 'f16', samples: [7, 4] },
  { layout: 'NHWC', dtype: 'bf16', samples: [1, 4] },
];

const cases = contexts.flatMap(([plans, context]) => BATCHES.map((batch) => ({ plans, context, batch })));

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

/** A part of one sample has one scale a channel, which looks like a weight; one of several has weights that vary in a channel. */
describe('synchronized BatchNorm with a modulation of each sample', () => {
  const fused = contexts.flatMap(([plans, context]) =>
    [
      { samples: [0, 4, 1], affine: true },
      { samples: [1, 2], affine: false },
      { samples: [1, 1], affine: true },
    ].map((batch) => ({ plans, context, ...batch })),
  );

  it.each(fused)('$plans, $samples, affine: $affine', async ({ context, samples, affine }) => {
    const batch = { layout: 'NCHW', dtype: 'f32', samples } as const;
    const random = new Random(21);
    const { x, dy, weight, bias } = draw(batch, random);
    const perSample = (): NdArray => ({ data: random.normals(x.shape[0]! * C), shape: [x.shape[0]!, C] });
    const modulation = { scale: perSample(), shift: perSample() };
    const options = { ...(affine && { weight, bias }), modulation, activation: 'silu', training: true } as const;
    const exact = reference.batchNorm(x, options);
    const gradients = reference.batchNormBackward(dy, x, options);
    const place = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape);
    const group = await localGroup(samples.length);
    let from = 0;
    const members = samples.map(async (count, rank) => {
      const begin = (from += count) - count;
      const own = (array: NdArray): Tensor => place(samplesOf(array, begin, count));
      const { y, saved } = await syncBatchNormForward(group[rank]!, own(x), {
        ...(affine && { weight: place(weight), bias: place(bias) }),
        modulation: { scale: own(modulation.scale), shift: own(modulation.shift) },
        activation: 'silu',
      });
      const { dx, dscale } = await syncBatchNormBackward(group[rank]!, own(dy), saved, { reduction: 'sum' });
      return { y: await y.read(), dx: await dx.read(), dscale: await dscale!.read() };
    });
    const results = await Promise.all(members);
    const all = (name: 'y' | 'dx' | 'dscale'): number[] => results.flatMap((one) => [...one[name]]);
    expectNear(all('y'), exact.y.data, 2 * BOUND.f32, 'y');
    expectNear(all('dx'), gradients.dx.data, 4 * BOUND.f32, 'dx');
    expectNear(all('dscale'), gradients.dscale!.data, 4 * BOUND.f32, 'dscale');
  });
});
