import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { gradientBoundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fuse, fusedErrors, gradientFor, placing } from '../support/fused.ts';
import { backwardOf, gradientErrors } from '../support/gradients.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward } from '../support/run.ts';

const opened = await openContexts();
const { device } = opened.software;
const SIZES = [
  { N: 5, C: 8, L: 64 },
  { N: 3, C: 5, L: 77 },
  { N: 1, C: 9, L: 96 },
];
const PLAIN = { dtype: 'f32', like: true, affine: 'both', residual: 'none', modulation: 'none', activation: 'none', mask: 'none' } as const;

async function contextBinding(plans: 'software' | 'hardware', maxBinding: number): Promise<Context> {
  const { software, parallel } = opened[plans].profile;
  return createContext({ device, profile: { software, parallel, maxBinding } });
}

describe.each(modes.map((mode, index) => ({ name: mode.name, mode, index })))('$name', ({ mode, index }) => {
  it.each(mode.layouts)('%s', async (layout) => {
    for (const plans of PLANS) {
      for (const [at, size] of SIZES.entries()) {
        if (mode.refuses?.(size)) continue;
        const random = new Random(at + index);
        const fused = fuse(mode, mode.call(size, layout), layout, { ...PLAIN, dtype: at === 1 ? 'f16' : 'f32' }, random);
        const bytes = fused.x.data.length * (at === 1 ? 2 : 4);
        const weights = Math.max(0, ...Object.entries(fused.arrays).map(([, { data }]) => data.length)) * 4;
        const most = Math.max(Math.ceil(bytes / 3.3), weights + 256, 2048);
        if (most >= bytes) continue;
        const small = await contextBinding(plans, most);
        const dy = gradientFor(fused, random);
        if (fused.dtypes['x'] === 'f32') {
          const place = placing(small, fused);
          const { saved } = callGpuForward(fused, place);
          const gradients = backwardOf(fused.op)(place(dy, 'dy'), saved);
          for (const [name, error] of Object.entries(await gradientErrors(fused, dy, gradients))) {
            expect(error, `${plans} ${at} ${name}`).toBeLessThanOrEqual(gradientBoundOf(mode));
          }
        } else {
          for (const [name, units] of Object.entries(await fusedErrors(small, fused, dy, null, true))) {
            expect(units, `${plans} ${at} ${name}`).toBeLessThanOrEqual(1);
          }
        }
      }
    }
  });
});
