import { differsFromZero, estimateOf } from './interval.ts';
import type { Estimate } from './interval.ts';
import type { ExperimentName, Norm, Row } from './settings.ts';

/** What the samples of several seeds say together. */

export interface Spread {
  mean: number;
  low: number;
  high: number;
}

/** What is sampled. */
export type Measure = 'loss' | 'testError';

/** Samples whose mean counts as the end of a training, whatever the network: one alone jumps. */
export const LAST = 4;

/** The test error that the experiment with sigmoids is timed to. */
export const GOAL = 0.15;

export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, low: Math.min(...values), high: Math.max(...values) };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): [key: number, items: T[]][] {
  const keys = [...new Set(items.map(keyOf))].sort((a, b) => a - b);
  return keys.map((key) => [key, items.filter((item) => keyOf(item) === key)]);
}

/** The samples of an arrangement, by seed. */
function trainings(
  rows: readonly Row[],
  experiment: ExperimentName,
  norm: Norm,
  batchSize?: number,
): [seed: number, samples: Row[]][] {
  const chosen = rows.filter(
    (row) =>
      row.experiment === experiment && row.norm === norm && (batchSize === undefined || row.batchSize === batchSize),
  );
  return groupBy(chosen, ({ seed }) => seed);
}

/** A measure at each step for which there are samples, over the seeds. */
export function curveOf(
  rows: readonly Row[],
  experiment: ExperimentName,
  norm: Norm,
  measure: Measure,
  batchSize?: number,
): [step: number, spread: Spread][] {
  const samples = trainings(rows, experiment, norm, batchSize).flatMap(([, one]) => one);
  return groupBy(samples, ({ step }) => step).map(([step, at]) => [step, spreadOf(at.map((row) => row[measure]))]);
}

/** A measure at the end of training, by seed. */
export function endsOf(
  rows: readonly Row[],
  experiment: ExperimentName,
  norm: Norm,
  measure: Measure,
  batchSize?: number,
): number[] {
  return trainings(rows, experiment, norm, batchSize).map(([, samples]) => endOf(samples, measure));
}

function endOf(samples: readonly Row[], measure: Measure): number {
  const last = samples.slice(-LAST);
  return last.reduce((sum, row) => sum + row[measure], 0) / last.length;
}

/** What is trained with a normalization and batches of a size. */
type Arrangement = readonly [norm: Norm, batchSize: number];

/** How much larger the test error of one arrangement is at the end than that of another: a difference a seed that both have. */
function differencesOf(rows: readonly Row[], one: Arrangement, other: Arrangement): number[] {
  const [ends, others] = [one, other].map(([norm, batchSize]) => {
    const found = trainings(rows, 'batch size', norm, batchSize);
    return new Map(found.map(([seed, samples]) => [seed, endOf(samples, 'testError')]));
  });
  return [...ends!].flatMap(([seed, end]) => (others!.has(seed) ? [end - others!.get(seed)!] : []));
}

/** BatchNorm's test error at the end less GroupNorm's, at each batch size, paired by seed; where there are two seeds. */
export function differencesAtEnd(rows: readonly Row[]): [batchSize: number, difference: Estimate][] {
  return batchSizesOf(rows).flatMap((size) => {
    const difference = estimateOf(differencesOf(rows, ['batch', size], ['group', size]));
    return difference ? [[size, difference] as [number, Estimate]] : [];
  });
}

/** The test error at the end of training, over the seeds; undefined where nothing was trained. */
export function finalError(rows: readonly Row[], norm: Norm, batchSize: number): Spread | undefined {
  const ends = endsOf(rows, 'batch size', norm, 'testError', batchSize);
  return ends.length > 0 ? spreadOf(ends) : undefined;
}

export function batchSizesOf(rows: readonly Row[]): number[] {
  const sizes = rows.filter(({ experiment }) => experiment === 'batch size').map(({ batchSize }) => batchSize);
  return [...new Set(sizes)].sort((a, b) => b - a);
}

