import type { CostSettings } from './cost.ts';
import type { RoundSettings } from './rounds.ts';

/** How thoroughly everything is measured. */
export interface Settings {
  quick: boolean;
  rounds: RoundSettings;
  cost: CostSettings;
}

/** How thoroughly a run measures: all of it, less of it, or on a GPU that is as fast as calls are many. */
export type Pace = 'full' | 'quick' | 'gpu';

/** @param gpuTime Whether the GPU's own clock counts, where a library can read it. */
export function settingsOf(pace: Pace, gpuTime: boolean): Settings {
  const quick = pace !== 'full';
  if (pace === 'gpu') {
    return {
      quick,
      rounds: { rounds: 5, runMs: 10, slow: { ms: 200, rounds: 1 }, gpuTime },
      cost: { batches: 5, budgetMs: 150 },
    };
  }
  return quick
    ? {
        quick,
        rounds: { rounds: 3, runMs: 25, slow: { ms: 200, rounds: 1 }, gpuTime },
        cost: { batches: 15, budgetMs: 100 },
      }
    : {
        quick,
        rounds: { rounds: 7, runMs: 60, slow: { ms: 2000, rounds: 2 }, gpuTime },
        cost: { batches: 25, budgetMs: 1000 },
      };
}
