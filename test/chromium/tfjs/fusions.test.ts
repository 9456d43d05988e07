import './open.ts';
import { afterAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/tfjs/index.ts';
import { fillGradient, gradientsByReference } from '../../gpu/support/gradients.ts';
import { Random } from '../../gpu/support/random.ts';
import { callReference, relativeError } from '../../gpu/support/run.ts';
import type { Filled } from '../../gpu/support/run.ts';
import { countingCalls, FUSED, fusedCall } from '../support/fused-calls.ts';
import { resultsOfLibrary } from '../support/library.ts';
import { resultsOfBridge } from './calls.ts';

const context = await connect();
afterAll(() => context.destroy());

async function compare(filled: Filled, random: Random): Promise<void> {
  const dy = fillGradient(filled, random);
  const { alone, ...trained } = await resultsOfBridge(filled, dy);
  expect(trained, 'the bits of the library').toEqual(await resultsOfLibrary(context, filled, dy));
  expect(alone).toEqual(trained['y']);
  expect(relativeError(alone!, callReference(filled)), 'float64').toBeLessThanOrEqual(2 ** -19);
  const exact = gradientsByReference(filled, dy);
  for (const [name, numbers] of Object.entries(trained)) {
    if (name === 'y') continue;
    const { data } = exact[name as keyof typeof exact];
    expect(relativeError(numbers, data), name).toBeLessThanOrEqual(2 ** -16);
  }
}

describe('tensors among the options', () => {
  it.each(FUSED)('%s', async (name, of, layout, fusing) => {
    const random = new Random(name.length);
    await compare(fusedCall(of, layout, fusing, random), random);
  });

  it.each(['segments', 'rotary', 'none'])('whole numbers: %s', async (of) => {
    const random = new Random(of.length);
    await compare(countingCalls(random)[of]!, random);
  });
});
