import type { Row } from '../../bench/analysis/results.ts';

/** A row with what matters to a test. */
export function rowOf(given: Partial<Row>): Row {
  const numbers = { ms: 1, q1: 1, q3: 1, gpuMs: null, copyMultiple: 1 };
  const counts = { dispatches: 1, allocatedBytes: 0, encodeMicros: 5, maxError: 1e-7 };
  const names = {
    case: 'A',
    library: 'webgpu-norm',
    pass: 'forward',
    dtype: 'f32',
    leastCopies: 1,
    layout: 'rows',
    shape: [4],
  } as const;
  return { ...names, ...numbers, ...counts, ...given };
}