/** The steps after which a network first reached the goal; Infinity where it did not. */
function stepsToGoal(rows: readonly Row[], norm: Norm): number[] {
  return trainings(rows, 'sigmoid', norm).map(
    ([, samples]) => samples.find(({ testError }) => testError <= GOAL)?.step ?? Infinity,
  );
}

export const formatPercent = (value: number): string => `${(100 * value).toFixed(1)}\u00a0%`;

function formatSteps(steps: readonly number[]): string {
  const reached = steps.filter(Number.isFinite);
  if (reached.length === 0) return 'never';
  const { low, high } = spreadOf(reached);
  const when = low === high ? `after ${low} steps` : `after ${low} to ${high} steps`;
  return reached.length === steps.length ? when : `${when}, with ${reached.length} of ${steps.length} seeds`;
}

const seedsOf = (rows: readonly Row[]): number => new Set(rows.map(({ seed }) => seed)).size;

/** What the experiment with sigmoids came to; whether the effect is there is read from the numbers. */
export function sigmoidVerdict(rows: readonly Row[]): string {
  const [none, batch] = [stepsToGoal(rows, 'none'), stepsToGoal(rows, 'batch')];
  if (none.length === 0 || batch.length === 0) return 'Not trained yet.';
  const most = Math.max(...rows.filter(({ experiment }) => experiment === 'sigmoid').map(({ step }) => step));
  const facts =
    `A test error of ${formatPercent(GOAL)} is first reached ${formatSteps(batch)} with BatchNorm, ` +
    `${formatSteps(none)} without (of ${most} steps).`;
  const every = seedsOf(rows) === 1 ? 'with the only seed' : 'with every seed';
  if (Math.max(...batch) < Math.min(...none)) return `${facts} BatchNorm is faster ${every}.`;
  if (Math.max(...none) < Math.min(...batch)) return `${facts} BatchNorm is slower ${every}: the claim does not show.`;
  return `${facts} The seeds overlap: this does not show that BatchNorm is faster.`;
}

/** A difference of shares in points of a hundred: `+3.3 points (95 % interval +2.7 to +3.9)`. */
export function formatDifference({ mean, low, high }: Estimate): string {
  return `${formatPoints(mean)} points (95\u00a0% interval ${formatPoints(low)} to ${formatPoints(high)})`;
}

/** `+3.3 (+2.7 to +3.9)` */
export function formatInterval({ mean, low, high }: Estimate): string {
  return `${formatPoints(mean)} (${formatPoints(low)}\u00a0to\u00a0${formatPoints(high)})`;
}

function formatPoints(share: number): string {
  const points = (100 * Math.abs(share)).toFixed(1);
  if (points === '0.0') return points;
  return `${share < 0 ? '\u2212' : '+'}${points}`;
}

/** The same of the experiment with batch sizes. */
export function batchVerdict(rows: readonly Row[]): string {
  const sizes = batchSizesOf(rows);
  const [large, small] = [sizes[0], sizes.at(-1)];
  if (large === undefined || small === undefined || large === small) return 'Not trained yet with two batch sizes.';
  const sentences = (['batch', 'group'] as const).map((norm) => {
    const name = norm === 'batch' ? 'BatchNorm' : 'GroupNorm';
    const [before, after] = [finalError(rows, norm, large), finalError(rows, norm, small)];
    if (!before || !after) return `${name} is not trained with both yet.`;
    const ends = `${name} ${formatPercent(before.mean)} at a batch of ${large}, ${formatPercent(after.mean)} at ${small}`;
    return `${ends}: ${changeInWords(estimateOf(differencesOf(rows, [norm, small], [norm, large])))}.`;
  });
  return `Test error at the end: ${sentences.join(' ')}`;
}

function changeInWords(change: Estimate | undefined): string {
  if (!change) return 'one seed does not say whether that is a change';
  if (!differsFromZero(change)) return `no change that the seeds show, ${formatDifference(change)}`;
  return `it ${change.mean > 0 ? 'grows' : 'shrinks'}, ${formatDifference(change)}`;
}
