import type { GradientSumsData, MomentsData } from 'webgpu-norm';

/** What the page and its workers post to each other. */

/** A part of a batch, and what is the same for all parts. */
export interface Part {
  shape: number[];
  x: Float32Array;
  dy: Float32Array;
  weight: Float32Array;
  bias: Float32Array;
}

/** What BatchNorm makes of a batch or a part of one. dweight and dbias of parts are yet to be added up. */
export interface Results {
  y: Float32Array;
  dx: Float32Array;
  dweight: Float32Array;
  dbias: Float32Array;
}

/** From a worker, in this order; a problem at any time. */
export interface FromWorker {
  moments: MomentsData;
  sums: GradientSumsData;
  results: Results;
  problem: string;
}

/** To a worker, in this order: the part, then what all workers posted, in the same order for each of them. */
export interface ToWorker {
  part: Part;
  moments: MomentsData[];
  sums: GradientSumsData[];
}

export type Message<T> = { [K in keyof T]: { kind: K; value: T[K] } }[keyof T];
