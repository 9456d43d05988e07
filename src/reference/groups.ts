import { NormError } from '../errors.ts';
import { formatShape, otherAxes, sizeOf, stridesOf } from './ndarray.ts';

/** Groups of x are the elements that differ only along `axes` of x, seen in `shape`, which holds as many elements. */
export interface Grouping {
  shape: readonly number[];
  axes: readonly number[];
}

/** Where the elements of groups lie in an array: element `e` of group `g` at `group[g] + element[e]`. */
export interface Places {
  group: Int32Array;
  element: Int32Array;
}

/**
 * Groups of x are the elements that differ only along `axes`; both the groups and the elements of one are in row-major order.
 * Gives where they lie in an array that broadcasts to x by NumPy's rules (x itself, a weight, a bias).
 *
 * @throws NormError `parameter` where the array does not broadcast.
 */
export function placesOf(
  name: string,
  shape: readonly number[],
  x: readonly number[],
  axes: readonly number[],
): Places {
  return placesBy(broadcastStrides(name, shape, x), { shape: x, axes });
}

/** Where they lie in an array with these strides along the axes of x. */
export function placesBy(strides: readonly number[], { shape, axes }: Grouping): Places {
  const offsets = (along: readonly number[]): Int32Array =>
    offsetsOf(along.map((axis) => ({ size: shape[axis]!, stride: strides[axis]! })));
  return { group: offsets(otherAxes(shape, axes)), element: offsets(axes) };
}

/** @throws NormError `shape` where there are groups, and none has an element to take statistics of. */
export function checkElements(name: string, { shape, axes }: Grouping): void {
  const count = (along: readonly number[]): number => sizeOf(along.map((axis) => shape[axis]!));
  if (count(otherAxes(shape, axes)) > 0 && count(axes) === 0) {
    throw new NormError('shape', `${name} ${formatShape(shape)} has no elements to take statistics of`);
  }
}

/** Where they lie in x. */
export function placesIn(grouping: Grouping): Places {
  return placesBy(stridesOf(grouping.shape), grouping);
}

/**
 * Strides of the array along the axes of x, aligned at the last one; 0 where it repeats.
 *
 * @throws NormError `parameter` where the array does not broadcast.
 */
export function broadcastStrides(name: string, shape: readonly number[], x: readonly number[]): number[] {
  const missing = x.length - shape.length;
  if (missing < 0 || !shape.every((size, axis) => size === 1 || size === x[missing + axis])) {
    throw new NormError('parameter', `${name} ${formatShape(shape)} does not broadcast to x ${formatShape(x)}`);
  }
  const strides = stridesOf(shape);
  return x.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** The offset of every index over some axes, the last axis running fastest. */
function offsetsOf(axes: readonly { size: number; stride: number }[]): Int32Array {
  let offsets = new Int32Array(1);
  for (const { size, stride } of axes) {
    const outer = offsets;
    offsets = new Int32Array(outer.length * size);
    for (let i = 0; i < outer.length; i++) {
      for (let k = 0; k < size; k++) offsets[i * size + k] = outer[i]! + k * stride;
    }
  }
  return offsets;
}
