import type { Case, Pass } from '../cases/case.ts';
import { passesOf } from '../cases/growth.ts';
import type { Finished } from '../analysis/results.ts';

/** A case and those of its passes that are to be measured: in a place of its own, apart from other cases. */
export interface Part {
  of: Case;
  passes: readonly Pass[];
}

/** What a run consists of. */
export function partsOf(cases: readonly Case[], passes: readonly Pass[]): Part[] {
  return cases.map((of) => ({ of, passes: passesOf(of, passes) })).filter((part) => part.passes.length > 0);
}

/**
 * The same of what was asked for by names.
 *
 * @throws Error with one line, where none of the cases has any of the passes.
 */
export function partsAsked(cases: readonly Case[], passes: readonly Pass[]): Part[] {
  const parts = partsOf(cases, passes);
  if (parts.length > 0) return parts;
  const names = cases.map(({ name }) => name).join('; ');
  throw new Error(`--pass ${passes.join()}: there is no such pass of ${names}`);
}

/** What of it is left to measure. */
export function leftOf(parts: readonly Part[], finished: readonly Finished[]): Part[] {
  return parts
    .map(({ of, passes }) => ({
      of,
      passes: passes.filter((pass) => !finished.some((other) => other.case === of.name && other.pass === pass)),
    }))
    .filter(({ passes }) => passes.length > 0);
}
