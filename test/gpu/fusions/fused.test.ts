import { describe, expect, it } from 'vitest';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { fuse, gradientFor } from '../support/fused.ts';
import { PLACES } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';
import { ACTIVATION_NAMES } from '../../../src/options/activation.ts';

/**
 * Every pair of choices of dtype, fusion, mode, layout, shape and adapter, forward and backward against float64: (G1) to (G10), (G12) to
 * (G18).
 */

const contexts = await openContexts();

const SIZES = {
  'multiples of four': { N: 2, C: 8, L: 36 },
  odd: { N: 3, C: 5, L: 49 },
  'odd channels': { N: 2, C: 9, L: 64 },
  'odd rows': { N: 2, C: 8, L: 25 },
  long: { N: 2, C: 4, L: 4100 },
  'one position': { N: 4, C: 3, L: 1 },
} as const;

const FACTORS = {
  place: PLACES,
  size: Object.keys(SIZES) as (keyof typeof SIZES)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  affine: ['none', 'weight', 'bias', 'both', 'zero-centered'],
  residual: ['none', 'plain', 'gated'],
  modulation: ['none', 'channel', 'sample', 'full', 'scale', 'shift'],
  activation: ['none', ...ACTIVATION_NAMES],
  mask: ['none', 'statistics', 'output'],
  output: ['as x', 'f32', 'f16', 'bf16'],
  dresidualOut: [false, true],
} as const;

const designs = pairwise(FACTORS, new Random(77))
  .map((design, index) => ({ ...design, index }))
  .filter(({ place, size }) => !place.mode.refuses?.(SIZES[size]));

describe('fused calls', () => {
  it.each(part(designs))(
    '$index',
    async ({ place: { mode, layout, name }, size, plans, dresidualOut, index, ...fusing }) => {
      const random = new Random(1000 + index);
      const fused = fuse(mode, mode.call(SIZES[size], layout), layout, fusing, random);
      const given = dresidualOut && fused.arrays['residual'] ? gradientFor(fused, random, 0, 'dresidualOut') : null;
      const errors = await fusedErrors(contexts[plans], fused, gradientFor(fused, random), given, index % 3 === 0);
      const what = [name, size, plans, ...Object.values(fusing)].join(', ');
      for (const [result, units] of Object.entries(errors))
        expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
    },
  );
});
