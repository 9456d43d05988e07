import { median } from 'simple-statistics';
import type { Subject } from '../libraries/library.ts';
import { countDuring, idle } from './counts.ts';
import type { Counts } from './counts.ts';

/** Calls until the engine has compiled what it runs often. */
const WARM_CALLS = 2000;
/** Calls in a row: as a model makes them, and few enough that no queue fills up. */
const CALLS = 20;

/** One call that is warm: microseconds that the calling thread spends on it, and what it asks of the GPU. */
export interface Cost extends Pick<Counts, 'dispatches' | 'allocatedBytes'> {
  encodeMicros: number;
}

export interface CostSettings {
  batches: number;
  /** Fewer calls and batches where they take longer than this, to the end of what they gave the GPU. */
  budgetMs: number;
}

/** Makes calls, some in a row each time and from an idle GPU, and tells what one costs. */
export async function costOf(subject: Subject, { batches, budgetMs }: CostSettings): Promise<Cost> {
  const begin = performance.now();
  const spent = (): number => performance.now() - begin;
  let [calls, last] = [1, await batch(subject, 1)];
  for (let made = 1; made < WARM_CALLS && spent() < budgetMs / 2; made += calls) {
    calls = Math.max(1, Math.min(CALLS, Math.floor(budgetMs / 10 / last.ms)));
    last = await batch(subject, calls);
  }
  const times: number[] = [];
  while (times.length < batches && spent() < budgetMs) {
    last = await batch(subject, calls);
    times.push(last.encodeMicros);
  }
  const { dispatches, allocatedBytes } = last;
  return { dispatches, allocatedBytes, encodeMicros: times.length > 0 ? median(times) : last.encodeMicros };
}

/** Finds the GPU idle and leaves it so, after `ms` milliseconds a call. Costs too are those of one call. */
async function batch(subject: Subject, calls: number): Promise<Cost & { ms: number }> {
  const begin = performance.now();
  let encoded = begin;
  const { dispatches, allocatedBytes } = await countDuring(async () => {
    for (let i = 0; i < calls; i++) {
      const done = subject.call();
      if (done) await done;
    }
    encoded = performance.now();
  });
  await idle();
  return {
    dispatches: dispatches / calls,
    allocatedBytes: allocatedBytes / calls,
    encodeMicros: ((encoded - begin) * 1000) / calls,
    ms: (performance.now() - begin) / calls,
  };
}
