/** What formulas of papers are written with, in float64. */

/** An array as a formula reads it: an element by its index along every axis. */
export interface Numbers {
  shape: readonly number[];
  at(...index: number[]): number;
}

export function numbersOf(data: ArrayLike<number>, shape: readonly number[]): Numbers {
  return { shape, at: (...index) => data[index.reduce((offset, each, axis) => offset * shape[axis]! + each, 0)]! };
}

/** The elements of an array of that shape, each a function of its index. */
export function each(shape: readonly number[], element: (...index: number[]) => number): Float64Array {
  const elements = new Float64Array(shape.reduce((product, length) => product * length, 1));
  const index = shape.map(() => 0);
  for (let offset = 0; offset < elements.length; offset++) {
    elements[offset] = element(...index);
    // One on, and where an axis is at its end, the one before it.
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return elements;
}

/** Σ over all indices of a shape. */
export function sum(shape: readonly number[], term: (...index: number[]) => number): number {
  return each(shape, term).reduce((total, value) => total + value, 0);
}

export function mean(shape: readonly number[], term: (...index: number[]) => number): number {
  return sum(shape, term) / shape.reduce((product, length) => product * length, 1);
}

/** Mean, and biased variance. */
export function spread(
  shape: readonly number[],
  term: (...index: number[]) => number,
): { mean: number; variance: number } {
  const center = mean(shape, term);
  return { mean: center, variance: mean(shape, (...index) => (term(...index) - center) ** 2) };
}

export const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
export const silu = (z: number): number => z * sigmoid(z);
