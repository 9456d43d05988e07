import { compare, LEAST_SEEDS } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import { runAll, runsOf } from './experiment.ts';
import type { Progress, Train } from './experiment.ts';
import type { Wanted } from './query.ts';
import type { Row, Run } from './settings.ts';

export interface Outcome {
  rows: Row[];
  /** With f32, where something else was trained, and with seeds enough. */
  comparison: Comparison | null;
}

/** Trains what is wanted, and then what it is compared with; `rows` of the progress are those of what is wanted. */
export async function trainWanted(
  train: Train,
  { extent, seeds, dtype }: Wanted,
  report: (progress: Progress, latest: Row) => void,
): Promise<Outcome> {
  const runs = runsOf(extent, seeds, dtype);
  const compares = dtype !== 'f32' && new Set(seeds).size >= LEAST_SEEDS;
  const f32Runs = compares ? runsOf(extent, seeds, 'f32').filter(({ norm }) => norm !== 'none') : [];
  const share = stepsOf(runs) / (stepsOf(runs) + stepsOf(f32Runs));

  const rows = await runAll(train, runs, (progress) =>
    report({ ...progress, done: share * progress.done }, progress.rows.at(-1)!),
  );
  const f32Rows = await runAll(train, f32Runs, ({ run, done, rows: latest }) =>
    report({ run, rows, done: share + (1 - share) * done }, latest.at(-1)!),
  );
  return { rows, comparison: compares ? compare(dtype, rows, f32Rows) : null };
}

const stepsOf = (runs: readonly Run[]): number => runs.reduce((sum, { steps }) => sum + steps, 0);
