import type { Saving } from './saved.ts';
import type { Tensor } from './tensor.ts';

/** What the function of a mode looks like: what it takes besides its options, and what it returns by them. */

/** Where a call goes: into the caller's encoder, which the caller submits, and into an output that is there. */
export interface RecordOptions {
  encoder?: GPUCommandEncoder;
  out?: Tensor;
  /** Takes x + residual, where the call returns it. */
  outSum?: Tensor;
}

/** Marks a call whose result is `{ y, saved }`. */
export interface Save {
  save: true;
}

/** Marks a call whose result is y alone. */
export interface NoSave {
  save?: false;
}

/** Marks a call whose result is `{ y, sum }`. */
export interface ReturnSum {
  residual: Tensor;
  returnSum: true;
}

/** Marks a call whose result has no sum. */
export interface NoSum {
  returnSum?: false;
}

/** The result of a call with `returnSum: true`: y, and x + residual. */
export interface Summing {
  y: Tensor;
  sum: Tensor;
}

/** A mode as a function of x, of any shape it takes; y has the shape of x. With a residual, what is saved has the sum too. */
export interface Forward<O> {
  (x: Tensor, options: O & Save & { residual: Tensor }, record?: RecordOptions): Saving & Summing;
  (x: Tensor, options: O & Save, record?: RecordOptions): Saving;
  (x: Tensor, options: O & NoSave & ReturnSum, record?: RecordOptions): Summing;
  (x: Tensor, options: O & NoSave & NoSum, record?: RecordOptions): Tensor;
}

/** A mode whose options may all be left out. */
export interface PlainForward<O> extends Forward<O> {
  (x: Tensor, options?: undefined, record?: RecordOptions): Tensor;
}
