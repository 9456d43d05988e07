import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { ContextOptions } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { rounded } from '../support/fused.ts';
import { quantizedErrors } from '../support/quantized.ts';
import { Random } from '../support/random.ts';
import { seed } from '../support/seed.ts';
import { drawn } from '../support/sweeps.ts';

/** Whatever plan an adapter gets: any profile, any schedule forced upon it, rows and groups of any length. */

const { device, profile: own } = await createContext({ gpu: await gpu() });

const profiles = fc.record({
  software: fc.boolean(),
  maxWorkgroup: fc.constantFrom(1, 4, 32, 64, 256),
  maxDispatch: fc.constantFrom(3, 65_535),
  maxArrays: fc.constantFrom(5, 8),
  parallel: fc.constantFrom(1, 64, 1 << 16),
  held: fc.constantFrom(1, 4, 12),
  subgroup: fc.constantFrom(0, own.subgroup),
});

/** Rows held in registers are short, because an invocation has few; a schedule that splits is not taken. */
const schedules = fc.oneof(
  fc.constant({}),
  fc.record({ name: fc.constant('split'), chunk: fc.integer({ min: 1, max: 70 }) }),
  fc.record({ reduce: fc.constant('invocation'), tile: fc.constant('memory'), lanes: fc.constant(1) }),
  fc.record({
    reduce: fc.constant('workgroup'),
    tile: fc.constantFrom('memory', 'registers'),
    lanes: fc.constantFrom(2, 16, 32),
  }),
  ...(own.subgroup > 1
    ? [
        fc.record({
          reduce: fc.constant('subgroup'),
          tile: fc.constantFrom('memory', 'registers'),
          lanes: fc.constant(own.subgroup),
        }),
      ]
    : []),
) as fc.Arbitrary<NonNullable<ContextOptions['schedule']>>;

const calls = fc.record({
  op: fc.constantFrom('layerNorm' as const, 'rmsNorm' as const),
  rows: fc.integer({ min: 1, max: 9 }),
  length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(4, 64, 256, 333, 1000, 1024)),
  groupSize: fc.constantFrom(undefined, 4, 8, 16, 32, 64, 128, 256, 512),
  dtype: fc.constantFrom('f32' as const, 'f16' as const, 'bf16' as const),
  residual: fc.boolean(),
  given: fc.boolean(),
  profile: profiles,
  schedule: schedules,
  numbers: fc.nat(),
});

/** So many that a call of few numbers, of which one is near a tie, does not weigh much. */
const numRuns = Math.max(drawn(60), 20);

it(`every plan gives the same numbers and scales (seed ${seed})`, async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(calls, async (call) => {
      const { op, rows, length, groupSize, dtype, residual, given, profile, numbers } = call;
      const random = new Random(numbers);
      const array = (shape: number[], mean = 0) => ({
        data: random.normals(
          shape.reduce((product, size) => product * size, 1),
          mean,
        ),
        shape,
      });
      const arrays = {
        weight: array([length], 1),
        ...(residual && { residual: array([rows, length]) }),
        ...(given && { scales: { data: Float32Array.of(0.02), shape: [1] } }),
      };
      const lanes = Math.min(call.schedule.lanes ?? 1, profile.maxWorkgroup);
      const isSubgroup = call.schedule.reduce === 'subgroup';
      const schedule = call.schedule.lanes === undefined || isSubgroup ? call.schedule : { ...call.schedule, lanes };
      const fits = isSubgroup ? { ...profile, maxWorkgroup: Math.max(profile.maxWorkgroup, own.subgroup) } : profile;
      using context = await createContext({ device, profile: fits, schedule });
      const filled = { op, x: array([rows, length], 0.5), options: { groupSize }, arrays };
      const errors = await quantizedErrors(context, { ...rounded(filled, { dtype, like: false }), op });
      expect(errors.scales, 'scales').toBeLessThanOrEqual(2 ** -22);
      expect(errors.steps, 'steps').toBeLessThanOrEqual(0.5 + 2 ** -14);
      expect(errors.wrong, 'numbers').toBe(0);
      compared += errors.compared;
    }),
    { seed, numRuns },
  );
  expect(compared, 'numbers compared').toBeGreaterThan(0.9 * numRuns);
});
