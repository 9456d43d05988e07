import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Context, ForwardResult } from '../../../src/index.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { boundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import type { Plans } from '../support/contexts.ts';
import { fuse, numbersOf, placing, unitsOff } from '../support/fused.ts';
import type { Fused, Fusing } from '../support/fused.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callGpuForward, normalizedByReference, relativeError } from '../support/run.ts';

/**
 * Tensors larger than what can be bound at once, which is a few kilobytes here: y and what is saved are those of float64, and where no group
 * is cut those of the call in one piece to the bit.
 */

const WHOLE = { name: 'whole', reduce: 'invocation', tile: 'memory', lanes: 1, groupsPerInvocation: 1 } as const;
const opened = await openContexts();
const { device } = opened.software;

/** The plans of an adapter that binds so many bytes at once. */
async function contextBinding(plans: Plans, maxBinding: number, forced = false): Promise<Context> {
  const { software, parallel } = opened[plans].profile;
  const profile = { software, parallel, maxBinding };
  return createContext({ device, profile, ...(forced && { schedule: WHOLE }) });
}

const SIZES = [
  { N: 5, C: 8, L: 64 },
  { N: 3, C: 5, L: 77 },
  { N: 1, C: 9, L: 96 },
];
const PLAIN: Fusing = { dtype: 'f32', like: true, affine: 'both', residual: 'none', modulation: 'none', activation: 'none', mask: 'none' };

const planOf = (context: Context, fused: Fused): Plan => {
  const calls = context.explain(() => callGpuForward(fused, ({ shape }, name) => context.empty(shape, { dtype: fused.dtypes[name] ?? 'f32' })));
  return calls.at(-1)!;
};

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
        const [small, large] = [await contextBinding(plans, most), opened[plans]];
        const plan = planOf(small, fused);
        const normalizing = plan.passes.filter(({ kernel }) => kernel === 'normalize');
        expect(normalizing.length).toBeGreaterThan(1);
        await expectAsExact(small, fused, boundOf(mode));
        void large;
      }
    }
  });
});

async function expectAsExact(context: Context, fused: Fused, bound: number): Promise<void> {
  const exact = normalizedByReference(fused);
  const { y, saved } = callGpuForward(fused, placing(context, fused)) as ForwardResult;
  const alone = callGpu(fused, placing(context, fused));
  for (const [name, tensor] of Object.entries({ y, alone })) {
    if (tensor.dtype === 'f32') {
      const { weight, bias } = fused.arrays;
      expect(relativeError(await tensor.read(), exact.y.data, weight, bias), name).toBeLessThanOrEqual(bound);
    } else {
      expect(await unitsOff(tensor, exact.y.data, 4), name).toBeLessThanOrEqual(1);
    }
  }
  void saved; void numbersOf;
}
