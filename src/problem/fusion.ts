import { NormError } from '../errors.ts';
import type { Axis } from './definition.ts';
import type { Dtype } from './dtype.ts';
import { formatValue } from './format-value.ts';
import type { Layout } from './layout.ts';
import { modulationStrides, stridesAlong } from './modulation.ts';
import { checkChoice } from './options.ts';
import { checkParameterDtype } from './parameters.ts';
import type { Described } from './parameters.ts';
import { formatShape, isSameShape } from './shape.ts';

export type Activation = 'relu' | 'leaky-relu' | 'silu' | 'gelu' | 'gelu-tanh' | 'sigmoid' | 'tanh';

const ACTIVATIONS: readonly Activation[] = ['relu', 'leaky-relu', 'silu', 'gelu', 'gelu-tanh', 'sigmoid', 'tanh'];

/**
 * What a call does besides normalizing, at the cost of the normalization alone:
 * y = activation((normalize(x + gate · residual) · weight + bias) · (1 + scale) + shift).
 *
 * Gate, scale and shift broadcast to x: `[N,C]`, a row a sample and a number a channel, in whatever order x has those axes; or `[C]`;
 * or of as many axes as x, each of size 1 or that of x (`[N,tokens,C]`, a spatial map `[N,C,H,W]`). Where x has two axes, an array of
 * two is `[N,C]` if it fits so. Where a mode has no layout, samples are the first axis and channels the last. They hold f32 or what x holds.
 */
export interface FusionOptions<T> {
  /** Added to x before anything is measured; of the shape and dtype of x. */
  residual?: T;
  /** What the residual is multiplied by. */
  gate?: T;
  /** Also return x + gate · residual: the call then gives `{ y, sum }`. With `save` it does so anyway. */
  returnSum?: boolean;
  /** A modulation that follows weight and bias: · (1 + scale). */
  scale?: T;
  /** … + shift. */
  shift?: T;
  /** What follows all that; `'gelu'` is exact, `'gelu-tanh'` its approximation. */
  activation?: Activation;
  /** The slope of `'leaky-relu'` below zero. Default: 0.01. */
  negativeSlope?: number;
}

/** Which positions of padded samples are there. */
export interface MaskOptions<T> {
  /**
   * Of the shape of x without its channels: `[N,T]` for `[N,T,C]` or `[N,C,T]`. Where it is zero, a position is left out of the
   * statistics. It holds u32, f32 or what x holds.
   */
  mask?: T;
  /**
   * Whether y and the sum that is returned are 0 where the mask is zero, and nothing comes back from there: dx, dresidual and what an
   * array has there get the gradient 0, whatever is stored there in any array. Default: false, these positions are normalized like the others.
   */
  maskOutput?: boolean;
}

/** All of what some mode does besides normalizing. */
export interface AnyFusion<T> extends FusionOptions<T>, MaskOptions<T> {
  zeroCenteredWeight?: boolean;
  partial?: number;
}

/** The options that every mode has. */
export const FUSIONS = ['residual', 'gate', 'returnSum', 'scale', 'shift', 'activation', 'negativeSlope'] as const;

/** An array of a call by the name of its option: how it is stored, and its strides along the axes of x, 0 where it does not vary. */
export interface Strided {
  resource: string;
  dtype: Dtype;
  strides: number[];
}

/** What of a problem is fusion; arrays are null where they are not given. */
export interface Fusion {
  residual: boolean;
  gate: Strided | null;
  keepsSum: boolean;
  scale: Strided | null;
  shift: Strided | null;
  activation: Activation | null;
  negativeSlope: number;
  mask: Strided | null;
  maskOutput: boolean;
}

/**
 * The fusions of a call.
 *
 * @throws NormError `shape` or `dtype` where a residual or a mask does not fit x, `parameter` where a modulation does not broadcast,
 * `option` where an option is unknown or lacks another.
 */
