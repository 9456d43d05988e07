import { NORM_NAMES } from './settings.ts';
import type { Choice, Norm, Row, Run, Stored } from './settings.ts';

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
const MOMENTUM = 0.9;

/** Of the experiment with sigmoids. */
export const SIGMOID_BATCH = 60;

/** At that batch. Each arrangement has the best of 0.03, 0.1, 0.3 and 1 for it, by the loss after 300 steps with a seed that is not reported. */
export const SIGMOID_RATES: Partial<Record<Norm, number>> = { none: 0.3, batch: 0.03, layer: 0.03, group: 0.03 };

/** At a batch of 32. */
export const BATCH_RATE = 0.1;

/** One network to train. Its learning rate goes with the batch size (Goyal et al. 2017), as Wu's and He's does. */
export function runOf(extent: Extent, choice: Choice): Run {
  const { steps, every, seen, samples, testCount } = AMOUNTS[extent];
  const { batchSize, norm } = choice;
  const common = { ...choice, momentum: MOMENTUM, trainCount: TRAIN_COUNT, testCount };
  if (choice.experiment === 'sigmoid') {
    const rate = SIGMOID_RATES[norm];
    if (rate === undefined) throw new Error(`${NORM_NAMES[norm]} has nothing to average where a channel is one number`);
    return { ...common, steps, every, learningRate: (rate * batchSize) / SIGMOID_BATCH };
  }
  const length = Math.floor(seen / batchSize);
  const learningRate = (BATCH_RATE * batchSize) / 32;
  return { ...common, steps: length, every: Math.floor(length / samples), learningRate };
}

/** The networks of both experiments, a seed after the other. */
export function runsOf(extent: Extent, seeds: readonly number[], dtype: Stored): Run[] {
  const choices = seeds.flatMap((seed): Choice[] => [
    ...(['none', 'batch'] as const).map((norm): Choice => {
      return { experiment: 'sigmoid', norm, dtype, batchSize: SIGMOID_BATCH, seed };
    }),
    ...AMOUNTS[extent].batchSizes.flatMap((batchSize) =>
      (['batch', 'group'] as const).map((norm): Choice => {
        return { experiment: 'batch size', norm, dtype, batchSize, seed };
      }),
    ),
  ]);
  return choices.map((choice) => runOf(extent, choice));
}

/** Trains a network, and tells of every sample. */
export type Train = (run: Run, report: (row: Row) => void) => Promise<unknown>;

/** What the page shows, and the terminal. */
export interface Progress {
  rows: readonly Row[];
  run: Run;
  /** The share of all steps that is done. */
  done: number;
}

/** Trains all networks, one after the other. */
export async function runAll(train: Train, runs: readonly Run[], report: (progress: Progress) => void): Promise<Row[]> {
  const rows: Row[] = [];
  const all = runs.reduce((sum, { steps }) => sum + steps, 0);
  let before = 0;
  for (const run of runs) {
    await train(run, (row) => {
      rows.push(row);
      report({ rows, run, done: (before + row.step) / all });
    });
    before += run.steps;
  }
  return rows;
}
