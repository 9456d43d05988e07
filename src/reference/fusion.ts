import { NormError } from '../errors.ts';
import type { ActivationOptions, MultiplierActivation } from '../options/activation.ts';
import { FUSIONS as ALL_FUSIONS } from '../options/names.ts';
import type { Curve } from './activations.ts';
import { curveOf } from './activations.ts';
import type { AffineSpread } from './affine.ts';
import type { Grouping } from './groups.ts';
import { placesIn } from './groups.ts';
import type { NdArray } from './ndarray.ts';
import { checkArray, formatShape } from './ndarray.ts';
import type { Rotation } from './rotary.ts';
import type { HalfDtype } from './rounding.ts';
import type { Roles, Spread } from './spread.ts';
import { reader, splitAxis, spreadByNumPy, spreadByRoles } from './spread.ts';

/**
 * Steps before and after a normalization, element by element:
 *
 *     s = x · m(by) + inputBias + gate · residual     what is normalized; multiply where: 'before'
 *     a = n(s) · weight + bias                        n(s) = (s − mean) / divisor
 *     z = a · (1 + scale) + shift
 *     y = activation(z · m(by) + add)                 multiply where: 'after'
 *
 * All but x have as many axes as x, each of size 1 or that of x; or they are [samples, channels] or [channels].
 * Normalizations that know of neither take the first axis for the samples and the last for the channels.
 *
 * Scale and shift: Perez et al. 2017, FiLM, https://arxiv.org/abs/1709.07871; Park et al. 2019, SPADE,
 * https://arxiv.org/abs/1903.07291; with a gate, Peebles, Xie 2022, Scalable Diffusion Models with Transformers (AdaLN),
 * https://arxiv.org/abs/2212.09748
 */
export interface FusionOptions extends ActivationOptions {
  /** With it, or with an inputBias, the result has s = residualOut. */
  residual?: NdArray | undefined;
  /** Of the residual. Default 1. */
  gate?: NdArray | undefined;
  /** Added to x too. */
  inputBias?: NdArray | undefined;
  /** Each 0 where it is not given. */
  modulation?: { scale?: NdArray | undefined; shift?: NdArray | undefined } | undefined;
  /** A factor m(by) of x or of z, m being an activation or nothing. */
  multiply?: Multiply | undefined;
  /** Added before the activation. */
  add?: NdArray | undefined;
}

export interface Multiply {
  by: NdArray;
  activation?: MultiplierActivation | undefined;
  /** Default: 'after'. */
  where?: 'before' | 'after' | undefined;
}

/** Their names: results are made, and in float64. */
export const FUSIONS: readonly string[] = ALL_FUSIONS.filter(
  (name) => name !== 'residualOut' && name !== 'outputDtype',
);

/** {@link FusionOptions}, weight, bias and what the statistics leave out: checked, and along x. */
export interface Fusion extends AffineSpread {
  curve: Curve;
  residual?: Spread | undefined;
  inputBias?: Spread | undefined;
  gate?: Spread | undefined;
  scale?: Spread | undefined;
  shift?: Spread | undefined;
  factor?: { by: Spread; curve: Curve; before: boolean } | undefined;
  add?: Spread | undefined;
  mask?: Spread | undefined;
  maskOutput?: boolean | undefined;
  partial?: number | undefined;
  castBeforeWeight?: HalfDtype | undefined;
  rotation?: Rotation | undefined;
}

/**
 * Steps of a call, from what it was given; `rest` is what not every normalization has.
 *
 * @throws NormError `shape`, `parameter` where a shape does not fit x, `option` where a residual that broadcasts comes with what only one as large
 * as x takes.
 */
export function fusionOf(
  x: readonly number[],
  roles: Roles,
  options: FusionOptions,
  rest: Omit<Fusion, 'curve' | 'scale' | 'shift' | 'factor' | keyof FusionOptions>,
): Fusion {
  const { residual, gate, inputBias, modulation: { scale, shift } = {}, multiply, add } = options;
  const isAsX = ({ shape }: NdArray): boolean => formatShape(shape) === formatShape(x);
  const isLarge = residual !== undefined && isAsX(residual);
  if (residual && !isLarge && (gate || inputBias)) {
    const other = gate ? 'gate' : 'inputBias';
    throw new NormError(
      'option',
      `${other} is given beside a residual ${formatShape(residual.shape)} that broadcasts to x`,
    );
  }
  const { rotation, maskOutput, mask } = rest;
  if (rotation && maskOutput && mask && mask.strides.at(-1) !== 0) {
    throw new NormError('option', 'mask and rotary are both given; maskOutput then takes a mask of rows');
  }
  const spread = (name: string, array: NdArray | undefined): Spread | undefined =>
    array && spreadByRoles(name, array, x, roles);
  // What may be as large as x has its axes in their order, where it has its shape.
  const whole = (name: string, array: NdArray): Spread =>
    isAsX(array) ? spreadByNumPy(name, array, x) : spreadByRoles(name, array, x, roles);
  return {
    ...rest,
    curve: curveOf(options),
    residual: residual && whole('residual', residual),
    inputBias: spread('inputBias', inputBias),
    gate: spread('gate', gate),
    scale: spread('scale', scale),
    shift: spread('shift', shift),
    factor: multiply && factorOf(multiply, (by) => whole('by', by)),
    add: add && whole('add', add),
  };
}

