import type { ElementwiseName } from './arrays.ts';
import type { Axis, Definition } from './definition.ts';
import type { Dtype } from './dtype.ts';
import type { Fusion } from './fusion.ts';
import type { Strided } from './modulation.ts';
import { checkParameterDtype, parameterStrides } from './parameters.ts';
import type { TensorSpec } from './parameters.ts';
import { stridesOf } from './shape.ts';

/** Where a tensor's elements lie along the kept axes and along the reduced ones: strides in elements, 0 where it does not vary. */
export interface View {
  kept: number[];
  reduced: number[];
}

/** How arrays that have an element for each of x lie, where any of them or x is strided; else empty: all lie alike. */
export type Views = Partial<Record<ElementwiseName, View>>;

/** An array of a call: the name it has there, how it is stored and where its elements lie. */
export interface Operand {
  resource: string;
  dtype: Dtype;
  view: View;
  /** As of {@link Strided}. */
  isLikeX?: boolean;
}

/** Weight and bias, as planning sees them. */
export interface Affine {
  weight: Operand | null;
  bias: Operand | null;
  /** Whether 1 is added to the weight. */
  zeroCenteredWeight: boolean;
}

/** Weight and bias that come first, and those of the modulation where both are given. */
export interface Affines extends Affine {
  /** Scale and shift that follow a weight or a bias; where they stand alone, they are those. */
  modulation: Affine | null;
}

/** The options that say so. */
interface AffineOptions {
  weight?: TensorSpec;
  bias?: TensorSpec;
  zeroCenteredWeight?: boolean;
  style?: TensorSpec;
}

/** Weight and bias, then scale and shift. A scale or shift alone is a weight about 1 or a bias. */
export function affinesOf<O extends AffineOptions>(
  definition: Definition<O>,
  x: TensorSpec,
  axes: readonly Axis[],
  options: O,
  { scale, shift }: Fusion,
): Affines {
  const { zeroCenteredWeight = false, style } = options;
  const parameter = (name: 'weight' | 'bias'): Operand | null => {
    if (style) return { resource: name, dtype: 'f32', view: splitStrides(axes, varyingStrides(axes, 'parameter')) };
    const tensor = options[name];
    if (!tensor) return null;
    checkParameterDtype(definition.op, name, tensor, x.dtype);
    const strides = parameterStrides(definition, name, tensor, x.shape, axes);
    return operandOf(axes, { resource: name, dtype: tensor.dtype, strides });
  };
  const own = { weight: parameter('weight'), bias: parameter('bias'), zeroCenteredWeight };
  if (!scale && !shift) return { ...own, modulation: null };
  const modulation: Affine = {
    weight: scale && operandOf(axes, scale),
    bias: shift && operandOf(axes, shift),
    zeroCenteredWeight: true,
  };
  // What GRN multiplies by is 1 and more, with a weight and without.
  const isAlone = !own.weight && !own.bias && definition.statistic(options) !== 'response';
  return isAlone ? { ...modulation, modulation: null } : { ...own, modulation };
}

/** Strides of an array that holds one number for each index of the axes with the given flag. */
export function varyingStrides(axes: readonly Axis[], flag: 'parameter' | 'channel'): number[] {
  const strides = stridesOf(axes.map((axis) => (axis[flag] ? axis.size : 1)));
  return axes.map((axis, index) => (axis[flag] ? strides[index]! : 0));
}

export function operandOf(axes: readonly Axis[], { resource, dtype, strides, isLikeX = false }: Strided): Operand {
  return { resource, dtype, view: splitStrides(axes, strides), isLikeX };
}

export function splitStrides(axes: readonly Axis[], strides: readonly number[]): View {
  return {
    kept: strides.filter((_, index) => !axes[index]!.reduced),
    reduced: strides.filter((_, index) => axes[index]!.reduced),
  };
}
