import { median } from 'simple-statistics';
import type { Finished, Noise } from './results.ts';

/** The noise of a run, put together from its passes, wherever each was measured. */
export function noiseOf(finished: readonly Finished[]): Noise {
  const off = finished.flatMap(({ ratio }) => (ratio === null ? [] : [Math.abs(ratio - 1)]));
  const largest = (numbers: readonly number[]): number | null => (numbers.length > 0 ? Math.max(...numbers) : null);
  const middle = (numbers: readonly number[]): number | null => (numbers.length > 0 ? median([...numbers]) : null);
  return {
    median: middle(off),
    largest: largest(off),
    waitMs: middle(finished.map(({ waitMs }) => waitMs)),
    clockMicros: largest(finished.map(({ clockMicros }) => clockMicros)),
  };
}
