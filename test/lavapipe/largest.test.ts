import { describe, expect, it } from 'vitest';
import { layerNorm } from '../../src/index.ts';
import { layerNorm as reference } from '../../src/reference/index.ts';
import { openContexts } from '../gpu/support/contexts.ts';
import { Random } from '../gpu/support/random.ts';
import { relativeError } from '../gpu/support/run.ts';

const contexts = Object.entries(await openContexts());

/** Mesa's compiler takes a · s + b · s for (a + b) · s, where it sees the beginning of a sum: what a lane has of such a row overflows then. */
describe.each(contexts)('%s plans', (_, context) => {
  it.each([30, 1000, 8192])('rows of %d near the largest f32 have a mean', async (length) => {
    const shape = [2, length];
    const data = new Random(14).normals(2 * length, 0, 1e37);
    const y = await layerNorm(context.tensor(data, shape)).read();
    expect(relativeError(y, reference({ data, shape }).y.data)).toBeLessThanOrEqual(1e-5);
  });
});
