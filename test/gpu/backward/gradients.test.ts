import { describe, expect, it } from 'vitest';
import { gradientBoundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import type { Plans } from '../support/contexts.ts';
import { backwardOf, differences, fillGradient, GRADIENT_OF, gradientErrors } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import type { Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { AFFINE, callGpuForward, fill, upload } from '../support/run.ts';
import { share } from '../support/shared.ts';
import { AWKWARD, LARGE } from '../support/sizes.ts';

/**
 * Every mode, layout, kind of parameters and awkward shape, with the plans of both kinds of adapter, against float64: (G2), (G6),
 * (G8) to (G10), (G12), (G13) of running statistics and (G16).
 */

const KINDS = Object.keys(AFFINE) as (keyof typeof AFFINE)[];
const contexts = await openContexts();

describe.each(modes)('$name', (mode) => {
  const check = async (
    size: Size,
    layout: string,
    affine: keyof typeof AFFINE,
    on: readonly Plans[] = PLANS,
  ): Promise<void> => {
    if (mode.refuses?.(size)) return;
    const random = new Random(size.N + 31 * size.C + 1009 * size.L);
    const filled = fill(mode, mode.call(size, layout), affine, random);
    const dy = fillGradient(filled, random);
    for (const plans of on) {
      const context = contexts[plans];
      const { y, saved } = callGpuForward(filled, upload(context));
      const gradients = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
      const wanted = Object.entries(GRADIENT_OF).filter(([, of]) => of === 'x' || filled.arrays[of]);
      expect(Object.keys(gradients), 'the gradients there are').toEqual(wanted.map(([name]) => name));
      const errors = await gradientErrors(filled, dy, gradients);
      for (const [name, error] of Object.entries(errors)) {
        const what = `${name}, ${plans} plans, ${layout} ${filled.x.shape.join('x')}, affine ${affine}`;
        expect(error, what).toBeLessThanOrEqual(gradientBoundOf(mode));
      }
      for (const one of [y, saved, ...Object.values(gradients)]) one.destroy();
    }
  };

  describe.each(mode.layouts.map((layout, index) => ({ layout, index })))('$layout', ({ layout, index }) => {
    it.each(share(Object.keys(AWKWARD), index))('$name', async ({ name, turn }) => {
      await check(AWKWARD[name]!, layout, 'both', [PLANS[turn % 2]!]);
      await check(AWKWARD[name]!, layout, KINDS[(index + turn) % 3]!, [PLANS[(turn + 1) % 2]!]);
    });
  });

  /** Large shapes with one layout and one kind of parameters each, in turn. */
  it.each(share(Object.keys(LARGE)))('$name', async ({ name, turn }) => {
    await check(LARGE[name]!, mode.layouts[turn % mode.layouts.length]!, KINDS[(turn % 3) + 1]!);
  });

  it('is the slope of the values, by differences in float64', async () => {
    const layout = mode.layouts.at(-1)!;
    const random = new Random(91);
    const filled = fill(mode, mode.call({ N: 3, C: 4, L: 9 }, layout), 'both', random);
    const dy = fillGradient(filled, random);
    for (const context of Object.values(contexts)) {
      const { saved } = callGpuForward(filled, upload(context));
      const gradients = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
      for (const [name, tensor] of Object.entries(gradients)) {
        const slopes = differences(filled, GRADIENT_OF[name as 'dx'], dy);
        const largest = Math.max(1, ...slopes.map(Math.abs));
        (await tensor.read()).forEach((value, index) =>
          expect(Math.abs(value - slopes[index]!) / largest, `${name} ${index}`).toBeLessThanOrEqual(5e-6),
        );
      }
    }
  });
});
