import { channelsOf, isLarge, normalizedShape, sizeOf } from '../cases/case.ts';
import type { Case, InputName } from '../cases/case.ts';

/** The arrays of a case in shapes in which a library of array operations normalizes them with the least work. */
export interface View {
  /** Of x, with axes merged or split; the order of elements stays. */
  shape: readonly number[];
  /** Elements that differ only along these share statistics. */
  axes: readonly number[];
  /** Of weight, bias and running statistics: broadcasts to x. */
  parameters: readonly number[];
  /** Of a scale and a shift for each sample. */
  modulation?: readonly number[];
  /** Of the tables of a rotation. */
  tables?: readonly number[];
}

/** The shape in which a library is given an array. */
export function shapeIn({ shape, parameters, modulation, tables }: View, name: InputName): readonly number[] {
  if (name === 'cos' || name === 'sin') return tables!;
  if (name === 'scale' || name === 'shift') return modulation!;
  return isLarge(name) ? shape : parameters;
}

export function viewOf(of: Case): View {
  const { norm, shape, layout, groups = 1 } = of;
  const size = sizeOf(shape);
  if (layout === 'rows') {
    const length = sizeOf(normalizedShape(of));
    if (of.modulated) {
      const samples = shape[0]!;
      const view = [samples, size / samples / length, length];
      return { shape: view, axes: [2], parameters: [1, 1, length], modulation: [samples, 1, length] };
    }
    if (of.rotary) {
      const tables = [1, shape[1]!, 1, length / 2];
      return { shape, axes: [3], parameters: [1, 1, 1, length], tables };
    }
    return { shape: [size / length, length], axes: [1], parameters: [1, length] };
  }
  const [n, c] = [shape[0]!, channelsOf(of)];
  const positions = size / n / c;
  const each = c / groups;
  const last = layout === 'NHWC';
  switch (norm) {
    case 'batchNorm':
    case 'batchNormInference':
      return last
        ? { shape: [n * positions, c], axes: [0], parameters: [1, c] }
        : { shape: [n, c, positions], axes: [0, 2], parameters: [1, c, 1] };
    case 'groupNorm':
      return last
        ? { shape: [n, positions, groups, each], axes: [1, 3], parameters: [1, 1, groups, each] }
        : { shape: [n, groups, each, positions], axes: [2, 3], parameters: [1, groups, each, 1] };
    default:
      return last
        ? { shape: [n, positions, c], axes: [1], parameters: [1, 1, c] }
        : { shape: [n, c, positions], axes: [2], parameters: [1, c, 1] };
  }
}
