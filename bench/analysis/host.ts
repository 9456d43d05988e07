import type { Run } from './results.ts';

/** How long the calling thread is busy with a call, in what WebGPU's own calls take. */
export interface HostRow {
  call: string;
  submits: number;
  dispatches: number;
  /** The median, and what a quarter is below and above. */
  ratio: number;
  quartiles: readonly [lower: number, upper: number];
}

/** A run of `--host`. */
export interface HostResults extends Run {
  host: readonly HostRow[];
}
