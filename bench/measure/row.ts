import { dtypeOf } from '../cases/case.ts';
import type { Case, Pass } from '../cases/case.ts';
import { leastCopies } from '../cases/least.ts';
import type { Row } from '../analysis/results.ts';

/** A row without numbers: they come, or an error. */
export function emptyRow(of: Case, pass: Pass, library: string): Row {
  const { name, layout, shape } = of;
  const about = { case: name, library, pass, dtype: dtypeOf(of), layout, shape, leastCopies: leastCopies(of, pass) };
  const numbers = { ms: null, q1: null, q3: null, gpuMs: null, copyMultiple: null };
  const counts = { dispatches: null, allocatedBytes: null, encodeMicros: null, maxError: null };
  return { ...about, ...numbers, ...counts };
}

/** One line of whatever was thrown. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.trim().split('\n')[0]! || 'failed without a reason';
}
