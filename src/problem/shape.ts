import { NormError } from '../errors.ts';
import { formatValue, formatList } from '../options/format-value.ts';

/** The sizes of the axes of a tensor, in its order. */
export type Shape = readonly number[];

/** More axes than this are refused. */
export const MAX_RANK = 8;

/** How many elements a shape holds. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Whether strides are those of row-major order; what an axis of one index strides does not matter. */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  const plain = stridesOf(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === plain[axis]) || sizeOf(shape) === 0;
}

/** @throws NormError `shape` unless there is a whole number of elements for each axis. */
export function checkStrides(what: string, shape: Shape, strides: readonly number[]): void {
  if (!Array.isArray(strides) || strides.length !== shape.length) {
    throw new NormError(
      'shape',
      `${what}: strides are ${formatValue(strides)}; of shape ${formatShape(shape)} there must be ${shape.length}, one an axis, in elements`,
    );
  }
  for (const stride of strides as readonly unknown[]) {
    if (Number.isSafeInteger(stride) && (stride as number) >= 0) continue;
    throw new NormError(
      'shape',
      `${what}: strides ${formatList(strides)} have ${formatValue(stride)}; every stride must be a whole number of at least 0, in elements`,
    );
  }
}

/** Elements from the first to behind the last. */
export function extentOf(shape: Shape, strides: readonly number[]): number {
  if (sizeOf(shape) === 0) return 0;
  return shape.reduce((extent, size, axis) => extent + (size - 1) * strides[axis]!, 1);
}

/** @throws NormError `shape` where a size is no whole number, or negative, or there are too many axes. */
export function checkShape(what: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new NormError('shape', `${what}: shape is ${formatValue(shape)}; it must be an Array of sizes`);
  }
  if (shape.length > MAX_RANK) {
    throw new NormError(
      'shape',
      `${what}: shape ${formatList(shape)} has ${shape.length} axes; at most ${MAX_RANK} work`,
    );
  }
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new NormError(
        'shape',
        `${what}: shape ${formatList(shape)} has ${formatValue(size)} as a size; every size must be a whole number of at least 0`,
      );
    }
  }
}
