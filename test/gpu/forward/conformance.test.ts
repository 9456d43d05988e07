import { describe, expect, it } from 'vitest';
import { cases, TOLERANCE, worstError } from '../../conformance/onnx.ts';
import { compilesSlowly } from '../../setup/gpu.ts';
import { openContexts } from '../support/contexts.ts';
import { gpuApi } from '../support/gpu-api.ts';

// On lavapipe those of a GPU alone.
const contexts = Object.entries(await openContexts()).slice(compilesSlowly ? 1 : 0);

describe('published cases', () => {
  it.each(cases)('$op: $name', async ({ run }) => {
    for (const [plans, context] of contexts) {
      const comparisons = await run(gpuApi(context));
      expect(comparisons).not.toHaveLength(0);
      for (const comparison of comparisons) {
        expect(comparison.actualShape, `${plans} plans, ${comparison.name}`).toEqual(comparison.expectedShape);
        expect(worstError(comparison), `${plans} plans, ${comparison.name}`).toBeLessThanOrEqual(TOLERANCE);
      }
    }
  });
});
