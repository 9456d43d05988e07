import type { Operand } from '../problem/affine.ts';
import type { Dtype } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { stridesOf } from '../problem/shape.ts';
import type { Binding } from './plan.ts';
import type { StridedAxis } from './tiling/iteration-space.ts';

/** The gradients of a call. */
export type GradientName =
  | 'dx'
  | 'dresidual'
  | 'dgate'
  | 'dinputBias'
  | 'dweight'
  | 'dbias'
  | 'dscale'
  | 'dshift'
  | 'dby'
  | 'dadd'
  | 'dmeanScale'
  | 'dalpha'
  | 'dinputShift'
  | 'dstyle';

/** The fate of a gradient: it is written, or added to what is there. */
export type WriteMode = 'write' | 'accumulate';

export type GradientOutputs = Partial<Record<GradientName, WriteMode>>;

/** A gradient request. */
export interface GradientRequest {
  /** The gradients that are computed. */
  outputs: GradientOutputs;
  /** The sums over dz of the groups: computed on the way, or elsewhere over more data than x; or computed alone, for that. */
  sums: 'own' | 'given' | 'part';
  /** Whether a gradient arrives at the sum of x and residual by another way too. */
  dresidualOut: boolean;
}

/** A tensor that takes the gradient of an array. */
export interface ParameterOutput {
  resource: string;
  dtype: Dtype;
  access: WriteMode;
}

/** The tensors that take the gradients of a weight and a bias, where those are wanted. */
export type ParameterOutputs = Record<'dweight' | 'dbias', ParameterOutput | null>;

export const NO_PARAMETERS: ParameterOutputs = { dweight: null, dbias: null };

/** The tensors that take the gradients of a pair of arrays of the call. */
export function outputsFor(
  { weight, bias }: Record<'weight' | 'bias', Operand | null>,
  outputs: GradientOutputs,
): ParameterOutputs {
  const outputFor = (operand: Operand | null): ParameterOutput | null => {
    const resource = `d${operand?.resource}`;
    const access = outputs[resource as GradientName];
    return operand && access ? { resource, dtype: operand.dtype, access } : null;
  };
  return { dweight: outputFor(weight), dbias: outputFor(bias) };
}

/** Bindings of a pass that writes the gradients of weight and bias. */
export function parameterGradientBindings({ dweight, dbias }: ParameterOutputs): Binding[] {
  const binding = (name: 'dweight' | 'dbias', output: ParameterOutput | null): Binding[] =>
    output ? [{ name, ...output, type: 'Accumulator' }] : [];
  return [...binding('dweight', dweight), ...binding('dbias', dbias)];
}

/** Whether sums along these axes are dweight and dbias as they stand. */
export function areParameterGradients(axes: readonly StridedAxis[], { dweight, dbias }: ParameterOutputs): boolean {
  const strides = stridesOf(axes.map(({ size }) => size));
  const match = (name: 'weight' | 'bias'): boolean => axes.every((axis, index) => axis[name] === strides[index]);
  return (!dweight || match('weight')) && (!dbias || match('bias'));
}

/** Gradients that are sums over dz, and all others. */
export function splitOutputs(outputs: GradientOutputs): [sums: GradientOutputs, others: GradientOutputs] {
  const { dweight, dbias, dscale, dshift, dalpha, dinputShift, ...others } = outputs;
  const sums = Object.entries({ dweight, dbias, dscale, dshift, dalpha, dinputShift }).filter(([, mode]) => mode);
  return [Object.fromEntries(sums) as GradientOutputs, others];
}

/** Whether the gradient of an array besides x is wanted. */
export function wantsParameterGradients(outputs: GradientOutputs): boolean {
  const { dweight, dbias, dscale, dshift, dgate } = outputs;
  return [dweight, dbias, dscale, dshift, dgate].some((mode) => mode !== undefined) || wantsPointwiseGradients(outputs);
}

/** Whether those of what a function of each element takes besides it are. */
export function wantsPointwiseGradients({ dalpha, dinputShift }: GradientOutputs): boolean {
  return dalpha !== undefined || dinputShift !== undefined;
}

/** Whether dx, dstyle or dmeanScale, or the gradient of what x was multiplied by, is wanted: they need the sums over dz of the groups. */
export function wantsInputGradients(
  { dx, dstyle, dmeanScale, dby }: GradientOutputs,
  { multiply }: Pick<Problem, 'multiply'>,
): boolean {
  return [dx, dstyle, dmeanScale].some((mode) => mode !== undefined) || (dby !== undefined && multiply!.before);
}

/** Gradients that have an element for each of x, which the pass that makes dx writes. */
export type ElementOutputs = Pick<GradientOutputs, 'dx' | 'dby' | 'dadd'>;

export function elementOutputs({ dx, dby, dadd }: GradientOutputs): ElementOutputs {
  return { ...(dx && { dx }), ...(dby && { dby }), ...(dadd && { dadd }) };
}
