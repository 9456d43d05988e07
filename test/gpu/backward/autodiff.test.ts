import { describe, expect, it } from 'vitest';
import type { GradientName } from '../../../src/index.ts';
import { gradientsByAutodiff } from '../support/autodiff.ts';
import { openContexts } from '../support/contexts.ts';
import { backwardOf, fillGradient } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { AFFINE, callGpuForward, fill, normalizedByReference, relativeError, upload } from '../support/run.ts';
import { share } from '../support/shared.ts';
import { AWKWARD } from '../support/sizes.ts';

/** Gradients against the automatic differentiation of TensorFlow.js, in f32, on the same data: (G6), (G8) to (G10), (G12), (G13), (G16). */

const contexts = await openContexts();
const KINDS = Object.keys(AFFINE) as (keyof typeof AFFINE)[];

/** Its compositions take the mean of f32 and divide by small deviations: that is what two f32 results may differ by. */
const CLOSE = 2e-5;

describe.each(modes)('$name', (mode) => {
  describe.each(mode.layouts.map((layout, index) => ({ layout, index })))('$layout', ({ layout, index }) => {
    it.each(share(Object.keys(AWKWARD), index))('$name', async ({ name: shape, turn }) => {
      const size = AWKWARD[shape]!;
      if (mode.refuses?.(size)) return;
      for (const affine of new Set<keyof typeof AFFINE>(['both', KINDS[(index + turn) % 4]!])) {
        const random = new Random(7 * size.N + 37 * size.C + 1013 * size.L);
        const filled = fill(mode, mode.call(size, layout), affine, random);
        const dy = fillGradient(filled, random);
        const theirs = gradientsByAutodiff(filled, dy);
        const context = turn % 2 === 0 ? contexts.software : contexts.hardware;
        const { saved } = callGpuForward(filled, upload(context));
        const ours = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
        expect(Object.keys(ours)).toEqual(Object.keys(theirs));
        const largestRstd = Math.max(...normalizedByReference(filled).rstd.data.map(Math.abs));
        for (const [name, tensor] of Object.entries(ours) as [GradientName, (typeof ours)['dx']][]) {
          const magnitude = name === 'dx' ? Math.max(1, largestRstd) * 4 : Math.sqrt(dy.data.length / tensor.size) * 4;
          const error = relativeError(await tensor.read(), theirs[name]!, { data: [magnitude], shape: [1] });
          expect(error, `${name}, affine ${affine}`).toBeLessThanOrEqual(CLOSE);
        }
      }
    });
  });
});
