import type { View } from '../../problem/affine.ts';
import type { ElementwiseName } from '../../problem/arrays.ts';
import type { Dtype } from '../../problem/dtype.ts';
import { operandsOf } from '../../problem/problem.ts';
import type { Problem } from '../../problem/problem.ts';
import type { Quantization } from '../../problem/quantization.ts';
import { stridesOf } from '../../problem/shape.ts';
import { viewOf } from '../../problem/strides.ts';

/** How the elements of an array lie along the axes of a problem. */
export interface Laid {
  dtype: Dtype;
  view: View;
  /** Whether its reduced axes are those of the style. */
  isStyle?: boolean;
  /** Elements that there are for each index of the axes, one after the other; left out: one. */
  each?: number;
}

/** The arrays of a call and of its gradient that lie along the axes of x, by the names of a plan's resources. */
export function arraysOf({
  problem,
  input = problem.dtype,
}: {
  problem: Problem;
  input?: Dtype;
}): ReadonlyMap<string, Laid> {
  const { x, dtype, inputDtype, outputDtype, quantization, modulation, style, channel, reduced, runningDtype } =
    problem;
  const arrays = new Map<string, Laid>();
  const elementwise = (resource: string, name: ElementwiseName, of: Dtype): void =>
    void arrays.set(resource, { dtype: of, view: viewOf(problem, name) });
  arrays.set('x', { dtype: input, view: x });
  elementwise('dx', 'dx', dtype);
  elementwise('residual', 'residual', inputDtype);
  elementwise('residualOut', 'residual_out', inputDtype);
  elementwise('dresidual', 'dresidual', inputDtype);
  elementwise('dresidualOut', 'dresidual_out', inputDtype);
  elementwise('y', 'y', outputDtype);
  elementwise('dy', 'dy', outputDtype);
  // A style's weight and bias are no tensors of the call.
  const operands = operandsOf(problem).flatMap(([name, operand]) =>
    style && (name === 'weight' || name === 'bias') ? [] : operand,
  );
  for (const operand of [...operands, modulation?.weight, modulation?.bias]) {
    if (!operand) continue;
    arrays.set(operand.resource, operand);
    arrays.set(`d${operand.resource}`, operand);
  }
  if (style) {
    const laid: Laid = { dtype: style.dtype, view: style.x, isStyle: true };
    for (const name of ['style', 'dstyle']) arrays.set(name, laid);
  }
  if (quantization) arrays.set('scales', scalesOf(problem, quantization));
  if (channel) {
    const view = { kept: channel, reduced: reduced.map(() => 0) };
    for (const name of ['runningMean', 'runningVar']) arrays.set(name, { dtype: runningDtype, view });
  }
  for (const [name, laid] of rotaryArrays(problem)) arrays.set(name, laid);
  if (problem.sequences !== null) arrays.set('segments', startsOf(problem));
  arrays.set('numBatchesTracked', { dtype: 'u32', view: nowhereIn(problem) });
  return arrays;
}

/** Starts of packed sequences, the first of the kept axes: that of each and its end. */
function startsOf(problem: Problem): Laid {
  const view = { ...nowhereIn(problem), kept: problem.kept.map((_, axis) => (axis === 0 ? 1 : 0)) };
  return { dtype: 'u32', view, each: 2 };
}

/** No array varies along an axis. */
function nowhereIn({ kept, reduced }: Problem): View {
  return { kept: kept.map(() => 0), reduced: reduced.map(() => 0) };
}

/** The scales of a quantized result: of each group some side by side, or the same for all. */
function scalesOf({ kept, reduced }: Problem, { spans, given }: Quantization): Laid {
  const perGroup = given?.group ?? spans;
  const view = { kept: stridesOf(kept).map((stride) => stride * perGroup), reduced: reduced.map(() => 0) };
  return { dtype: 'f32', view, each: given?.span === 0 ? 1 : spans };
}

/** Tables and positions: a row of the tables, or a position, for each token. Tables of which positions name the rows are bound as a whole. */
function rotaryArrays(problem: Problem): [string, Laid][] {
  const { rotary } = problem;
  if (!rotary) return [];
  const { pairs, rows, tokens } = rotary;
  const spread: View = { kept: tokens.kept.map((stride) => stride * pairs), reduced: tokens.reduced };
  const table = rotary.positions ? { view: nowhereIn(problem), each: rows * pairs } : { view: spread, each: pairs };
  return [
    ['cos', { dtype: rotary.cos, ...table }],
    ['sin', { dtype: rotary.sin, ...table }],
    ...(rotary.positions ? [['positions', { dtype: 'u32', view: tokens }] satisfies [string, Laid]] : []),
  ];
}

/** Elements from the first of an array to behind its last. */
export function extentOf({ view, isStyle = false, each = 1 }: Laid, problem: Problem): number {
  const { kept, reduced } = isStyle ? problem.style! : problem;
  return each + along(view.kept, kept, -1) + along(view.reduced, reduced, -1);
}

/** Elements before the one at some index of the axes. */
export function offsetAt({ kept, reduced }: View, at: View): number {
  return along(kept, at.kept, 0) + along(reduced, at.reduced, 0);
}

function along(strides: readonly number[], indices: readonly number[], more: number): number {
  return strides.reduce((sum, stride, axis) => sum + stride * (indices[axis]! + more), 0);
}
