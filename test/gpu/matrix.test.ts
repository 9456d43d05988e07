import { describe, expect, it } from 'vitest';
import { boundOf } from './support/bounds.ts';
import { openContexts } from './support/contexts.ts';
import { modes } from './support/modes.ts';
import type { Size } from './support/modes.ts';
import { Random } from './support/random.ts';
import { AFFINE, callGpu, callReference, fill, relativeError, upload } from './support/run.ts';

/** Shapes on which kernels go wrong. */
const AWKWARD: Record<string, Size> = {
  'one element': { N: 1, C: 1, L: 1 },
  'one row': { N: 1, C: 1, L: 768 },
  '1 column': { N: 4, C: 6, L: 1 },
  '3 columns': { N: 4, C: 6, L: 3 },
  '5 columns': { N: 3, C: 8, L: 5 },
  '7 columns': { N: 5, C: 4, L: 7 },
  'rows of 2': { N: 3, C: 8, L: 2 },
  'C = 1': { N: 3, C: 1, L: 36 },
  'N = 1': { N: 1, C: 8, L: 36 },
  'HW = 1': { N: 16, C: 8, L: 1 },
  'four everywhere': { N: 4, C: 16, L: 64 },
};

const LARGE: Record<string, Size> = {
  'rows of 4095': { N: 2, C: 4, L: 4095 },
  'rows of 4096': { N: 2, C: 4, L: 4096 },
  'rows of 4097': { N: 2, C: 3, L: 4097 },
  'rows of 100003': { N: 1, C: 2, L: 100_003 },
  '300000 rows of 3': { N: 1000, C: 300, L: 3 },
  '300000 groups': { N: 100_000, C: 3, L: 3 },
};

const KINDS = Object.keys(AFFINE) as (keyof typeof AFFINE)[];
const contexts = await openContexts();

describe.each(modes)('$name', (mode) => {
  const check = async (size: Size, layout: string, affine: keyof typeof AFFINE): Promise<void> => {
    const filled = fill(mode, mode.call(size, layout), affine, new Random(size.N + 31 * size.C + 1009 * size.L));
    const refusal = mode.refuses?.(size);
    const exact = refusal ? null : callReference(filled);
    for (const [plans, context] of Object.entries(contexts)) {
      if (!exact) {
        expect(() => callGpu(filled, upload(context))).toThrow(refusal!);
        continue;
      }
      using y = callGpu(filled, upload(context));
      const error = relativeError(await y.read(), exact, filled.arrays['weight'], filled.arrays['bias']);
      expect(error, `${plans} plans, ${layout} ${filled.x.shape.join('x')}, affine ${affine}`).toBeLessThanOrEqual(
        boundOf(mode),
      );
    }
  };

  describe.each(mode.layouts)('%s', (layout) => {
    it.each(Object.keys(AWKWARD))('%s', async (name) => {
      for (const affine of KINDS) await check(AWKWARD[name]!, layout, affine);
    });
  });

  /** Every layout with two of the four kinds of parameters, in turn. */
  describe.each(mode.layouts.map((layout, index) => ({ layout, kinds: [KINDS[index % 3]!, 'both'] as const })))(
    '$layout',
    ({ layout, kinds }) => {
      it.each(Object.keys(LARGE))('%s', async (name) => {
        for (const affine of kinds) await check(LARGE[name]!, layout, affine);
      });
    },
  );
});
