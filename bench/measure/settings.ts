import type { CostSettings } from './cost.ts';
import type { RoundSettings } from './rounds.ts';

/** How thoroughly everything is measured. */
export interface Settings {
  quick: boolean;
  rounds: RoundSettings;
  cost: CostSettings;
}

/** @param gpuTime Whether the GPU's own clock counts, where a library can read it. */
export function settingsOf(quick: boolean, gpuTime: boolean): Settings {
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
