import type { Stored } from './conversion.ts';
import type { Norm } from './normalization.ts';
import { batchSizesOf, endsOf, formatPercent, formatSpread, spreadOf } from './summary.ts';
import type { Measure, Spread } from './summary.ts';
import type { ExperimentName, Row } from './training.ts';

/** Whether trainings in another dtype end where those in f32 do. */

/** One measure of one network at the end of its training, over the seeds. */
export interface End {
  network: string;
  measure: Measure;
  f32: Spread;
  stored: Spread;
  /** Whether the mean of the one lies between the least and the largest of the other. */
  within: boolean;
}

export interface Comparison {
  dtype: Stored;
  seeds: readonly number[];
  ends: End[];
  /** Whether all ends are within, and there are some. */
  holds: boolean;
}

/** What the mean of equal numbers may be off by. */
const HAIR = 1e-12;

/** Compares trainings of the same networks with the same seeds. */
export function compare(dtype: Stored, rows: readonly Row[], f32Rows: readonly Row[]): Comparison {
  const ends = networksOf(rows).flatMap(([network, experiment, norm, batchSize]) =>
    (['loss', 'testError'] as const).map((measure): End => {
      const [f32, stored] = [f32Rows, rows].map((some) => spreadOf(endsOf(some, experiment, norm, measure, batchSize)));
      return { network, measure, f32: f32!, stored: stored!, within: isWithin(stored!.mean, f32!) };
    }),
  );
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  return { dtype, seeds, ends, holds: ends.length > 0 && ends.every(({ within }) => within) };
}

/** NaN is nowhere. */
function isWithin(mean: number, { low, high }: Spread): boolean {
  return mean >= low - HAIR && mean <= high + HAIR;
}

/** Those with a normalization: there is nothing to store in the others. */
function networksOf(rows: readonly Row[]): [name: string, experiment: ExperimentName, norm: Norm, batchSize?: number][] {
  const convolutions = batchSizesOf(rows).flatMap((size) => [
    [`ReLUs, BatchNorm, batches of ${size}`, 'batch size', 'batch', size] as const,
    [`ReLUs, GroupNorm, batches of ${size}`, 'batch size', 'group', size] as const,
  ]);
  return [['sigmoids, BatchNorm', 'sigmoid', 'batch'], ...convolutions.map((network) => [...network] as const)] as [
    string,
    ExperimentName,
    Norm,
    number?,
  ][];
}

/** A line of a table: `['sigmoids, BatchNorm', 'test error', '3.1 % (2.9 % to 3.4 %)', '3.2 %', 'within']`. */
export function cellsOf({ network, measure, f32, stored, within }: End): string[] {
  const format = measure === 'loss' ? (value: number) => value.toPrecision(3) : formatPercent;
  const name = measure === 'loss' ? 'loss' : 'test error';
  return [network, name, formatSpread(f32, format), format(stored.mean), within ? 'within' : 'OUTSIDE'];
}

export function comparisonVerdict({ dtype, seeds, ends, holds }: Comparison): string {
  const outside = ends.filter(({ within }) => !within).length;
  const measured = `over seeds ${seeds.join(', ')}, the mean in ${dtype} against the least and the largest in f32`;
  if (holds) return `Stored in ${dtype}, every training ends within the spread of f32 (${measured}).`;
  return `Stored in ${dtype}, ${outside} of ${ends.length} ends lie outside the spread of f32 (${measured}).`;
}
