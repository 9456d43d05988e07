import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { ContextOptions } from '../../../src/index.ts';
import { compilesSlowly, gpu } from '../../setup/gpu.ts';
import { boundOf, gradientBoundOf } from '../support/bounds.ts';
import { backwardOf, fillGradient, gradientErrors } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import type { Call, Mode, Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { AFFINE, callGpuForward, fill, normalizedByReference, relativeError, upload } from '../support/run.ts';
import { seed } from '../support/seed.ts';
import { drawn } from '../support/sweeps.ts';

/**
 * Whatever plan an adapter gets: any profile, any schedule forced upon it, dispatches of two dimensions after a few workgroups, and the
 * axes of a layout in any order.
 */

const { device, profile: own } = await createContext({ gpu: await gpu() });

/** lavapipe's compiler takes ten seconds for a large kernel: it has smaller ones, and not as many. */
const { runs, maxWorkgroup, held } = compilesSlowly
  ? { runs: 8, maxWorkgroup: [1, 4, 32, 64], held: [1, 4] }
  : { runs: 100, maxWorkgroup: [1, 4, 32, 64, 256], held: [1, 4, 12, 16] };

const profiles = fc.record({
  software: fc.boolean(),
  maxWorkgroup: fc.constantFrom(...maxWorkgroup),
  maxDispatch: fc.constantFrom(67, 1000, 65_535),
  parallel: fc.constantFrom(1, 64, 4096, 1 << 16),
  held: fc.constantFrom(...held),
  subgroup: fc.constantFrom(0, own.subgroup),
  subgroupSize: fc.constantFrom(0, device.features.has('subgroup-size-control') ? own.subgroup : 0),
});

/** Parts of a schedule; rows held in registers are short, because an invocation has few. */
const schedules: fc.Arbitrary<NonNullable<ContextOptions['schedule']>> = fc.oneof(
  fc.constant({}),
  fc.record({ name: fc.constant('split'), chunk: fc.integer({ min: 1, max: 70 }), ...invocations() }),
  fc.record({ name: fc.constant('whole'), ...invocations() }),
  fc.record({ name: fc.constant('whole'), ...workgroups('memory') }),
  fc.record({ name: fc.constant('split'), chunk: fc.integer({ min: 1, max: 300 }), ...workgroups('memory') }),
  fc.record({ name: fc.constant('split'), chunk: fc.integer({ min: 1, max: 300 }), ...workgroups('registers') }),
  fc.record({ name: fc.constant('whole'), groupsPerInvocation: fc.constant(4), ...invocations() }),
  fc.record({
    name: fc.constant('split'),
    chunk: fc.integer({ min: 1, max: 70 }),
    groupsPerInvocation: fc.constant(4),
    ...invocations(),
  }),
  ...(own.subgroup > 1 ? [fc.record({ name: fc.constant('whole'), ...subgroups() })] : []),
) as fc.Arbitrary<NonNullable<ContextOptions['schedule']>>;

function invocations() {
  return { reduce: fc.constant('invocation'), tile: fc.constant('memory'), lanes: fc.constant(1) };
}

function workgroups(tile: string) {
  return { reduce: fc.constant('workgroup'), tile: fc.constant(tile), lanes: fc.constantFrom(1, 2, 16, 32) };
}

function subgroups() {
  return { reduce: fc.constant('subgroup'), tile: fc.constant('memory'), lanes: fc.constant(own.subgroup) };
}

const sizes: fc.Arbitrary<Size> = fc.record({
  N: fc.integer({ min: 2, max: 6 }),
  C: fc.oneof(fc.integer({ min: 1, max: 13 }), fc.constantFrom(4, 8, 16)),
  L: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(4, 64, 256, 333)),
});

/** The call of a mode with the letters of its layout in any order, and any number of groups. */
function callOf(mode: Mode, size: Size, order: readonly number[], divisor: number): Call {
  const layout = mode.layouts[order[0]! % mode.layouts.length]!;
  const takesLayout = 'layout' in mode.call(size, layout).options;
  const letters = [...layout];
  const shuffled = letters.map((_, index) => index).toSorted((a, b) => order[a]! - order[b]! || a - b);
  const call = mode.call(size, takesLayout ? shuffled.map((index) => letters[index]).join('') : layout);
  if ('numGroups' in call.options) {
    const divisors = Array.from({ length: size.C }, (_, index) => index + 1).filter((groups) => size.C % groups === 0);
    call.options['numGroups'] = divisors[divisor % divisors.length];
  }
  return call;
}

it(`every plan gives the same y, mean, rstd and gradients (seed ${seed})`, async () => {
  const calls = fc.record({
    mode: fc.constantFrom(...modes),
    size: sizes,
    order: fc.array(fc.nat({ max: 1000 }), { minLength: 8, maxLength: 8 }),
    divisor: fc.nat(),
    affine: fc.constantFrom(...(Object.keys(AFFINE) as (keyof typeof AFFINE)[])),
    profile: profiles,
    schedule: schedules,
    numbers: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(calls, async ({ mode, size, order, divisor, affine, profile, schedule, numbers }) => {
      const whole = schedule.reduce === 'subgroup' ? own.subgroup : 1;
      const lanes = Math.max(whole, Math.min(schedule.lanes ?? 1, profile.maxWorkgroup));
      const forced = schedule.lanes === undefined ? schedule : { ...schedule, lanes };
      using context = await createContext({ device, profile, schedule: forced });
      const filled = fill(mode, callOf(mode, size, order, divisor), affine, new Random(numbers));
      const exact = normalizedByReference(filled);
      const { y, saved } = callGpuForward(filled, upload(context));
      const { weight, bias } = filled.arrays;
      expect(relativeError(await y.read(), exact.y.data, weight, bias), 'y').toBeLessThanOrEqual(boundOf(mode));
      expect(saved.mean.shape, 'shape of the mean').toEqual(exact.mean.shape);
      expect(saved.rstd.shape, 'shape of rstd').toEqual(exact.rstd.shape);
      expect(relativeError(await saved.mean.read(), exact.mean.data, filled.x), 'mean').toBeLessThanOrEqual(2 ** -22);
      expect(relativeError(await saved.rstd.read(), exact.rstd.data), 'rstd').toBeLessThanOrEqual(boundOf(mode));
      const dy = fillGradient(filled, new Random(numbers + 1));
      const gradients = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
      for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
        expect(error, name).toBeLessThanOrEqual(gradientBoundOf(mode));
      }
    }),
    { seed, numRuns: drawn(runs) },
  );
});
