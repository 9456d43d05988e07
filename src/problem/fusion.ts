import { NormError } from '../errors.ts';
import type { Activation, ActivationOptions } from '../options/activation.ts';
import type { Axis } from './definition.ts';
import type { Dtype, FloatDtype } from './dtype.ts';
import type { Layout } from './layout.ts';
import { maskOf } from './mask.ts';
import type { Mask, MaskOptions } from './mask.ts';
import { modulationStrides } from './modulation.ts';
import type { Strided } from './modulation.ts';
import { multiplyAddOf } from './multiply-add.ts';
import type { MultiplyAdd, MultiplyAddOptions } from './multiply-add.ts';
import { checkParameterDtype } from './parameters.ts';
import type { TensorSpec } from './parameters.ts';
import { formatShape, isSameShape } from './shape.ts';

/**
 * Steps of a call besides normalizing, at the cost of the normalization alone:
 * y = activation(((x_hat(x · m(by) + inputBias + gate · residual) · weight + bias) · (1 + scale) + shift) · m(by) + add).
 *
 * Gate, scale and shift broadcast to x: `[N,C]`, a row a sample and a number a channel, in whatever order x has those axes; or `[C]`;
 * or of as many axes as x, each of size 1 or that of x (`[N,tokens,C]`, a spatial map `[N,C,H,W]`). Where x has two axes, an array of
 * two is `[N,C]` if it fits so. Where a mode has no layout, samples are the first axis and channels the last. They hold f32 or what x holds.
 */
export interface FusionOptions<T> extends ActivationOptions, MultiplyAddOptions<T> {
  /** Added to x before anything is measured: of the shape of x, or broadcast to it as a modulation is; of f32 or what x holds. */
  residual?: T | undefined;
  /** The factor of a residual of the shape of x. */
  gate?: T | undefined;
  /** Added to x too: the bias of the layer before, `[C]` as a rule; of f32 or what x holds. */
  inputBias?: T | undefined;
  /**
   * Takes x + inputBias + gate · residual, of the shape of x and the dtype of the residual, or x: the residual itself, or one apart. A Forward
   * function makes it where it is left out.
   */
  residualOut?: T | undefined;
  /** Scale and shift that follow weight and bias (AdaLN, FiLM, SPADE): · (1 + scale) + shift. */
  modulation?: Modulation<T> | undefined;
}

/** One of the two at least, if not both; what may be undefined is known at run time. */
export type Modulation<T> =
  | { scale: T | undefined; shift?: T | undefined }
  | { scale?: T | undefined; shift: T | undefined };

/** All of what some mode does besides normalizing. */
export interface AnyFusion<T> extends FusionOptions<T>, MaskOptions<T> {
  zeroCenteredWeight?: boolean | undefined;
  partial?: number | undefined;
  outputDtype?: FloatDtype | undefined;
}

/** The fusions of a problem; arrays are null where they are not given. */
export interface Fusion extends MultiplyAdd<Strided> {
  /** The dtype of a residual as large as x. */
  residual: Dtype | null;
  /** The array that broadcasts to x and is added to it: inputBias, or a residual. */
  inputBias: Strided | null;
  /** The dtype of the sum that is normalized. */
  inputDtype: Dtype;
  gate: Strided | null;
  writesResidualOut: boolean;
  scale: Strided | null;
  shift: Strided | null;
  activation: Activation | null;
  mask: Mask | null;
  maskOutput: boolean;
}

/**
 * The fusions of a call.
 *
 * @throws NormError `shape` or `dtype` where a residual or a mask does not fit x, `parameter` where a modulation does not broadcast,
 * `option` where a residual that broadcasts comes with what only one as large as x takes.
 */
export function fusionOf(
  op: string,
  x: TensorSpec,
  axes: readonly Axis[],
  layout: Layout,
  hasLayout: boolean,
  options: AnyFusion<TensorSpec> & { unbiased?: boolean | undefined; rotary?: object | undefined },
  saves: boolean,
): Fusion {
  const { residual, gate, inputBias, residualOut, modulation, activation, maskOutput = false } = options;
  const strided = (
    name: 'residual' | 'inputBias' | 'gate' | 'scale' | 'shift',
    tensor: TensorSpec | undefined,
  ): Strided | null => {
    if (!tensor) return null;
    checkParameterDtype(op, name, tensor, x.dtype);
    return {
      resource: name,
      dtype: tensor.dtype,
      strides: modulationStrides(op, name, tensor, x.shape, axes, layout),
    };
  };
  const isLarge = residual !== undefined && isSameShape(residual.shape, x.shape);
  if (residual && !isLarge) checkBroadcastResidual(op, residual, options);
  const isSum = residual !== undefined || inputBias !== undefined;
  if (residual) checkParameterDtype(op, 'residual', residual, x.dtype);
  return {
    residual: isLarge ? residual.dtype : null,
    inputBias: isLarge
      ? strided('inputBias', inputBias)
      : (strided('residual', residual) ?? strided('inputBias', inputBias)),
    inputDtype: isLarge ? residual.dtype : x.dtype,
    gate: strided('gate', gate),
    writesResidualOut: isSum && (saves || residualOut !== undefined),
    scale: strided('scale', modulation?.scale),
    shift: strided('shift', modulation?.shift),
    ...multiplyAddOf(op, x, axes, layout, options),
    activation: activation ?? null,
    mask: maskOf(op, x, axes, layout, hasLayout, options),
    maskOutput,
  };
}

/** How many elements of each group its statistics are of; null: all of them. */
export function partialCount(partial: number | undefined, length: number): number | null {
  if (partial === undefined) return null;
  const count = Math.max(1, Math.floor(partial * length));
  return count === length ? null : count;
}

/** @throws NormError `option` where a residual that broadcasts comes with what only one as large as x takes. */
function checkBroadcastResidual(op: string, { shape }: TensorSpec, { gate, inputBias }: AnyFusion<TensorSpec>): void {
  const other = gate ? 'gate' : inputBias ? 'inputBias' : null;
  if (other === null) return;
  throw new NormError(
    'option',
    `${op}: ${other} is given beside a residual ${formatShape(shape)} that broadcasts to x; combine the two small arrays before the call`,
  );
}
