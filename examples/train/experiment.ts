import type { Bridge } from './bridge.ts';
import type { Stored } from './conversion.ts';
import type { Norm } from './normalization.ts';
import { train } from './training.ts';
import type { Row, Run } from './training.ts';

/** How much is trained: all of it, about a minute of it, as little as shows that it works, or as that a loss falls. */
export type Extent = 'full' | 'quick' | 'tiny' | 'brief';

export const EXTENTS: readonly Extent[] = ['full', 'quick', 'tiny', 'brief'];

interface Amounts {
  /** Of the experiment with sigmoids. */
  steps: number;
  every: number;
  /** Of the experiment with batch sizes: pictures seen in training, whatever the batch size. */
  seen: number;
  samples: number;
  batchSizes: readonly number[];
  testCount: number;
}

const AMOUNTS: Record<Extent, Amounts> = {
  full: { steps: 500, every: 20, seen: 6144, samples: 16, batchSizes: [32, 16, 8, 4, 2], testCount: 1024 },
  quick: { steps: 240, every: 20, seen: 2048, samples: 8, batchSizes: [32, 2], testCount: 512 },
  tiny: { steps: 40, every: 10, seen: 512, samples: 4, batchSizes: [16], testCount: 64 },
  brief: { steps: 16, every: 4, seen: 192, samples: 3, batchSizes: [16], testCount: 64 },
};

const TRAIN_COUNT = 2048;
const SIGMOID_BATCH = 60;
const MOMENTUM = 0.9;

/** Each arrangement has the best of 0.03, 0.1, 0.3 and 1 for it, by the loss after 300 steps with a seed that is not reported. */
export const SIGMOID_RATES: Partial<Record<Norm, number>> = { none: 0.3, batch: 0.03 };

/** At a batch of 32, and in proportion at others (Goyal et al. 2017), as Wu and He do. */
export const BATCH_RATE = 0.1;

/** The networks to train, a seed after the other. */
export function runsOf(extent: Extent, seeds: readonly number[], dtype: Stored): Run[] {
  const { steps, every, seen, samples, batchSizes, testCount } = AMOUNTS[extent];
  const common = { dtype, momentum: MOMENTUM, trainCount: TRAIN_COUNT, testCount };
  return seeds.flatMap((seed) => [
    ...(Object.entries(SIGMOID_RATES) as [Norm, number][]).map(([norm, learningRate]) => {
      const size = { batchSize: SIGMOID_BATCH, steps, every };
      return { ...common, ...size, experiment: 'sigmoid' as const, norm, seed, learningRate };
    }),
    ...batchSizes.flatMap((batchSize) =>
      (['batch', 'group'] as const).map((norm) => {
        const length = seen / batchSize;
        const size = { batchSize, steps: length, every: Math.floor(length / samples) };
        const learningRate = (BATCH_RATE * batchSize) / 32;
        return { ...common, ...size, experiment: 'batch size' as const, norm, seed, learningRate };
      }),
    ),
  ]);
}

/** What the page shows, and the terminal. */
export interface Progress {
  rows: readonly Row[];
  run: Run;
  /** The share of all steps that is done. */
  done: number;
}

/** Trains all networks, one after the other; ends early where `stopped` says so. */
export async function runAll(
  bridge: Bridge,
  runs: readonly Run[],
  report: (progress: Progress) => void,
  stopped: () => boolean,
): Promise<Row[]> {
  const rows: Row[] = [];
  const all = runs.reduce((sum, { steps }) => sum + steps, 0);
  let before = 0;
  for (const run of runs) {
    if (stopped()) break;
    const take = (row: Row): void => {
      rows.push(row);
      report({ rows, run, done: (before + row.step) / all });
    };
    await train(bridge, run, take, stopped);
    before += run.steps;
  }
  return rows;
}
