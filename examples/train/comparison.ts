import { mean, sampleStandardDeviation } from 'simple-statistics';
import type { ExperimentName, Norm, Row, Stored } from './settings.ts';
import { batchSizesOf, endsOf, formatPercent } from './summary.ts';
import type { Measure } from './summary.ts';

/** Whether trainings in another dtype end where those in f32 do. */

/** One measure of one network at the end of its training, over the seeds. */
export interface End {
  network: string;
  measure: Measure;
  f32: { mean: number; deviation: number };
  /** The mean in the other dtype. */
  stored: number;
  /** How far the means are apart, in standard deviations of the seeds in f32. */
  apart: number;
  /** Whether that is at most {@link MOST_APART}. */
  within: boolean;
}

export interface Comparison {
  dtype: Stored;
  seeds: readonly number[];
  ends: End[];
  /** Whether all ends are within. */
  holds: boolean;
}

/**
 * In standard deviations. The least rounding leads small batches to another end of the same distribution: then the means of
 * two times five seeds differ by more than this in one of a hundred cases (Student's t of 4 degrees at 3 / √(2 / 5)).
 */
export const MOST_APART = 3;

/** With fewer seeds their deviation says nothing. */
export const LEAST_SEEDS = 3;

/** What sums of equal numbers may be off by, relative to them. */
const HAIR = 1e-12;

/** Compares trainings of the same networks with the same seeds, {@link LEAST_SEEDS} or more. */
export function compare(dtype: Stored, rows: readonly Row[], f32Rows: readonly Row[]): Comparison {
  const ends = networksOf(rows).flatMap(({ name, experiment, norm, batchSize }) =>
    (['loss', 'testError'] as const).map((measure): End => {
      const [inF32, inStored] = [f32Rows, rows].map((some) => endsOf(some, experiment, norm, measure, batchSize));
      const f32 = { mean: mean(inF32!), deviation: sampleStandardDeviation(inF32!) };
      const stored = mean(inStored!);
      const apart = apartBy(stored, f32);
      // NaN is nowhere.
      return { network: name, measure, f32, stored, apart, within: apart <= MOST_APART };
    }),
  );
  const seeds = [...new Set(rows.map(({ seed }) => seed))];
  return { dtype, seeds, ends, holds: ends.every(({ within }) => within) };
}

function apartBy(stored: number, f32: End['f32']): number {
  const difference = Math.abs(stored - f32.mean);
  return difference <= HAIR * f32.mean ? 0 : difference / f32.deviation;
}

interface Network {
  name: string;
  experiment: ExperimentName;
  norm: Norm;
  batchSize?: number;
}

/** Those with a normalization: there is nothing to store in the others. */
function networksOf(rows: readonly Row[]): Network[] {
  const experiment = 'batch size';
  return [
    { name: 'sigmoids, BatchNorm', experiment: 'sigmoid', norm: 'batch' },
    ...batchSizesOf(rows).flatMap((batchSize): Network[] => [
      { name: `ReLUs, BatchNorm, batches of ${batchSize}`, experiment, norm: 'batch', batchSize },
      { name: `ReLUs, GroupNorm, batches of ${batchSize}`, experiment, norm: 'group', batchSize },
    ]),
  ];
}

/** A line of a table: `['sigmoids, BatchNorm', 'test error', '3.1 % ± 0.4 %', '3.2 %', '0.25', 'within']`. */
export function cellsOf({ network, measure, f32, stored, apart, within }: End): string[] {
  const format = measure === 'loss' ? (value: number) => value.toFixed(3) : formatPercent;
  const name = measure === 'loss' ? 'loss' : 'test error';
  const inF32 = `${format(f32.mean)} ± ${format(f32.deviation)}`;
  return [network, name, inF32, format(stored), apart.toFixed(2), within ? 'within' : 'OUTSIDE'];
}

export function comparisonVerdict({ dtype, seeds, ends, holds }: Comparison): string {
  const outside = ends.filter(({ within }) => !within).length;
  const measured = `means over seeds ${seeds.join(', ')}, at most ${MOST_APART} standard deviations of f32’s seeds apart`;
  if (holds) return `Stored in ${dtype}, every training ends within the spread of f32 (${measured}).`;
  return `Stored in ${dtype}, ${outside} of ${ends.length} ends lie outside the spread of f32 (${measured}).`;
}
