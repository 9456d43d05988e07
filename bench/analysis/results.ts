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

/** A pass of a case that was measured to its end, and what it tells of the noise. */
export interface Finished {
  case: string;
  pass: Pass;
  /** The time of the copy as a multiple of that of the same copy once more; null where there was none. */
  ratio: number | null;
  waitMs: number;
  clockMicros: number;
}

/** How far the times can be trusted: from all that was finished. */
export interface Noise {
  /** |ratio − 1| of the same copy kernel measured twice, side by side: the median over all cases, and the largest. */
  median: number | null;
  largest: number | null;
  /** An empty submit, and waiting for it: the median; null where nothing was finished. */
  waitMs: number | null;
  /** The steps of the clock, where they are largest. */
  clockMicros: number | null;
}

/** What is measured on. */
export interface Device {
  adapter: string;
  /** A CPU pretends to be a GPU. */
  software: boolean;
}

export interface Measured extends Device {
  noise: Noise;
  results: Row[];
  finished: Finished[];
}

/** The options that decide what is measured, and how: a run goes on with another of the same alone. */
export interface Asked {
  /** Names, or parts of names, of cases and libraries. */
  only: string[];
  passes: Pass[];
  quick: boolean;
  growth: boolean;
  /** Calls that fill a large GPU, in every way that work can be shared out, instead of all else. */
  gpu: boolean;
}

/** What is written of a run besides its results. */
export interface Run {
  commit: string | null;
  date: string;
  runtime: string;
  command: string;
}

/** What the command writes. */
export interface Results extends Measured, Run {
  asked: Asked;
}
