import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';

/** Numbers in row-major order: `data` holds as many as the product of `shape`. Shape [] is a single number. */
export interface NdArray<Data extends ArrayLike<number> = ArrayLike<number>> {
  readonly data: Data;
  readonly shape: readonly number[];
}

/** An array as the reference returns it. */
export type Float64NdArray = NdArray<Float64Array>;

/** How many elements a shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

/** @throws NormError `shape` where a size is no whole number, or negative, or the data does not fill the shape. */
export function checkArray(name: string, array: NdArray): void {
  if (!array.shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new NormError(
      'shape',
      `${name} has shape ${formatShape(array.shape)}; every size must be a whole number of at least 0`,
    );
  }
  if (array.data.length !== sizeOf(array.shape)) {
    throw new NormError(
      'shape',
      `${name} has ${array.data.length} elements, but shape ${formatShape(array.shape)} holds ${sizeOf(array.shape)}`,
    );
  }
}

/**
 * Axes counted from the front and in order.
 *
 * @throws NormError `axes` where one is out of range or repeated, or there is none.
 */
export function resolveAxes(axes: number | readonly number[], shape: readonly number[]): number[] {
  const rank = shape.length;
  const given = typeof axes === 'number' ? [axes] : axes;
  if (!Array.isArray(given)) {
    throw new NormError('axes', `axes is ${formatValue(axes)}; it must be an axis or an Array of axes`);
  }
  if (!given.every((axis) => Number.isInteger(axis) && axis >= -rank && axis < rank)) {
    throw new NormError('axes', `axes [${given.join(',')}] are not all axes of x ${formatShape(shape)}`);
  }
  const resolved = new Set(given.map((axis) => (axis + rank) % rank));
  if (resolved.size !== given.length || resolved.size === 0) {
    throw new NormError(
      'axes',
      `axes [${given.join(',')}] must name at least one axis of x ${formatShape(shape)}, each once`,
    );
  }
  return [...resolved].sort((a, b) => a - b);
}

/** The axes of `shape` that are not in `axes`. */
export function otherAxes(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
}

/** The shape with 1 on every axis but those kept. */
export function keepOnly(shape: readonly number[], kept: readonly number[]): number[] {
  return shape.map((size, axis) => (kept.includes(axis) ? size : 1));
}

/**
 * The same numbers in another shape. The two must agree but for sizes of 1.
 *
 * @throws NormError `parameter` where they do not.
 */
export function reshape<Data extends ArrayLike<number>>(
  name: string,
  array: NdArray<Data>,
  shape: readonly number[],
): NdArray<Data> {
  checkArray(name, array);
  const long = (sizes: readonly number[]): number[] => sizes.filter((size) => size !== 1);
  if (formatShape(long(array.shape)) !== formatShape(long(shape))) {
    throw new NormError(
      'parameter',
      `${name} has shape ${formatShape(array.shape)}, but ${formatShape(shape)} is needed`,
    );
  }
  return { data: array.data, shape };
}
