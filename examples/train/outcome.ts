import type { Bridge } from './bridge.ts';
import { compare, LEAST_SEEDS } from './comparison.ts';
import type { Comparison } from './comparison.ts';
import { runAll, runsOf } from './experiment.ts';
import type { Progress } from './experiment.ts';
import type { Wanted } from './query.ts';
import type { Row, Run } from './training.ts';

export interface Outcome {
  rows: Row[];
  /** With f32, where something else was trained, to its end, and with seeds enough. */
  comparison: Comparison | null;
}

/** Trains what is wanted, and then what it is compared with; `rows` of the progress are those of what is wanted. */
export async function trainWanted(
  bridge: Bridge,
  { extent, seeds, dtype }: Wanted,
  report: (progress: Progress, latest: Row) => void,
  stopped: () => boolean,
): Promise<Outcome> {
  const runs = runsOf(extent, seeds, dtype);
  const compares = dtype !== 'f32' && new Set(seeds).size >= LEAST_SEEDS;
  const f32Runs = compares ? runsOf(extent, seeds, 'f32').filter(({ norm }) => norm !== 'none') : [];
  const share = stepsOf(runs) / (stepsOf(runs) + stepsOf(f32Runs));

  const rows = await runAll(
    bridge,
    runs,
    (progress) => report({ ...progress, done: share * progress.done }, progress.rows.at(-1)!),
    stopped,
  );
  const f32Rows = await runAll(
    bridge,
    f32Runs,
    ({ run, done, rows: latest }) => report({ run, rows, done: share + (1 - share) * done }, latest.at(-1)!),
    stopped,
  );
  return { rows, comparison: compares && !stopped() ? compare(dtype, rows, f32Rows) : null };
}

const stepsOf = (runs: readonly Run[]): number => runs.reduce((sum, { steps }) => sum + steps, 0);
