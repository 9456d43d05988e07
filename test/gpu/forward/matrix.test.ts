import { describe, expect, it } from 'vitest';
import { runtime } from '../../setup/gpu.ts';
import { MANY } from '../../setup/rounds.mjs';
import { boundOf } from '../support/bounds.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import type { Plans } from '../support/contexts.ts';
import { EVERY_PLACE } from '../support/modes.ts';
import type { Mode, Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { AFFINE, callGpu, callReference, fill, relativeError, upload } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { AWKWARD, LARGE } from '../support/sizes.ts';

const KINDS = Object.keys(AFFINE) as (keyof typeof AFFINE)[];
const contexts = await openContexts();

const SIZES = { ...AWKWARD, ...LARGE };

async function check(mode: Mode, size: Size, layout: string, affine: keyof typeof AFFINE, plans: Plans): Promise<void> {
  const filled = fill(mode, mode.call(size, layout), affine, new Random(size.N + 31 * size.C + 1009 * size.L));
  const context = contexts[plans];
  const refusal = mode.refuses?.(size);
  if (refusal) {
    expect(() => callGpu(filled, upload(context))).toThrow(refusal);
    return;
  }
  using y = callGpu(filled, upload(context));
  const error = relativeError(await y.read(), callReference(filled), filled.arrays['weight'], filled.arrays['bias']);
  const what = `${plans} plans, ${layout} ${filled.x.shape.join('x')}, affine ${affine}`;
  expect(error, what).toBeLessThanOrEqual(boundOf(mode));
}

/** Every layout and shape with both parameters and with another kind of them, by the plans of one adapter and another, in turn; Chromium has other ones. */
describe.each(part(EVERY_PLACE, MANY, runtime === 'Chromium' ? 1 : 0))('$name', ({ mode, layout, index }) => {
  it.each([...Object.entries(SIZES).entries()])('%d: %s', async (turn, [, size]) => {
    await check(mode, size, layout, 'both', PLANS[turn % 2]!);
    await check(mode, size, layout, KINDS[(index + turn) % 3]!, PLANS[(turn + 1) % 2]!);
  });
});
