import type { Case, CaseDtype, InputName, OutputName, Pass } from '../cases/case.ts';

/** What a subject is given: the numbers of each array, and over how many copies of x (and what goes with it) its calls rotate. */
export interface Data {
  arrays: Partial<Record<InputName, Float32Array<ArrayBuffer>>>;
  copies: number;
  /** Results are not written into arrays that are there, but made by each call. */
  fresh?: true;
}

/**
 * One pass of one case on one library, compiled, with its data on the GPU. Every call reads the next copy of x (and dy), so
 * that caches do not flatter.
 */
export interface Subject {
  /** What it stores x as, where that is not what the case says. */
  dtype?: CaseDtype;
  /** One call, its work given to the GPU; resolves, or returns, before that is done. */
  call(): void | Promise<void>;
  /** As many calls as told, then waits until the GPU has done them all. */
  run(calls: number): Promise<void>;
  /** The milliseconds that the calls of the last run took on the GPU itself, where it can tell. */
  gpuMs?(): Promise<number>;
  /** The results of one call on copy 0, in the order of the case's layout. */
  read(): Promise<Partial<Record<OutputName, Float32Array>>>;
  destroy(): void;
}

/** A library as the benchmark sees it. */
export interface Library {
  /** Names it on the command line and in results. */
  name: string;
  /** Opens its device; rejects where it cannot work here. */
  open(): Promise<Opened>;
}

export interface Opened {
  /** Null where the library has no such pass, a sentence in the error where it should but fails. */
  prepare(of: Case, pass: Pass, data: Data): Promise<Subject | null>;
  destroy(): void | Promise<void>;
}
