import { describe, expect, it } from 'vitest';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import { PLACES } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';

/** A factor of x or of z, and what is added last, with every pair of other choices, forward and backward against float64: (G20), (G21), (G22). */

const contexts = await openContexts();

const SIZES = {
  'multiples of four': { N: 2, C: 8, L: 36 },
  odd: { N: 3, C: 5, L: 49 },
  'odd channels': { N: 2, C: 9, L: 64 },
  long: { N: 2, C: 4, L: 4100 },
  'one position': { N: 4, C: 3, L: 1 },
} as const;

const FACTORS = {
  place: PLACES,
  multiply: ['none', 'before', 'before, silu', 'after', 'after, silu', 'after, sigmoid'],
  by: ['full', 'full', 'sample'],
  add: ['none', 'full', 'sample', 'channel'],
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'both', 'zero-centered'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'sample', 'full'],
  activation: ['none', 'relu', 'silu'],
  mask: ['none', 'statistics', 'output'],
  output: ['as x', 'f32', 'f16', 'bf16'],
} as const;

// What comes first, the factor of x or a residual, is not said.
const designs = part(
  pairwise(FACTORS, new Random(78))
    .map((design, index) => ({ ...design, index }))
    .filter(({ place, size }) => !place.mode.refuses?.(SIZES[size]))
    .map((design) => (design.multiply.startsWith('before') ? { ...design, residual: 'none' as const } : design)),
);

describe('a factor and an addend', () => {
  it.each(designs)('$index', async ({ place: { mode, layout, name }, size, plans, index, ...fusing }) => {
    const random = new Random(2000 + index);
    const fused = fuse(mode, mode.call(SIZES[size], layout), layout, fusing, random);
    const given = fused.arrays['residual'] && index % 2 ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const errors = await fusedErrors(contexts[plans], fused, gradientFor(fused, random), given, index % 3 === 0);
    const what = [name, size, plans, ...Object.values(fusing)].join(', ');
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
  });
});
