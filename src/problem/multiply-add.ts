import { NormError } from '../errors.ts';
import { checkChoice, checkNames } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { Activation } from './activation.ts';
import type { Axis } from './definition.ts';
import type { Layout } from './layout.ts';
import { modulationStrides } from './modulation.ts';
import type { Strided } from './modulation.ts';
import { checkParameterDtype } from './parameters.ts';
import type { TensorSpec } from './parameters.ts';

/** What a factor goes through before it multiplies. */
export type MultiplierActivation = Exclude<Activation, 'leaky-relu' | 'elu'>;

const MULTIPLIERS: readonly MultiplierActivation[] = ['relu', 'silu', 'gelu', 'gelu-tanh', 'sigmoid', 'tanh'];

/** An elementwise factor: a gated RMSNorm's z, a gate of a block. */
export interface Multiply<T> {
  /** The factor: of the shape of x, or broadcast to it as a modulation is; of f32 or what x holds. */
  by: T;
  /** What the factor goes through first. Default: nothing. */
  activation?: MultiplierActivation | undefined;
  /** Whether x is multiplied before anything is measured, or z, what follows weight, bias and modulation. Default: `'after'`. */
  where?: 'before' | 'after' | undefined;
}

/** A factor of x or of z, and an addend at the end. */
export interface MultiplyAddOptions<T> {
  /** x · activation(by) before, or z · activation(by) after all that is named above: norm(x) · silu(z), norm(x · silu(z)). */
  multiply?: Multiply<T> | undefined;
  /** Added last, before the activation: of the shape of x, or broadcast to it as a modulation is; of f32 or what x holds. */
  add?: T | undefined;
}

/** What of a problem multiplies and adds element by element; `Array` is how the arrays are described. */
export interface MultiplyAdd<Array> {
  multiply: { by: Array; activation: MultiplierActivation | null; before: boolean } | null;
  add: Array | null;
}

/**
 * The factor and the addend of a call.
 *
 * @throws NormError `option`, `dtype` or `parameter` where they make no sense, or do not broadcast to x.
 */
export function multiplyAddOf(
  op: string,
  x: TensorSpec,
  axes: readonly Axis[],
  layout: Layout,
  { multiply, add }: MultiplyAddOptions<TensorSpec>,
): MultiplyAdd<Strided> {
  const strided = (resource: 'by' | 'add', tensor: TensorSpec): Strided => {
    checkParameterDtype(op, resource, tensor, x.dtype);
    const strides = modulationStrides(op, resource, tensor, x.shape, axes, layout);
    return { resource, dtype: tensor.dtype, strides };
  };
  return {
    multiply: multiply
      ? {
          by: strided('by', multiply.by),
          activation: multiply.activation ?? null,
          before: multiply.where === 'before',
        }
      : null,
    add: add ? strided('add', add) : null,
  };
}

/** @throws NormError `option` where a factor is none, or would multiply what something is added to. */
export function checkMultiply(op: string, multiply: Multiply<unknown>, added: unknown): void {
  checkNames(op, multiply, ['by', 'activation', 'where'], 'multiply');
  const { by, activation, where = 'after' } = multiply;
  if (by === undefined) throw new NormError('option', `${op}: multiply has no by; give the factor`);
  checkChoice(op, 'where of multiply', where, ['before', 'after']);
  if (activation !== undefined) checkChoice(op, 'activation of multiply', activation, MULTIPLIERS);
  if (where === 'before' && added !== undefined) {
    throw new NormError(
      'option',
      `${op}: multiply has where ${formatValue(where)}, and something is added to x; which of them comes first is not said: multiply x in a call before`,
    );
  }
}
