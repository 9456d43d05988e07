import { planForward } from '../plan/forward.ts';
import type { Profile } from '../plan/profile.ts';
import { NO_NUMBERS } from '../plan/uniforms.ts';
import type { Definition } from '../problem/definition.ts';
import { stateProblem } from '../problem/state-problem.ts';
import { sizeOf } from '../problem/shape.ts';
import { memoryPolicyOf } from './memory-options.ts';
import { Runtime } from './runtime.ts';
import { stopwatchOf } from './stopwatch.ts';
import type { Stopwatch } from './stopwatch.ts';
import type { Storage } from './storage.ts';

/** A trial by time, where nothing is known of a vendor: how many loads of a row an invocation should hold. */

/** Another number has to be that much faster than the usual one. */
const MARGIN = 1.1;
/** Samples of each, of which the median counts; and milliseconds for a question, after which what has too few is left as it is. */
const [LEAST_SAMPLES, MOST_SAMPLES, MOST_MILLISECONDS] = [3, 5, 12];
/** Milliseconds of a sample, since a browser's clock may step by a tenth of one; and the most repetitions that make it as long. */
const [SAMPLE_MILLISECONDS, MOST_REPETITIONS] = [1.5, 32];

/** Takes the milliseconds of so many repetitions of what one of two choices makes of a call. */
type Sampler = (choice: number, repetitions: number) => Promise<number>;

/** The other of two choices if it is clearly faster by `sample` within the time that is left, else the usual one. */
export async function fasterOf(
  usual: number,
  other: number,
  sample: Sampler,
  remaining: () => number,
): Promise<number> {
  const once = await sample(usual, 1);
  const repetitions = Math.min(MOST_REPETITIONS, Math.ceil(SAMPLE_MILLISECONDS / Math.max(once, 0.01)));
  const [ofUsual, ofOther]: [number[], number[]] = [[], []];
  while (ofOther.length < MOST_SAMPLES && remaining() > 0) {
    ofUsual.push(await sample(usual, repetitions));
    ofOther.push(await sample(other, repetitions));
  }
  if (ofOther.length < LEAST_SAMPLES) return usual;
  return median(ofOther) * MARGIN < median(ofUsual) ? other : usual;
}

/** Milliseconds that are left for a question which begins now. */
function countdown(): () => number {
  const end = performance.now() + MOST_MILLISECONDS;
  return () => end - performance.now();
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Rows, each as long as told. */
const ROWS: Definition<object> = {
  op: 'trial',
  options: [],
  axes: (shape) =>
    shape.map((size, axis) => ({ axis, size, reduced: axis === 1, parameter: axis === 1, channel: false })),
  statistic: () => 'mean-variance',
  eps: () => 1e-5,
};

/**
 * `held` of a profile, or twice as many or half as many, whichever is clearly the fastest: rows that just fit are read once with so many, and
 * with fewer twice.
 */
export async function tryHeld(
  device: GPUDevice,
  profile: Profile,
  watch: Stopwatch = stopwatchOf(device),
  begin: () => () => number = countdown,
): Promise<number> {
  const { held } = profile;
  const runtime = new Runtime(device, profile, {}, { ...memoryPolicyOf({}), specialize: false });
  const storages = ['x', 'y'].map((name) => runtime.take(4 * sizeOf(shapeOf(profile, 2 * held)), `trial ${name}`));
  try {
    for (const other of [2 * held, held / 2]) {
      const sample = await samplerOf(runtime, storages, [held, other], watch);
      const faster = await fasterOf(held, other, sample, begin());
      if (faster !== held) return faster;
    }
    return held;
  } finally {
    for (const storage of storages) runtime.pool.give(storage);
    runtime.destroy();
  }
}

/** Rows of so many loads a lane, as many as keep the adapter busy. */
function shapeOf({ parallel, maxWorkgroup }: Profile, held: number): number[] {
  return [Math.max(1, Math.floor(parallel / maxWorkgroup)), 4 * held * maxWorkgroup];
}

/** Samples of the plans that choices of `held` make for rows that fit the larger one. */
async function samplerOf(
  { profile, executor }: Runtime,
  storages: readonly Storage[],
  choices: readonly number[],
  watch: Stopwatch,
): Promise<Sampler> {
  const shape = shapeOf(profile, Math.max(...choices));
  const problem = stateProblem(ROWS, { shape, dtype: 'f32' }, {}, false);
  const plans = new Map(choices.map((held) => [held, planForward(problem, { ...profile, held })]));
  await executor.prepare([...plans.values()]);
  const [x, y] = storages.map((storage) => ({ storage, offset: 0, size: 4 * sizeOf(shape) }));
  return async (choice, repetitions) =>
    watch((pass) => {
      for (let i = 0; i < repetitions; i++) {
        executor.record(pass, plans.get(choice)!, { x: x!, y: y! }, NO_NUMBERS, undefined);
      }
    });
}
