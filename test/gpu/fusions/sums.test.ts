import { describe, expect, it } from 'vitest';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import { PLACES } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';

/** What is added to x: residuals of any shape that broadcasts, f32 beside halves, an input bias; forward and backward against float64: (G1), (G15). */

const contexts = await openContexts();

const SIZES = {
  'multiples of four': { N: 2, C: 8, L: 36 },
  odd: { N: 3, C: 5, L: 49 },
  'odd channels': { N: 2, C: 9, L: 64 },
  long: { N: 2, C: 4, L: 4100 },
} as const;

const FACTORS = {
  place: PLACES,
  residual: ['none', 'plain', 'gated', 'sample', 'channel'],
  stream: [false, true],
  inputBias: ['none', 'channel', 'sample', 'full'],
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'both'],
  modulation: ['none', 'sample'],
  activation: ['none', 'silu'],
  mask: ['none', 'statistics', 'output'],
  add: ['none', 'full'],
  dresidualOut: [false, true],
} as const;

// A residual that broadcasts and an input bias are one array: give their sum.
const designs = part(
  pairwise(FACTORS, new Random(79))
    .map((design, index) => ({ ...design, index }))
    .filter(({ place, size }) => !place.mode.refuses?.(SIZES[size]))
    .map((design) => {
      const broadcasts = design.residual === 'sample' || design.residual === 'channel';
      return broadcasts ? { ...design, inputBias: 'none' as const } : design;
    }),
);

describe('sums that are normalized', () => {
  it.each(designs)('$index', async ({ place: { mode, layout, name }, size, plans, dresidualOut, index, ...fusing }) => {
    const random = new Random(3000 + index);
    const fused = fuse(mode, mode.call(SIZES[size], layout), layout, fusing, random);
    const isSum = fused.arrays['residual'] ?? fused.arrays['inputBias'];
    const given = dresidualOut && isSum ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const errors = await fusedErrors(contexts[plans], fused, gradientFor(fused, random), given, index % 3 === 0);
    const what = [name, size, plans, ...Object.values(fusing)].join(', ');
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
  });
});
