import { describe, expect, it } from 'vitest';
import { cellsOf, compare, comparisonVerdict } from '../../examples/train/comparison.ts';
import type { Row } from '../../examples/train/settings.ts';

/** A training of each network, with a seed, that ends at a loss and a test error. */
const trainings = (seed: number, loss: number, testError: number): Row[] =>
  (
    [
      ['sigmoid', 'none'],
      ['sigmoid', 'batch'],
      ['batch size', 'batch'],
      ['batch size', 'group'],
    ] as const
  ).flatMap(([experiment, norm]) =>
    [1, 2, 3, 4, 5].map((step): Row => {
      // What comes before the last four samples is no end.
      const early = step === 1 ? 5 : 0;
      return { experiment, norm, batchSize: 16, seed, step, loss: loss + early, testError };
    }),
  );

const f32Rows = [...trainings(1, 0.5, 0.1), ...trainings(2, 0.7, 0.1), ...trainings(3, 0.6, 0.1)];

describe('the comparison of trainings in another dtype with those in f32', () => {
  it('holds where means are within three deviations of the seeds', () => {
    const rows = [...trainings(1, 0.52, 0.1), ...trainings(2, 1.46, 0.1), ...trainings(3, 0.6, 0.1)];
    const comparison = compare('f16', rows, f32Rows);
    expect(comparison).toMatchObject({ dtype: 'f16', seeds: [1, 2, 3], holds: true });
    expect(comparison.ends.map(cellsOf)).toEqual(
      ['sigmoids, BatchNorm', 'ReLUs, BatchNorm, batches of 16', 'ReLUs, GroupNorm, batches of 16'].flatMap((name) => [
        [name, 'loss', '0.600 ± 0.100', '0.860', '2.60', 'within'],
        [name, 'test error', '10.0\u00a0% ± 0.0\u00a0%', '10.0\u00a0%', '0.00', 'within'],
      ]),
    );
    expect(comparisonVerdict(comparison)).toContain('every training ends within the spread of f32');
  });

  it.each([
    ['above', 0.91],
    ['below', 0.29],
    ['nowhere', NaN],
  ])('does not hold where a mean is %s', (_, loss) => {
    const comparison = compare('bf16', [...trainings(1, loss, 0.1), ...trainings(2, loss, 0.1)], f32Rows);
    expect(comparison.holds).toBe(false);
    expect(comparison.ends.map(({ within }) => within)).toEqual([false, true, false, true, false, true]);
    expect(cellsOf(comparison.ends[0]!).at(-1)).toBe('OUTSIDE');
    expect(comparisonVerdict(comparison)).toContain('3 of 6 ends lie outside');
  });
});
