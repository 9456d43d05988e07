import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { backwardOf, fillGradient, gradientErrors } from '../support/gradients.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, normalizedByReference, relativeError, sizeOf } from '../support/run.ts';
import type { Filled, Place } from '../support/run.ts';
import { seed } from '../support/seed.ts';
import { drawn } from '../support/sweeps.ts';

/** Sequences of any lengths, whatever plan an adapter gets, their starts anywhere in a buffer. */

const { device } = await createContext({ gpu: await gpu() });

const calls = fc.record({
  op: fc.constantFrom<Operation>('instanceNorm', 'groupNorm', 'layerNorm'),
  lengths: fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 1, 64, 300)), {
    minLength: 1,
    maxLength: 9,
  }),
  channels: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.constantFrom(4, 8, 64)),
  divisor: fc.nat(),
  profile: fc.record({
    software: fc.boolean(),
    maxWorkgroup: fc.constantFrom(1, 4, 64, 256),
    maxDispatch: fc.constantFrom(67, 65_535),
    parallel: fc.constantFrom(1, 64, 1 << 16),
  }),
  schedule: fc.oneof(
    fc.constant({}),
    fc.record({ chunk: fc.integer({ min: 1, max: 70 }) }),
    fc.record({ chunk: fc.integer({ min: 1, max: 70 }), lanes: fc.constantFrom(1, 4) }),
  ),
  before: fc.constantFrom(0, 64),
  numbers: fc.nat(),
});

function callOf(
  { op, lengths, channels: C, divisor }: { op: Operation; lengths: number[]; channels: number; divisor: number },
  random: Random,
): Filled {
  const starts = lengths.reduce((all, length) => [...all, all.at(-1)! + length], [0]);
  const array = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean), shape });
  const divisors = Array.from({ length: C }, (_, index) => index + 1).filter((groups) => C % groups === 0);
  return {
    op,
    x: array([starts.at(-1)!, C], 2),
    options: op === 'groupNorm' ? { numGroups: divisors[divisor % divisors.length] } : {},
    arrays: {
      weight: array([C], 1),
      bias: array([C]),
      segments: { data: Float32Array.from(starts), shape: [starts.length] },
    },
  };
}

it(`y, mean, rstd and gradients (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const { profile, schedule, before, numbers } = call;
      const lanes = 'lanes' in schedule ? { lanes: Math.min(schedule.lanes, profile.maxWorkgroup) } : {};
      using context = await createContext({ device, profile, schedule: { ...schedule, ...lanes } });
      const filled = callOf(call, new Random(numbers));
      if (filled.x.data.length === 0) return;
      const place: Place = ({ data, shape }, name) => {
        if (name !== 'segments') return context.tensor(data, shape);
        const all = context.tensor(
          Uint32Array.of(...Array.from({ length: before }, () => 7), ...data),
          [before + data.length],
          { dtype: 'u32' },
        );
        return context.wrap(all.buffer, { shape, dtype: 'u32', byteOffset: all.byteOffset + before * 4 });
      };
      const exact = normalizedByReference(filled);
      const { y, saved } = callGpuForward(filled, place);
      expect(relativeError(await y.read(), exact.y.data, filled.arrays['weight']), 'y').toBeLessThanOrEqual(2 ** -18);
      expect(saved.mean.shape).toEqual(exact.mean.shape);
      const perSequence = exact.mean.data.length / call.lengths.length;
      const counted = (data: ArrayLike<number>): number[] =>
        Array.from(data).filter((_, index) => call.lengths[Math.floor(index / perSequence)]! > 0);
      const statistic = async (tensor: Tensor): Promise<number[]> => counted(await tensor.read());
      expect(relativeError(await statistic(saved.mean), counted(exact.mean.data), filled.x)).toBeLessThanOrEqual(
        2 ** -22,
      );
      expect(relativeError(await statistic(saved.rstd), counted(exact.rstd.data))).toBeLessThanOrEqual(2 ** -18);
      const dy = fillGradient(filled, new Random(numbers + 1));
      const gradients = backwardOf(filled.op)(context.tensor(dy.data, dy.shape), saved);
      for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
        expect(error, name).toBeLessThanOrEqual(2 ** -17);
      }
    }),
    { seed, numRuns: drawn(60) },
  );
});
