import { NormError } from '../errors.ts';
import { checkNames } from '../options/checks.ts';
import { AFFINE } from '../options/names.ts';
import type { Curve } from './activations.ts';
import type { Affine } from './affine.ts';
import { affineAlongOrTrailing } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { normalizeOver } from './core.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import type { Grouping } from './groups.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { resolveAxes } from './ndarray.ts';
import type { Pullback } from './pullback.ts';
import { firstAndLast } from './spread.ts';
import type { Measure } from './statistics.ts';

/** A function of each element alone: f(alpha · s + inputShift), s what is normalized elsewhere. */
export interface PointwiseOptions extends Affine, Omit<FusionOptions, 'alpha'> {
  /** One element. */
  alpha: NdArray;
  /** One element. Default 0. */
  inputShift?: NdArray | undefined;
  /** The axes that weight and bias vary along. Default: the last. */
  axes?: number | readonly number[] | undefined;
}

export interface PointwiseGradients extends Gradients {
  dalpha: Float64NdArray;
  dinputShift?: Float64NdArray;
}

/** `takes`: what the function takes besides x, by the names of its options. */
export interface Pointwise {
  op: string;
  curve: Curve;
  takes: readonly ('alpha' | 'inputShift')[];
}

/** Without the parameter of an activation that has the name of one of the function's own, and without what divides. */
const NAMES = ['axes', ...AFFINE, ...FUSIONS].filter((name) => name !== 'alpha' && name !== 'eps');
/** Mean and factor of a function that measures nothing. */
const NOTHING: Float64NdArray = { data: new Float64Array(0), shape: [0] };

interface Prepared {
  z: (value: number) => number;
  alpha: number;
  grouping: Grouping;
  measure: Measure;
  fusion: Fusion;
}

export function pointwise(of: Pointwise, x: NdArray, options: PointwiseOptions, more: readonly unknown[]): Normalized {
  const { grouping, measure, fusion } = prepare(of, of.op, { x }, x, options, [], more);
  return { ...normalizeOver(x, grouping, measure, fusion), mean: NOTHING, rstd: NOTHING };
}

/** Gradients; with g what arrives at f: ds = g · f′(z) · alpha, dalpha = Σ g · f′(z) · s, dinputShift = Σ g · f′(z). */
export function pointwiseBackward(
  of: Pointwise,
  dy: NdArray,
  x: NdArray,
  options: PointwiseOptions & BackwardOptions,
  more: readonly unknown[],
): PointwiseGradients {
  const prepared = prepare(of, `${of.op}Backward`, { dy, x }, x, options, BACKWARD, more);
  const { z, alpha, grouping, measure, fusion } = prepared;
  const sums = { alpha: 0, inputShift: 0 };
  const pullback: Pullback = ({ g, values }) =>
    g.map((value, e) => {
      const arriving = of.curve.gradient(z(values[e]!), value);
      sums.alpha += arriving * values[e]!;
      sums.inputShift += arriving;
      return arriving * alpha;
    });
  const { dresidualOut, inputShift } = options;
  const gradients = gradientOver({ dy, dresidualOut }, x, grouping, measure, pullback, fusion);
  const single = (value: number, { shape }: NdArray): Float64NdArray => ({ data: Float64Array.of(value), shape });
  return {
    ...gradients,
    dalpha: single(sums.alpha, options.alpha),
    ...(inputShift && { dinputShift: single(sums.inputShift, inputShift) }),
  };
}

function prepare(
  { curve, takes }: Pointwise,
  op: string,
  arrays: Readonly<Record<string, unknown>>,
  x: NdArray,
  options: (PointwiseOptions & BackwardOptions) | undefined,
  names: readonly string[],
  more: readonly unknown[],
): Prepared {
  const given = options === undefined ? ({} as PointwiseOptions) : options;
  checkNames(op, given, [...takes, ...NAMES, ...names]);
  const { alpha, inputShift, ...rest } = given;
  const taken = { alpha, ...(inputShift !== undefined && { inputShift }) };
  checkCall(op, { ...arrays, ...taken }, rest, [...NAMES, ...names], more);
  const { shape } = x;
  for (const [name, { data }] of Object.entries(taken)) {
    if (data.length !== 1) throw new NormError('parameter', `${name} has ${data.length} elements; it must have 1`);
  }
  const [factor, shift] = [alpha.data[0]!, taken.inputShift?.data[0] ?? 0];
  const z = (value: number): number => factor * value + shift;
  const axes = resolveAxes(rest.axes ?? [-1], shape);
  return {
    z,
    alpha: factor,
    grouping: { shape, axes },
    measure: (values) => {
      values.forEach((value, e) => (values[e] = curve.value(z(value))));
      return { mean: 0, divisor: 1 };
    },
    fusion: fusionOf(shape, firstAndLast(shape), rest, affineAlongOrTrailing(axes, shape, rest)),
  };
}