function factorOf({ by, activation, where = 'after' }: Multiply, spread: (by: NdArray) => Spread): Fusion['factor'] {
  return { by: spread(by), curve: curveOf({ activation }), before: where === 'before' };
}

/** Along an x one of whose axes is seen as two, the second of size `inner`. */
export function splitFusion(fusion: Fusion, axis: number, inner: number): Fusion {
  const split = (spread: Spread | undefined): Spread | undefined => spread && splitAxis(spread, axis, inner);
  const { weight, bias, residual, inputBias, gate, scale, shift, factor, add, mask } = fusion;
  return {
    ...fusion,
    residual: split(residual),
    inputBias: split(inputBias),
    factor: factor && { ...factor, by: split(factor.by)! },
    add: split(add),
    weight: split(weight),
    bias: split(bias),
    gate: split(gate),
    scale: split(scale),
    shift: split(shift),
    mask: split(mask),
  };
}

/** s = x · m(by) + inputBias + gate · residual, or x. */
export function normalizedSum(x: NdArray, fusion: Fusion, grouping: Grouping): ArrayLike<number> {
  const { residual, inputBias, factor } = fusion;
  if (!residual && !inputBias && !factor?.before) return x.data;
  const at = placesIn(grouping);
  const { before, gate, residual: residualAt, inputBias: biasAt } = inputReaders(fusion, grouping);
  const sum = new Float64Array(x.data.length);
  for (let g = 0; g < at.group.length; g++) {
    for (let e = 0; e < at.element.length; e++) {
      const place = at.group[g]! + at.element[e]!;
      sum[place] = x.data[place]! * before.value(g, e) + biasAt(g, e) + gate(g, e) * residualAt(g, e);
    }
  }
  return sum;
}

/** Where s is a sum. */
export function isSum({ residual, inputBias }: Fusion): boolean {
  return residual !== undefined || inputBias !== undefined;
}

type Reader = (g: number, e: number) => number;

/** A factor m(by), and what arrives at it as it arrives at `by`, element by element. */
export interface FactorReader {
  value: Reader;
  gradient: (g: number, e: number, dm: number) => number;
}

const NO_FACTOR: FactorReader = { value: () => 1, gradient: () => 0 };

function factorReader(factor: Fusion['factor'], wanted: 'before' | 'after', grouping: Grouping): FactorReader {
  if (!factor || factor.before !== (wanted === 'before')) return NO_FACTOR;
  const by = reader(factor.by, grouping, 0);
  return {
    value: (g, e) => factor.curve.value(by(g, e)),
    gradient: (g, e, dm) => factor.curve.gradient(by(g, e), dm),
  };
}

/** Readers of the arrays on the way to s. */
export function inputReaders(
  { residual, inputBias, gate, factor }: Fusion,
  grouping: Grouping,
): { before: FactorReader } & Record<'residual' | 'inputBias' | 'gate', Reader> {
  return {
    before: factorReader(factor, 'before', grouping),
    residual: reader(residual, grouping, 0),
    inputBias: reader(inputBias, grouping, 0),
    gate: reader(gate, grouping, 1),
  };
}

/** Readers of the arrays for each element of each group on the way to y, whatever was given. */
export interface Readers {
  weight: Reader;
  bias: Reader;
  scale: Reader;
  shift: Reader;
  after: FactorReader;
  add: Reader;
  /** Whether y is 0 there whatever x is. */
  silent: (g: number, e: number) => boolean;
}

export function readersOf(fusion: Fusion, grouping: Grouping): Readers {
  const weight = reader(fusion.weight, grouping, 1);
  const mask = reader(fusion.mask, grouping, 1);
  return {
    weight: fusion.weight && fusion.zeroCenteredWeight ? (g, e) => 1 + weight(g, e) : weight,
    bias: reader(fusion.bias, grouping, 0),
    scale: reader(fusion.scale, grouping, 0),
    shift: reader(fusion.shift, grouping, 0),
    after: factorReader(fusion.factor, 'after', grouping),
    add: reader(fusion.add, grouping, 0),
    silent: fusion.maskOutput ? (g, e) => mask(g, e) === 0 : () => false,
  };
}

/** @throws NormError `shape` where the array has another shape than x. */
export function checkSameShape(name: string, array: NdArray, x: readonly number[]): void {
  checkArray(name, array);
  if (formatShape(array.shape) !== formatShape(x)) {
    throw new NormError('shape', `${name} has shape ${formatShape(array.shape)}, but x has ${formatShape(x)}`);
  }
}
