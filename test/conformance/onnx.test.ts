import { describe, expect, it } from 'vitest';
import { TOLERANCE, cases, worstError } from './onnx.ts';
import { referenceApi } from './reference-api.ts';

it('there are 53 published cases', () => {
  expect(cases).toHaveLength(53);
});

describe('published cases', () => {
  it.each(cases)('$op: $name', async ({ run }) => {
    const comparisons = await run(referenceApi);
    expect(comparisons).not.toHaveLength(0);
    for (const comparison of comparisons) {
      expect(comparison.actualShape, comparison.name).toEqual(comparison.expectedShape);
      expect(worstError(comparison), comparison.name).toBeLessThanOrEqual(TOLERANCE);
    }
  });
});

describe('worstError', () => {
  it('does not let a NaN or a missing element pass', () => {
    const expected = Float64Array.of(1, 2);
    expect(worstError({ actual: Float64Array.of(1, NaN), expected })).toBeNaN();
    expect(worstError({ actual: Float64Array.of(1), expected })).toBe(Infinity);
    expect(worstError({ actual: Float64Array.of(1, 2.5), expected })).toBe(0.25);
  });
});
