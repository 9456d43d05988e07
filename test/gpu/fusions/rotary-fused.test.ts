import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Context, ContextOptions } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor } from '../support/fused.ts';
import { Random } from '../support/random.ts';
import { TABLES } from '../support/rotary-tables.ts';
import { LAYOUTS, rotating } from '../support/rotary.ts';
import type { Rotating } from '../support/rotary.ts';
import { seed } from '../support/seed.ts';
import { drawn, part } from '../support/sweeps.ts';

/** `rotary` with all else that a call may do, by whatever plan, forward and backward against the reference in float64. */

const own = await openContexts();
const { device } = own.software;
const software = { software: true, parallel: 64 };
const hardware = { software: false, parallel: 1 << 16, maxWorkgroup: 64 };

async function withPlans(
  profile: ContextOptions['profile'],
  schedule: ContextOptions['schedule'] = {},
): Promise<Context> {
  return createContext({ device, profile, schedule });
}

/** Tables leave no binding for the rest in contexts of few arrays; rows are held, stay in memory, are shared by lanes, are split. */
const contexts: Record<string, Context> = {
  ...own,
  'software, eight arrays': await withPlans({ ...software, maxArrays: 8 }),
  'hardware, eight arrays': await withPlans({ ...hardware, maxArrays: 8 }),
  packing: await withPlans({ ...software, f16: false }),
  'no registers': await withPlans({ ...hardware, held: 1, maxWorkgroup: 4 }),
  'four groups': await withPlans(software, {
    name: 'whole',
    reduce: 'invocation',
    tile: 'memory',
    lanes: 1,
    groupsPerInvocation: 4,
  }),
  'split in registers': await withPlans(software, {
    name: 'split',
    tile: 'registers',
    reduce: 'workgroup',
    lanes: 4,
    chunk: 7,
  }),
  'split in memory': await withPlans(software, {
    name: 'split',
    tile: 'memory',
    reduce: 'workgroup',
    lanes: 4,
    chunk: 5,
  }),
};

const calls: fc.Arbitrary<Rotating> = fc.record({
  op: fc.constantFrom('rmsNorm', 'layerNorm'),
  layout: fc.constantFrom(...LAYOUTS),
  sizes: fc.record({
    samples: fc.integer({ min: 1, max: 3 }),
    tokens: fc.integer({ min: 1, max: 9 }),
    heads: fc.integer({ min: 1, max: 5 }),
    size: fc.oneof(fc.integer({ min: 2, max: 12 }), fc.constantFrom(16, 32, 50)).map((half) => 2 * half),
  }),
  dims: fc.nat(),
  interleaved: fc.boolean(),
  kind: fc.constantFrom(...TABLES),
  dtype: fc.constantFrom('f32', 'f16', 'bf16'),
  like: fc.boolean(),
  affine: fc.constantFrom('none', 'weight', 'both', 'zero-centered', 'of heads'),
  residual: fc.constantFrom('none', 'plain', 'gated'),
  modulation: fc.constantFrom('none', 'sample', 'full'),
  multiply: fc.constantFrom('none', 'before', 'after'),
  add: fc.constantFrom('none', 'full', 'sample'),
  activation: fc.constantFrom('none', 'silu'),
  partial: fc.boolean(),
  output: fc.constantFrom('as x', 'f32', 'f16', 'bf16'),
});

/** A call that was wrong once. */
const mended = (call: Partial<Rotating> & Pick<Rotating, 'sizes'>): Rotating => ({
  op: 'rmsNorm',
  layout: LAYOUTS.find(({ name }) => name === '[N,T,H,D]')!,
  dims: 0,
  interleaved: false,
  kind: 'rows',
  dtype: 'f32',
  like: false,
  affine: 'none',
  residual: 'none',
  modulation: 'none',
  multiply: 'none',
  add: 'none',
  activation: 'none',
  partial: false,
  output: 'as x',
  ...call,
});

/** One load holds all pairs of a head, of several that have weights of their own; what arrives at halves is added after the pass that makes dx. */
const MENDED: [Rotating, numbers: number, arrives: boolean][] = [
  [mended({ sizes: { samples: 1, tokens: 1, heads: 2, size: 4 }, interleaved: true, affine: 'of heads' }), 0, false],
  [
    mended({
      sizes: { samples: 1, tokens: 1, heads: 1, size: 32 },
      dtype: 'bf16',
      residual: 'plain',
      modulation: 'sample',
    }),
    0,
    true,
  ],
];

describe.each(part(Object.entries(contexts), 2))('%s', (name, context) => {
  it(`whatever a call does besides (seed ${seed})`, async () => {
    const all = fc.tuple(calls, fc.nat(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(all, async ([call, numbers, arrives]) => {
        const { size } = call.sizes;
        // All of the elements half of the time, and loads of four most of it.
        const some = 2 * (1 + (call.dims % (size / 2)));
        const dims = call.dims % 2 === 0 ? size : size % 8 === 0 && some >= 8 ? some - (some % 8) : some;
        const random = new Random(numbers);
        // Of all that at once, eight arrays are too few without a rotation too.
        const fewer = name.endsWith('eight arrays') ? ({ multiply: 'none', add: 'none' } as const) : {};
        const fused = rotating({ ...call, ...fewer, dims }, random);
        const given = arrives && fused.arrays['residual'] ? gradientFor(fused, random, 0, 'dresidualOut') : null;
        const errors = await fusedErrors(context, fused, gradientFor(fused, random), given, numbers % 3 === 0);
        for (const [result, units] of Object.entries(errors)) expect(units, result).toBeLessThanOrEqual(1);
      }),
      { seed, examples: MENDED.map((one) => [one]), numRuns: MENDED.length + drawn(name in own ? 70 : 28) },
    );
  });
});
