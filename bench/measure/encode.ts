import { median } from 'simple-statistics';
import type { Subject } from '../libraries/library.ts';
import { clockStep } from './clock.ts';
import { idle } from './counts.ts';

/** Calls until the engine has compiled what it runs often. */
const WARM_CALLS = 100;
/** Calls in a row where one is too short for the clock: few enough that no queue fills up. */
const MOST_CALLS = 50;
/** Steps of the clock that a batch should take. Where one call does, the GPU is idle at each. */
const STEPS = 8;

let step: number | null = null;

/** Microseconds that the calling thread spends on one call that is warm and finds the GPU idle. */
export async function encodeMicros(subject: Subject, { batches, budgetMs }: EncodeSettings): Promise<number> {
  const begin = performance.now();
  let once = Infinity;
  for (let call = 0; call < WARM_CALLS && performance.now() < begin + budgetMs / 2; call++) {
    once = Math.min(once, await batchMs(subject, 1));
  }
  step ??= clockStep() / 1000;
  const calls = Math.min(MOST_CALLS, Math.ceil((STEPS * step) / Math.max(once, step)));
  const times: number[] = [];
  do times.push((await batchMs(subject, calls)) / calls);
  while (times.length < batches && performance.now() < begin + budgetMs);
  return median(times) * 1000;
}

export interface EncodeSettings {
  batches: number;
  /** Fewer calls and batches where they take longer than this. */
  budgetMs: number;
}

/** Finds the GPU idle, and leaves it so. */
async function batchMs(subject: Subject, calls: number): Promise<number> {
  const begin = performance.now();
  for (let i = 0; i < calls; i++) {
    const done = subject.call();
    if (done) await done;
  }
  const ms = performance.now() - begin;
  await idle();
  return ms;
}
