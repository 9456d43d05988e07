import { describe, expect, it } from 'vitest';
import { boundOf } from './support/bounds.ts';
import { openContexts } from './support/contexts.ts';
import { modes } from './support/modes.ts';
import type { Size } from './support/modes.ts';
import { Random } from './support/random.ts';
import { AFFINE, callGpu, callReference, fill, relativeError, upload } from './support/run.ts';
import { share } from './support/shared.ts';
import { AWKWARD, LARGE } from './support/sizes.ts';

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

  describe.each(mode.layouts.map((layout, index) => ({ layout, index })))('$layout', ({ layout, index }) => {
    it.each(share(Object.keys(AWKWARD), index))('$name', async ({ name }) => {
      for (const affine of KINDS) await check(AWKWARD[name]!, layout, affine);
    });
  });

  /** Every layout with two of the four kinds of parameters, in turn. */
  describe.each(mode.layouts.map((layout, index) => ({ layout, index })))('$layout', ({ layout, index }) => {
    it.each(share(Object.keys(LARGE), index))('$name', async ({ name }) => {
      for (const affine of [KINDS[index % 3]!, 'both'] as const) await check(LARGE[name]!, layout, affine);
    });
  });
});
