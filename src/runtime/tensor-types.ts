import type { Dtype } from '../problem/dtype.ts';
import type { Shape } from '../problem/shape.ts';
import type { HalfArray } from './halves.ts';

/** The dtype of a new tensor, and its name in the messages of WebGPU. */
export interface TensorOptions<D extends Dtype = Dtype> {
  /** Default: `'f32'`, or `'f16'` where a Float16Array is given, `'i8'` where an Int8Array is. */
  dtype?: D | undefined;
  label?: string | undefined;
}

/** The part of a buffer that is a tensor. */
export interface WrapOptions<D extends Dtype = Dtype> {
  shape: Shape;
  /** Default: `'f32'`. */
  dtype?: D | undefined;
  /** Where it begins. Default: 0. */
  byteOffset?: number | undefined;
  /** Elements from one index of each axis to the next: a slice, or axes in another order. Default: row-major. */
  strides?: readonly number[] | undefined;
}

/** Numbers in an Array, or in anything else that has a length and is no typed array. */
export interface Numbers extends ArrayLike<number> {
  readonly BYTES_PER_ELEMENT?: never;
}

/** Data that a tensor of a dtype is made of: typed arrays as they are or rounded, bits of halves, or numbers. */
export interface DataFor {
  f32: Float32Array | Numbers;
  f16: HalfArray | Float32Array | Uint16Array | Numbers;
  bf16: Float32Array | Uint16Array | Numbers;
  u32: Uint32Array | Numbers;
  i8: Int8Array | Numbers;
}

/** The dtype of data that is given without one; of what may be a typed array and may be none, any that they say themselves. */
export type DefaultDtype<Data> = Data extends HalfArray
  ? 'f16'
  : Data extends Int8Array
    ? 'i8'
    : Data extends readonly number[] | { readonly BYTES_PER_ELEMENT: number }
      ? 'f32'
      : 'f32' | 'f16' | 'i8';

/** Data that reading gives: of f16 a `Float16Array` where the runtime has it, else bits; of bf16 bits. */
export interface DataOf {
  f32: Float32Array<ArrayBuffer>;
  f16: HalfArray | Uint16Array<ArrayBuffer>;
  bf16: Uint16Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
  i8: Int8Array<ArrayBuffer>;
}

/** Dtypes that `read` may be told: that of the tensor, or f32, to which all but u32 widen. */
export type ReadDtype<D extends Dtype> = D | (D extends 'u32' ? never : 'f32');
