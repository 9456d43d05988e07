import { NormError } from '../errors.ts';
import { splitStrides } from './affine.ts';
import type { View, Views } from './affine.ts';
import type { ElementwiseName } from './arrays.ts';
import { stridesAlong } from './modulation.ts';
import type { TensorSpec } from './parameters.ts';
import type { Problem } from './problem.ts';
import { extentOf, isRowMajor, stridesOf } from './shape.ts';

/** Tensors of a call by those names; undefined: one that the call makes, row-major. */
export type ElementwiseTensors = Partial<Record<ElementwiseName, TensorSpec | undefined>>;

/**
 * A problem over tensors that may be strided: `x` is what is normalized, `written` has the options of those that a call writes.
 *
 * @throws NormError `shape` where x has two elements in one place, or an output has.
 */
export function lyingAs(
  problem: Problem,
  x: TensorSpec,
  tensors: ElementwiseTensors,
  written: Partial<Record<ElementwiseName, string>>,
): Problem {
  if ([x, ...Object.values(tensors)].every((tensor) => tensor === undefined || isContiguous(tensor))) {
    return isStrided(problem) ? { ...problem, x: rowMajorView(problem), views: {} } : problem;
  }
  if (problem.sequences !== null) {
    throw new NormError(
      'shape',
      `${problem.op}: a tensor is strided; with segments x, and what has an element for each of it, must be contiguous`,
    );
  }
  checkNoOverlap(problem.op, 'x', x);
  for (const [name, option] of Object.entries(written)) {
    const tensor = tensors[name as ElementwiseName];
    if (tensor) checkNoOverlap(problem.op, option, tensor);
  }
  const views = Object.entries(tensors).map(([name, tensor]) => [name, viewOfTensor(problem, tensor)]);
  return { ...problem, x: viewOfTensor(problem, x), views: Object.fromEntries(views) as Views };
}

/** Whether x, or an array that has an element for each of it, is. */
export function isStrided({ views }: Pick<Problem, 'views'>): boolean {
  return Object.keys(views).length > 0;
}

/** Where the elements of such an array lie. */
export function viewOf({ x, views }: Pick<Problem, 'x' | 'views'>, name: ElementwiseName): View {
  return views[name] ?? x;
}

/** Where the elements of a tensor that is made for a problem lie: row-major. Packed sequences have no stride: where they begin is read. */
export function rowMajorView({ axes, sequences }: Pick<Problem, 'axes' | 'sequences'>): View {
  const strides = stridesOf(axes.map(({ size }) => size));
  return splitStrides(axes, sequences === null ? strides : strides.with(0, 0));
}

export function isSameView(a: View, b: View): boolean {
  return a === b || (a.kept.join() === b.kept.join() && a.reduced.join() === b.reduced.join());
}

function viewOfTensor(problem: Problem, tensor: TensorSpec | undefined): View {
  const { axes } = problem;
  if (tensor?.strides === undefined) return rowMajorView(problem);
  const along = tensor.shape.map((_, axis) => axis);
  const own = stridesAlong(tensor, along, axes);
  // What an axis of one index strides does not matter; so it is told from the others as if the tensor was row-major.
  const plain = stridesOf(axes.map(({ size }) => size));
  return splitStrides(
    axes,
    axes.map(({ size }, index) => (size === 1 ? plain[index]! : own[index]!)),
  );
}

function isContiguous({ shape, strides }: TensorSpec): boolean {
  return strides === undefined || isRowMajor(shape, strides);
}

/** @throws NormError `shape` where two elements lie in one place. */
function checkNoOverlap(op: string, name: string, { shape, strides = stridesOf(shape) }: TensorSpec): void {
  const axes = shape.map((size, axis) => ({ size, stride: strides[axis]! })).filter(({ size }) => size > 1);
  const inner = axes.toSorted((a, b) => a.stride - b.stride);
  const overlaps = inner.some(({ stride }, index) => {
    const within = inner.slice(0, index);
    return (
      stride <
      extentOf(
        within.map((one) => one.size),
        within.map((one) => one.stride),
      )
    );
  });
  if (!overlaps) return;
  throw new NormError(
    'shape',
    `${op}: ${name} [${shape.join()}] has strides [${strides.join()}], by which elements lie in one place; each must have its own`,
  );
}
