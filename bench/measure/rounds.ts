import { quantile } from 'simple-statistics';
import type { Subject } from '../libraries/library.ts';
import { timed, within } from './clock.ts';
import { throwRefused } from './counts.ts';

export interface RoundSettings {
  rounds: number;
  /** How long a run should take at least, so that waiting for its end does not count. */
  runMs: number;
  /** Where a call takes longer than that, fewer rounds have to do. */
  slow: { ms: number; rounds: number };
  /** Whether the GPU's own clock counts, where a subject can read it. */
  gpuTime: boolean;
}

/** A call: the median of the rounds and the quartiles, and by the GPU's own clock. */
export interface Times {
  ms: number;
  q1: number;
  q3: number;
  gpuMs: number | null;
}

/** A run that takes longer is given up. */
const MOST_SECONDS = 120;

/** Something to be timed; on the way it becomes times, or an error. */
export interface Entry {
  subject: Subject;
  times?: Times;
  error?: unknown;
}

const MOST_CALLS = 2000;

interface Run {
  entry: Entry;
  calls: number;
  rounds: number;
  ms: number[];
  gpuMs: number[];
}

/** Times all entries in turn, in each round in another order: what disturbs the machine disturbs all alike. */
export async function runRounds(entries: readonly Entry[], settings: RoundSettings): Promise<void> {
  const runs = entries.map((entry): Run => ({ entry, calls: 1, rounds: settings.rounds, ms: [], gpuMs: [] }));
  for (const run of runs) await guarded(run.entry, async () => calibrate(run, settings));
  for (let round = 0; round < settings.rounds; round++) {
    for (const run of shuffled(runs.filter(({ entry, rounds, ms }) => !entry.error && ms.length < rounds))) {
      await guarded(run.entry, async () => timeRun(run));
    }
  }
  for (const { entry, ms, gpuMs } of runs) {
    if (!entry.error) entry.times = summaryOf(ms, gpuMs, settings.gpuTime);
  }
}

async function timeRun({ entry, calls, ms, gpuMs }: Run): Promise<void> {
  const { subject } = entry;
  ms.push((await timed(async () => subject.run(calls))) / calls);
  if (subject.gpuMs) gpuMs.push((await subject.gpuMs()) / calls);
  throwRefused();
}

/** Finds how many calls make a run long enough; on the way everything gets warm. What is slow has its first round by that. */
async function calibrate(run: Run, { runMs, rounds, slow }: RoundSettings): Promise<void> {
  for (;;) {
    await timeRun(run);
    const once = run.ms.at(-1)!;
    if (once > slow.ms) {
      run.rounds = Math.min(slow.rounds, rounds);
      return;
    }
    const ms = once * run.calls;
    if (ms >= runMs * 0.8 || run.calls >= MOST_CALLS) break;
    // A short run is mostly waiting: it says little of a longer one.
    const wanted = Math.ceil((run.calls * runMs * 1.1) / Math.max(ms, 0.01));
    run.calls = Math.min(MOST_CALLS, run.calls * 8, wanted);
  }
  run.ms = [];
  run.gpuMs = [];
}

async function guarded(entry: Entry, work: () => Promise<void>): Promise<void> {
  try {
    await within(MOST_SECONDS, work());
  } catch (cause) {
    entry.error = cause;
  }
}

function summaryOf(ms: number[], gpuMs: number[], gpuTime: boolean): Times {
  const onGpu = gpuMs.length > 0;
  const at = (share: number): number => quantile(gpuTime && onGpu ? gpuMs : ms, share);
  return { ms: at(0.5), q1: at(0.25), q3: at(0.75), gpuMs: onGpu ? quantile(gpuMs, 0.5) : null };
}

/** Fisher and Yates. */
export function shuffled<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
