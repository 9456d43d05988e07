import { channelsOf, normalizedShape, sizeOf } from '../cases/case.ts';
import type { Case } from '../cases/case.ts';

/** The arrays of a case in shapes in which a library of array operations normalizes them with the least work. */
export interface View {
  /** Of x, with axes merged or split; the order of elements stays. */
  shape: readonly number[];
  /** Elements that differ only along these share statistics. */
  axes: readonly number[];
  /** Of weight, bias and running statistics: broadcasts to x. */
  parameters: readonly number[];
}

export function viewOf(of: Case): View {
  const { norm, shape, layout, groups = 1 } = of;
  const size = sizeOf(shape);
  if (layout === 'rows') {
    const length = sizeOf(normalizedShape(of));
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
