import './open.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/jax/index.ts';
import { fillGradient, gradientsByReference } from '../../gpu/support/gradients.ts';
import { PLACES, POINTWISE, RESPONSE } from '../../gpu/support/modes.ts';
import { Random } from '../../gpu/support/random.ts';
import { callReference, fill, relativeError } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';
import { countingCalls, FUSED, fusedCall } from '../support/fused-calls.ts';
import { resultsOfLibrary } from '../support/library.ts';
import type { Numbers } from '../support/library.ts';
import { normalizedByBridge, normalizedByComposition, resultsOf } from './calls.ts';

const context = await connect();
afterAll(() => context.destroy());

const SIZE = { N: 3, C: 8, L: 12 };
/** One of each mode, and a few with channels elsewhere; with `WHOLE=1` all. */
const NAMED = ['GroupNorm NHWC', 'BatchNorm, training NC', 'InstanceNorm NLC'];
const places = [
  ...PLACES.filter(
    ({ layout, name }) => import.meta.env['WHOLE'] === '1' || ['NCHW', 'rows'].includes(layout) || NAMED.includes(name),
  ),
  ...POINTWISE.map((mode) => ({ mode, layout: 'rows', name: mode.name })),
  { mode: RESPONSE, layout: 'NCHW', name: RESPONSE.name },
];

/** Holds y and gradients against the library, and y against float64; gives them. */
async function compare(filled: Filled, random: Random): Promise<{ trained: Numbers; dy: Filled['x'] }> {
  const dy = fillGradient(filled, random);
  const { alone, ...trained } = await resultsOf(normalizedByBridge, filled, dy);
  expect(trained, 'the bits of the library').toEqual(await resultsOfLibrary(context, filled, dy));
  expect(alone, 'the same where no gradient is asked for').toEqual(trained['y']);
  expect(relativeError(alone!, callReference(filled)), 'float64').toBeLessThanOrEqual(2 ** -19);
  return { trained, dy };
}

describe('a normalization of Arrays of jax-js', () => {
  it.each(places)('$name: y and gradients, as composed of its own operations', async ({ mode, layout, name }) => {
    const random = new Random(name.length);
    const filled = fill(mode, mode.call(SIZE, layout), 'both', random);
    const { trained, dy } = await compare(filled, random);
    const theirs = await resultsOf(normalizedByComposition, filled, dy);
    for (const [array, numbers] of Object.entries(trained)) {
      expect(relativeError(numbers, theirs[array]!), array).toBeLessThanOrEqual(1e-4);
    }
  });

  it.each(FUSED)('with %s', async (name, of, layout, fusing) => {
    const random = new Random(name.length);
    const filled = fusedCall(of, layout, fusing, random);
    const { trained, dy } = await compare(filled, random);
    const exact = gradientsByReference(filled, dy);
    for (const [array, numbers] of Object.entries(trained)) {
      if (array === 'y') continue;
      const { data } = exact[array as keyof typeof exact];
      expect(relativeError(numbers, data), array).toBeLessThanOrEqual(2 ** -16);
    }
  });

  it.each(['segments', 'rotary'])('with whole numbers: %s', async (of) => {
    const random = new Random(of.length);
    await compare(countingCalls(random)[of]!, random);
  });
});
