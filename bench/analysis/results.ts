import type { Case, CaseDtype, Pass } from '../cases/case.ts';

/** One pass of one case on one library. Null where there is no such number, or none was asked for. */
export interface Row {
  case: string;
  library: string;
  pass: Pass;
  /** What the library stores x as: not every one can what the case wants, and then takes the same numbers as f32. */
  dtype: CaseDtype;
  layout: Case['layout'];
  shape: readonly number[];
  /** A call: the median over the rounds, and the quartiles. */
  ms: number | null;
  q1: number | null;
  q3: number | null;
  /** The same by the GPU's own clock. */
  gpuMs: number | null;
  /** How often a copy kernel could have read and written x in that time. */
  copyMultiple: number | null;
  /** The least traffic of the pass, in copies of x. */
  leastCopies: number;
  /** Of one call that is warm. */
  dispatches: number | null;
  allocatedBytes: number | null;
  /** What the calling thread spends on it. */
  encodeMicros: number | null;
  /** Against float64: the largest difference of an output, relative to its largest element. */
  maxError: number | null;
  /** What went wrong, instead of numbers. */
  error?: string;
}

/** How far the times can be trusted. */
export interface Noise {
  /** |ratio − 1| of the same copy kernel measured twice, side by side: the median over all cases, and the largest. */
  median: number | null;
  largest: number | null;
  /** An empty submit, and waiting for it. */
  waitMs: number;
  /** The steps of the clock. */
  clockMicros: number;
}

export interface Measured {
  adapter: string;
  /** A CPU pretends to be a GPU. */
  software: boolean;
  noise: Noise;
  results: Row[];
}

/** What is written of a run besides its results. */
export interface Run {
  commit: string | null;
  date: string;
  runtime: string;
  command: string;
}

/** What the command writes. */
export interface Results extends Measured, Run {}
