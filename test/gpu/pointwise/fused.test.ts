import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { boundOf, gradientBoundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import { backwardOf, fillGradient, gradientErrors } from '../support/gradients.ts';
import { POINTWISE } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill, normalizedByReference, relativeError, upload } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** DyT and Derf against float64: every pair of dtype, fusion, shape and adapter, and whatever plan is forced (G26). */

const contexts = await openContexts();

const SIZES = {
  'multiples of four': { N: 2, C: 8, L: 36 },
  odd: { N: 3, C: 5, L: 49 },
  'short rows': { N: 9, C: 7, L: 3 },
  long: { N: 1, C: 3, L: 4100 },
  'one element': { N: 1, C: 1, L: 1 },
} as const;

const FACTORS = {
  mode: POINTWISE,
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'weight', 'bias', 'both', 'zero-centered'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'channel', 'sample', 'shift'],
  activation: ['none', 'silu', 'gelu', 'elu'],
  output: ['as x', 'f32', 'f16', 'bf16'],
  dresidualOut: [false, true],
} as const;

const designs = part(pairwise(FACTORS, new Random(78)).map((design, index) => ({ ...design, index })));

describe('fused calls', () => {
  it.each(designs)('$index', async ({ mode, size, plans, dresidualOut, index, ...fusing }) => {
    const random = new Random(2000 + index);
    const fused = fuse(mode, mode.call(SIZES[size], 'rows'), 'rows', { ...fusing, mask: 'none' }, random);
    const given = dresidualOut && fused.arrays['residual'] ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const errors = await fusedErrors(contexts[plans], fused, gradientFor(fused, random), given, index % 3 === 0);
    const what = [mode.name, size, plans, ...Object.values(fusing)].join(', ');
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
  });
});

const SCHEDULES = [
  { name: 'split', chunk: 3, reduce: 'invocation', tile: 'memory', lanes: 1 },
  { name: 'whole', reduce: 'workgroup', tile: 'memory', lanes: 16 },
  { name: 'split', chunk: 40, reduce: 'workgroup', tile: 'registers', lanes: 16 },
  { name: 'whole', reduce: 'invocation', tile: 'memory', lanes: 1, groupsPerInvocation: 4 },
] as const;

describe.each(SCHEDULES)('schedule $name, $reduce, $tile', (schedule) => {
  it.each(POINTWISE)('$name', async (mode) => {
    for (const software of [false, true]) {
      const profile = { software, parallel: 64, maxWorkgroup: 32, maxDispatch: 67 };
      using context = await createContext({ device: contexts.software.device, profile, schedule });
      for (const affine of ['none', 'both'] as const) {
        const filled = fill(mode, mode.call({ N: 3, C: 4, L: 50 }, 'rows'), affine, new Random(5));
        const exact = normalizedByReference(filled);
        const { y, saved } = callGpuForward(filled, upload(context));
        const { weight, bias } = filled.arrays;
        expect(relativeError(await y.read(), exact.y.data, weight, bias), 'y').toBeLessThanOrEqual(boundOf(mode));
        const dy = fillGradient(filled, new Random(6));
        const gradients = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
        for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
          expect(error, name).toBeLessThanOrEqual(gradientBoundOf(mode));
        }
      }
    }
  });
});
