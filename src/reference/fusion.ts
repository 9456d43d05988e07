import { NormError } from '../errors.ts';
import type { ActivationOptions, Curve } from './activations.ts';
import { curveOf } from './activations.ts';
import type { AffineSpread } from './affine.ts';
import type { Grouping } from './groups.ts';
import { placesIn } from './groups.ts';
import type { NdArray } from './ndarray.ts';
import { checkArray, formatShape } from './ndarray.ts';
import type { HalfDtype } from './rounding.ts';
import type { Roles, Spread } from './spread.ts';
import { reader, splitAxis, spreadByRoles } from './spread.ts';

/**
 * What is done before and after a normalization, element by element:
 *
 *     s = x + gate · residual              what is normalized
 *     a = n(s) · weight + bias             n(s) = (s − mean) / divisor
 *     y = activation(a · (1 + scale) + shift)
 *
 * Gate, scale and shift have as many axes as x, each of size 1 or that of x; or they are [samples, channels] or [channels].
 * Normalizations that know of neither take the first axis for the samples and the last for the channels.
 *
 * Scale and shift: Perez et al. 2017, FiLM, https://arxiv.org/abs/1709.07871; Park et al. 2019, SPADE,
 * https://arxiv.org/abs/1903.07291; with a gate, Peebles, Xie 2022, Scalable Diffusion Models with Transformers (AdaLN),
 * https://arxiv.org/abs/2212.09748
 */
export interface FusionOptions extends ActivationOptions {
  /** Of the shape of x. With it, the result has s = residualOut. */
  residual?: NdArray | undefined;
  /** Of the residual. Default 1. */
  gate?: NdArray | undefined;
  /** Each 0 where it is not given. */
  modulation?: { scale?: NdArray | undefined; shift?: NdArray | undefined } | undefined;
}

/** Their names. */
export const FUSIONS = ['residual', 'gate', 'modulation', 'activation', 'negativeSlope', 'alpha'] as const;

/** {@link FusionOptions}, weight, bias and what the statistics leave out: checked, and along x. */
export interface Fusion extends AffineSpread {
  curve: Curve;
  residual?: NdArray | undefined;
  gate?: Spread | undefined;
  scale?: Spread | undefined;
  shift?: Spread | undefined;
  mask?: Spread | undefined;
  maskOutput?: boolean | undefined;
  partial?: number | undefined;
  castBeforeWeight?: HalfDtype | undefined;
}

/**
 * What a call does, from what it was given; `rest` is what not every normalization has.
 *
 * @throws NormError `shape`, `parameter`, `option` where a shape does not fit x, there is no such activation, or a gate has no residual.
 */
export function fusionOf(
  x: readonly number[],
  roles: Roles,
  options: FusionOptions,
  rest: Omit<Fusion, 'curve' | 'scale' | 'shift' | keyof FusionOptions>,
): Fusion {
  const { residual, gate, modulation: { scale, shift } = {} } = options;
  if (residual) checkSameShape('residual', residual, x);
  if (gate && !residual) throw new NormError('option', 'gate is given, but no residual');
  return {
    ...rest,
    curve: curveOf(options),
    residual,
    gate: gate && spreadByRoles('gate', gate, x, roles),
    scale: scale && spreadByRoles('scale', scale, x, roles),
    shift: shift && spreadByRoles('shift', shift, x, roles),
  };
}

/** Along an x one of whose axes is seen as two, the second of size `inner`. */
export function splitFusion(fusion: Omit<Fusion, 'mask'>, axis: number, inner: number): Fusion {
  const split = (spread: Spread | undefined): Spread | undefined => spread && splitAxis(spread, axis, inner);
  const { weight, bias, gate, scale, shift } = fusion;
  return {
    ...fusion,
    weight: split(weight),
    bias: split(bias),
    gate: split(gate),
    scale: split(scale),
    shift: split(shift),
  };
}

/** s = x + gate · residual, or x. */
export function normalizedSum(x: NdArray, { residual, gate }: Fusion, grouping: Grouping): ArrayLike<number> {
  if (!residual) return x.data;
  const at = placesIn(grouping);
  const gateAt = reader(gate, grouping, 1);
  const sum = new Float64Array(x.data.length);
  for (let g = 0; g < at.group.length; g++) {
    for (let e = 0; e < at.element.length; e++) {
      const place = at.group[g]! + at.element[e]!;
      sum[place] = x.data[place]! + gateAt(g, e) * residual.data[place]!;
    }
  }
  return sum;
}

/** What is read for each element of each group on the way to y, whatever was given. */
export interface Readers {
  weight: (g: number, e: number) => number;
  bias: (g: number, e: number) => number;
  scale: (g: number, e: number) => number;
  shift: (g: number, e: number) => number;
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