export function fusionOf(
  op: string,
  x: Described,
  axes: readonly Axis[],
  layout: Layout,
  options: AnyFusion<Described> & { save?: boolean; moments?: unknown },
): Fusion {
  const { residual, gate, returnSum = false, activation, negativeSlope = 0.01, mask, maskOutput = false } = options;
  needs(op, 'gate', gate !== undefined, 'residual', residual);
  needs(op, 'returnSum', returnSum, 'residual', residual);
  needs(op, 'maskOutput', maskOutput, 'mask', mask);
  needs(
    op,
    'negativeSlope',
    options.negativeSlope !== undefined,
    "activation 'leaky-relu'",
    activation === 'leaky-relu' || undefined,
  );
  if (activation !== undefined) checkChoice(op, 'activation', activation, ACTIVATIONS);
  if (typeof negativeSlope !== 'number' || !Number.isFinite(Math.fround(negativeSlope))) {
    throw new NormError('option', `${op}: negativeSlope is ${formatValue(negativeSlope)}; it must be a finite number`);
  }
  if (mask && options.moments) {
    throw new NormError(
      'option',
      `${op}: mask and moments are both given; moments have counted their elements already`,
    );
  }
  if (residual) checkResidual(op, residual, x);
  const modulation = (name: 'gate' | 'scale' | 'shift'): Strided | null => {
    const tensor = options[name];
    if (!tensor) return null;
    checkParameterDtype(op, name, tensor, x.dtype);
    return {
      resource: name,
      dtype: tensor.dtype,
      strides: modulationStrides(op, name, tensor.shape, x.shape, axes, layout),
    };
  };
  return {
    residual: residual !== undefined,
    gate: modulation('gate'),
    keepsSum: residual !== undefined && (returnSum || (options.save ?? false)),
    scale: modulation('scale'),
    shift: modulation('shift'),
    activation: activation ?? null,
    negativeSlope,
    mask: mask ? maskOf(op, mask, x, axes, layout) : null,
    maskOutput,
  };
}

/** How many elements of each group its statistics are of; null: all of them. */
export function leadingOf(op: string, partial: number | undefined, length: number): number | null {
  if (partial === undefined) return null;
  if (typeof partial !== 'number' || !(partial > 0 && partial <= 1)) {
    throw new NormError('option', `${op}: partial is ${formatValue(partial)}; it must be above 0 and at most 1`);
  }
  const leading = Math.max(1, Math.floor(partial * length));
  return leading === length ? null : leading;
}

function needs(op: string, name: string, given: boolean, other: string, there: unknown): void {
  if (given && there === undefined) {
    throw new NormError('option', `${op}: ${name} is given without ${other}; give both, or neither`);
  }
}

function checkResidual(op: string, { shape, dtype }: Described, x: Described): void {
  if (dtype !== x.dtype) {
    throw new NormError('dtype', `${op}: residual holds ${dtype}, but x holds ${x.dtype}; they must be alike`);
  }
  if (!isSameShape(shape, x.shape)) {
    throw new NormError(
      'shape',
      `${op}: residual has shape ${formatShape(shape)}, but x has ${formatShape(x.shape)}; they must be alike`,
    );
  }
}

function maskOf(
  op: string,
  { shape, dtype }: Described,
  x: Described,
  axes: readonly Axis[],
  { channel }: Layout,
): Strided {
  const wanted = x.shape.filter((_, axis) => axis !== channel);
  if (!isSameShape(shape, wanted)) {
    throw new NormError(
      'shape',
      `${op}: mask has shape ${formatShape(shape)}; for x ${formatShape(x.shape)} it must have ${formatShape(wanted)}, that of x without its channels`,
    );
  }
  if (dtype !== 'u32' && dtype !== 'f32' && dtype !== x.dtype) {
    throw new NormError('dtype', `${op}: mask holds ${dtype}; it must hold u32, f32 or what x holds`);
  }
  const along = x.shape.map((_, axis) => axis).filter((axis) => axis !== channel);
  return { resource: 'mask', dtype, strides: stridesAlong(shape, along, axes) };
}
