import type { Context, Tensor } from '../../../src/index.ts';
import { encode } from './formats.ts';
import type { Format } from './formats.ts';
import { sizeOf } from './run.ts';

/** Tensors that are views of larger ones. */

const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;
const BYTES = { f32: 4, f16: 2, bf16: 2 } as const;

/**
 * How a view lies: a part of each row, by any number of elements or by fours; every other index of the first axis; some of the indices
 * of the second axis; the axes in the opposite order.
 */
export const LYINGS = ['contiguous', 'columns', 'columns by four', 'every other', 'heads', 'permuted'] as const;
export type Lying = (typeof LYINGS)[number];

/** A view, and whether all else in its buffer is as it was. */
export interface Viewed {
  tensor: Tensor;
  untouched(): Promise<boolean>;
}

export function viewAs(
  context: Context,
  data: ArrayLike<number>,
  shape: readonly number[],
  dtype: Format,
  lying: Lying,
): Viewed {
  const { strides, first, elements } = layoutOf(shape, lying);
  const places = placesOf(shape, strides).map((place) => first + place);
  const numbers: Uint16Array | Uint32Array =
    dtype === 'f32' ? new Uint32Array(Float32Array.from(data).buffer) : new Uint16Array(encode(dtype, data).buffer);
  const Words = dtype === 'f32' ? Uint32Array : Uint16Array;
  const all = new Words(Math.ceil(elements / 4) * 4).map((_, index) => 0x3c00 + (index % 251));
  places.forEach((place, element) => (all[place] = numbers[element]!));
  const buffer = context.device.createBuffer({ size: all.byteLength, usage: STORAGE_AND_COPIES });
  context.device.queue.writeBuffer(buffer, 0, all);
  const untouched = async (): Promise<boolean> => {
    const whole = context.wrap(buffer, { shape: [all.byteLength / 4] });
    const after = new Words((await whole.read()).buffer);
    const own = new Set(places);
    return after.every((word, at) => own.has(at) || word === all[at]);
  };
  const tensor = context.wrap(buffer, { shape, dtype, strides, byteOffset: first * BYTES[dtype] });
  return { tensor, untouched };
}

export function layoutOf(
  shape: readonly number[],
  lying: Lying,
): { strides: number[]; first: number; elements: number } {
  const last = shape.length - 1;
  const within = (
    parent: readonly number[],
    first: number,
  ): { strides: number[]; first: number; elements: number } => ({
    strides: rowMajor(parent),
    first,
    elements: sizeOf(parent),
  });
  switch (lying) {
    case 'contiguous':
      return within(shape, 0);
    case 'columns':
      return within([...shape.slice(0, -1), shape[last]! + 3], 1);
    case 'columns by four':
      return within([...shape.slice(0, -1), Math.ceil(shape[last]! / 4) * 4 + 8], 4);
    case 'every other': {
      const strides = rowMajor(shape);
      return { strides: [strides[0]! * 2, ...strides.slice(1)], first: 0, elements: sizeOf(shape) * 2 };
    }
    case 'heads': {
      if (shape.length < 3) return layoutOf(shape, 'columns');
      const parent = [shape[0]!, shape[1]! + 2, ...shape.slice(2)];
      return within(parent, sizeOf(shape.slice(2)));
    }
    case 'permuted':
      return { strides: rowMajor(shape.toReversed()).toReversed(), first: 0, elements: sizeOf(shape) };
  }
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Where each element lies, in row-major order. */
function placesOf(shape: readonly number[], strides: readonly number[]): number[] {
  let places = [0];
  shape.forEach((size, axis) => {
    places = places.flatMap((place) => Array.from({ length: size }, (_, index) => place + index * strides[axis]!));
  });
  return places;
}
