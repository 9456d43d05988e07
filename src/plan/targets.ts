import type { Dtype } from '../problem/dtype.ts';
import type { Operand } from '../problem/affine.ts';
import type { Problem } from '../problem/problem.ts';
import { stridesOf } from '../problem/shape.ts';
import type { Binding } from './plan.ts';
import type { Dimension } from './walk.ts';

/** What becomes of a gradient: nothing, a tensor of its own, or a sum with what is there. */
export type Deposit = 'none' | 'set' | 'add';

/** What becomes of each gradient of a call. */
export type Wanted = Record<
  'dx' | 'dresidual' | 'dgate' | 'dweight' | 'dbias' | 'dscale' | 'dshift' | 'dstyle',
  Deposit
>;

export const NOTHING: Wanted = {
  dx: 'none',
  dresidual: 'none',
  dgate: 'none',
  dweight: 'none',
  dbias: 'none',
  dscale: 'none',
  dshift: 'none',
  dstyle: 'none',
};

/** A tensor that takes a gradient. */
export interface Target {
  resource: string;
  dtype: Dtype;
  deposit: 'set' | 'add';
}

/** The tensors that take the gradients of a weight and a bias, where those are wanted. */
export type ParametersWanted = Record<'dweight' | 'dbias', Target | null>;

export const NO_PARAMETERS: ParametersWanted = { dweight: null, dbias: null };

/** What takes the gradient of an array of the call. */
export function targetOf(operand: Operand | null, wanted: Wanted): Target | null {
  if (!operand) return null;
  const resource = `d${operand.resource}`;
  const deposit = wanted[resource as keyof Wanted];
  return deposit === 'none' || deposit === undefined ? null : { resource, dtype: operand.dtype, deposit };
}

/** What takes the gradients of the one weight and the one bias of a problem. */
export function parametersOf({ weight, bias }: Problem, wanted: Wanted): ParametersWanted {
  return { dweight: targetOf(weight, wanted), dbias: targetOf(bias, wanted) };
}

export function parameterPieces({ dweight, dbias }: ParametersWanted): Record<'dweight' | 'dbias', Deposit> {
  return { dweight: dweight?.deposit ?? 'none', dbias: dbias?.deposit ?? 'none' };
}

/** What a pass that writes the gradients of weight and bias binds. */
export function parameterBindings({ dweight, dbias }: ParametersWanted): Binding[] {
  const binding = (name: string, target: Target | null): Binding[] =>
    target ? [{ name, resource: target.resource, type: 'Accumulator', dtype: target.dtype, writes: true }] : [];
  return [...binding('dweight', dweight), ...binding('dbias', dbias)];
}

/** Whether sums along these axes are dweight and dbias as they stand. */
export function areParameters(dimensions: readonly Dimension[], { dweight, dbias }: ParametersWanted): boolean {
  const strides = stridesOf(dimensions.map(({ size }) => size));
  const match = (name: 'weight' | 'bias'): boolean => dimensions.every((axis, index) => axis[name] === strides[index]);
  return (!dweight || match('weight')) && (!dbias || match('bias'));
}
