import type { Activation } from '../options/activation.ts';
import { splitStrides } from './affine.ts';
import type { Affine, Affines, Operand, View, Views } from './affine.ts';
import type { Axis } from './definition.ts';
import type { Dtype } from './dtype.ts';
import type { AnyFusion } from './fusion.ts';
import type { MultiplyAdd } from './multiply-add.ts';
import type { Rotary, RotaryOptions } from './rotary.ts';
import type { TensorSpec } from './parameters.ts';
import type { Quantization, QuantizationOptions } from './quantization.ts';
import type { PointwiseOperands, PointwiseOption } from './pointwise.ts';
import type { AnyRunning, RunningUpdate, StatisticsSource } from './running.ts';
import type { SegmentStarts } from './segments.ts';
import { sizeOf, stridesOf } from './shape.ts';
import type { Shape } from './shape.ts';
import type { Measure } from './statistics.ts';

/** Options every normalization may have; `T` is a tensor, or in planning ahead its description. */
export interface CommonOptions<T> extends AnyRunning<T>, AnyFusion<T>, QuantizationOptions<T> {
  weight?: T | undefined;
  bias?: T | undefined;
  eps?: number | undefined;
  style?: T | undefined;
  unbiased?: boolean | undefined;
  castBeforeWeight?: boolean | undefined;
  rotary?: RotaryOptions<T> | undefined;
  pointwise?: PointwiseOption<T> | undefined;
  segments?: T | SegmentStarts | undefined;
  meanScale?: T | undefined;
}

/**
 * A normalization as numbers. The kept axes, in order, number the groups; the reduced axes, in order, the elements of each.
 * Neighbouring axes that are reduced alike collapse, so that most of what people use is [K0, R0, K1, R1] at most.
 */
export interface Problem extends Affines, MultiplyAdd<Operand>, PointwiseOperands {
  op: string;
  shape: Shape;
  dtype: Dtype;
  /** The dtype of y and dy. */
  outputDtype: Dtype;
  /** The axes of x, outermost first: what is kept and what reduced is of them. */
  axes: readonly Axis[];
  quantization: Quantization | null;
  kept: number[];
  reduced: number[];
  groups: number;
  /** Elements of x that share statistics. */
  length: number;
  /** Elements that the statistics are of: more where other parts of a batch have a share in them. */
  count: number;
  /** How many of the first elements of each group the statistics are of; null: all. */
  partial: number | null;
  x: View;
  /** How arrays that have an element for each of x lie, where not all lie alike. */
  views: Views;
  /** Both pairs that weight and bias were combined of, where there are two. */
  combined: Record<'affine' | 'modulation', Affine> | null;
  /** The dtype of a residual as large as x; null: there is none. */
  residual: Dtype | null;
  /** The array that broadcasts to x and is added to it. */
  inputBias: Operand | null;
  /** The dtype of the sum of x, those and a gated residual; where there is none, that of x. */
  inputDtype: Dtype;
  gate: Operand | null;
  writesResidualOut: boolean;
  activation: Activation | null;
  mask: Operand | null;
  /** Whether groups have counts of their own: a mask leaves some of their elements, or packed sequences are of unequal length. */
  countPerGroup: boolean;
  maskOutput: boolean;
  /** The rotation of y. */
  rotary: Rotary | null;
  measure: Measure;
  /** How much of the mean is taken off, the same in each group; null: all. */
  meanScale: Operand | null;
  /** n / (n - 1) where the variance is unbiased, else 1. */
  bessel: number;
  /** Whether what is normalized is rounded to the dtype before it is multiplied. */
  castBeforeWeight: boolean;
  source: StatisticsSource;
  /** Packed sequences, the first of the kept axes, whose rows are the first of the reduced ones; null: x is no such thing. */
  sequences: number | null;
  /** Running statistics: strides along the kept axes, how they are stored, and what a training call does to them. */
  channel: number[] | null;
  channels: number;
  runningDtype: Dtype;
  update: RunningUpdate | null;
  save: boolean;
  /** AdaIN: what is measured of the style; weight and bias are its deviation and mean. */
  style: Problem | null;
  /** The shape of saved statistics: the axes, those reduced being 1. */
  statisticsShape: number[];
}

/** Arrays with strides of their own. */
export type OperandName =
  | 'weight'
  | 'bias'
  | 'gate'
  | 'input_bias'
  | 'mask'
  | 'by'
  | 'add'
  | 'mean_scale'
  | 'alpha'
  | 'input_shift';

/** Nothing is added to x. */
const NO_SUM = { residual: null, inputBias: null, gate: null } as const;

/** Whether what is normalized is x and more. */
export function isSum({ residual, inputBias }: Pick<Problem, 'residual' | 'inputBias'>): boolean {
  return residual !== null || inputBias !== null;
}

/** The problem of what is normalized, as if that were x: once the sum is there, and on the way back to it. */
export function withoutSum(problem: Problem): Problem {
  return { ...problem, ...NO_SUM };
}

/** Arrays that have strides of their own, by the names they have in shaders, as far as they are there. */
export function operandsOf(problem: Problem): [name: OperandName, operand: Operand][] {
  const { weight, bias, gate, inputBias, mask, multiply, add, meanScale, alpha, inputShift } = problem;
  const all: Record<OperandName, Operand | null> = {
    weight,
    bias,
    gate,
    input_bias: inputBias,
    mask,
    by: multiply && multiply.by,
    add,
    mean_scale: meanScale,
    alpha,
    input_shift: inputShift,
  };
  return (Object.keys(all) as OperandName[]).flatMap((name) => (all[name] ? [[name, all[name]]] : []));
}

/** A problem that only measures the groups. */
export function measureProblem(
  op: string,
  { shape, dtype }: TensorSpec,
  axes: readonly Axis[],
  measure: Measure,
): Problem {
  const kept = axes.filter((axis) => !axis.reduced).map((axis) => axis.size);
  const reduced = axes.filter((axis) => axis.reduced).map((axis) => axis.size);
  return {
    op,
    shape,
    dtype,
    outputDtype: dtype,
    axes,
    quantization: null,
    kept,
    reduced,
    groups: sizeOf(kept),
    length: sizeOf(reduced),
    count: sizeOf(reduced),
    partial: null,
    x: splitStrides(axes, stridesOf(axes.map((axis) => axis.size))),
    views: {},
    weight: null,
    bias: null,
    zeroCenteredWeight: false,
    modulation: null,
    combined: null,
    ...NO_SUM,
    inputDtype: dtype,
    multiply: null,
    add: null,
    alpha: null,
    inputShift: null,
    writesResidualOut: false,
    activation: null,
    mask: null,
    countPerGroup: false,
    sequences: null,
    maskOutput: false,
    rotary: null,
    measure,
    meanScale: null,
    bessel: 1,
    castBeforeWeight: false,
    source: 'computed',
    channel: null,
    channels: 0,
    runningDtype: 'f32',
    update: null,
    save: false,
    style: null,
    statisticsShape: axes.map((axis) => (axis.reduced ? 1 : axis.size)),
  };
}
