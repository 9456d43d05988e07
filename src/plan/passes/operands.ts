import { isHalf } from '../../problem/dtype.ts';
import type { Dtype } from '../../problem/dtype.ts';
import type { Activation } from '../../options/activation.ts';
import type { Operand } from '../../problem/affine.ts';
import { isSum } from '../../problem/problem.ts';
import type { OperandName, Problem } from '../../problem/problem.ts';
import { isPointwise, traitsOf } from '../../problem/statistics.ts';
import { PLANES, planeSize } from '../plan.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Tiling } from '../tiling/tiling.ts';
import type { Vectorization } from '../tiling/vectorization.ts';
import type { Uniforms } from '../uniforms.ts';

/** Operands that a concern adds to a pass: strategies, constants of its shader, arrays, numbers. */
export interface Operands extends Pick<Pass, 'choose' | 'constants' | 'bindings'> {
  uniforms?: Partial<Uniforms>;
}

/** Where AdaIN's weight and bias are: planes of the style's statistics. */
export const STYLE_STATISTICS = 'styleStatistics';

export type OperandTiling = Pick<Tiling, 'problem' | 'vectorization'>;

/** s = x · m(by) + inputBias + gate · residual, which is normalized. */
export function inputOperands(tiling: OperandTiling, x = 'x'): Operands {
  const { problem, vectorization } = tiling;
  const { residual, gate, inputBias, inputDtype, dtype, writesResidualOut } = problem;
  const bindings: Binding[] = [{ name: 'x', resource: x, type: 'Value', dtype, access: 'read' }];
  if (residual)
    bindings.push({ name: 'residual', resource: 'residual', type: 'Value', dtype: residual, access: 'read' });
  if (inputBias) bindings.push(operandBinding('input_bias', inputBias, vectorization));
  if (gate) bindings.push(operandBinding('gate', gate, vectorization));
  const constants = {
    ROUND_SUM: isSum(problem) && writesResidualOut && isHalf(inputDtype),
    IN_RANGE: isInRange(problem),
  };
  return joined({ choose: {}, constants, bindings }, multiplyBefore(tiling));
}

/** Whether squares of what is normalized, and sums of as many as there may be, are f32: that of numbers of f16 as they are. */
export function isInRange({ dtype, residual, inputBias, gate, multiply, measure }: Problem): boolean {
  return (
    [dtype, residual ?? dtype, inputBias?.dtype ?? dtype].every((one) => one === 'f16') &&
    !gate &&
    !multiply?.before &&
    !traitsOf(measure).countsTies
  );
}

/** s, where a pass writes it. */
export function residualOutOperands(dtype: Dtype, writes: boolean): Operands {
  const binding: Binding = { name: 'residual_out', resource: 'residualOut', type: 'Value', dtype, access: 'write' };
  return { choose: {}, constants: {}, bindings: writes ? [binding] : [] };
}

/** Weight and bias, as far as they are there and wanted. */
export function affineOperands(
  { problem, vectorization }: OperandTiling,
  wanted: { weight: boolean; bias: boolean } = { weight: true, bias: true },
): Operands {
  const weight = wanted.weight ? problem.weight : null;
  const bias = wanted.bias ? problem.bias : null;
  const binding = (name: 'weight' | 'bias', operand: Operand | null): Binding[] =>
    operand ? [{ ...operandBinding(name, operand, vectorization), ...placeOf(problem, operand) }] : [];
  const varies = (name: 'weight' | 'bias'): boolean => (vectorization.maps[name]?.element.length ?? 0) > 0;
  return {
    choose: {},
    constants: {
      ZERO_CENTERED_WEIGHT: weight !== null && problem.zeroCenteredWeight,
      WEIGHT_VARIES: (weight !== null && varies('weight')) || (bias !== null && varies('bias')),
    },
    bindings: [...binding('weight', weight), ...binding('bias', bias)],
  };
}

/** Operands of a function of each element besides x, and which it is. */
export function pointwiseOperands({ problem, vectorization }: OperandTiling): Operands {
  const { alpha, inputShift, measure } = problem;
  if (!isPointwise(measure)) return NO_OPERANDS;
  return {
    choose: { statistic: 'rms', curve: measure === 'dynamic-tanh' ? 'tanh' : 'erf' },
    constants: { POINTWISE: true },
    bindings: [
      ...(alpha ? [operandBinding('alpha', alpha, vectorization)] : []),
      ...(inputShift ? [operandBinding('input_shift', inputShift, vectorization)] : []),
    ],
  };
}

/** How much of the mean is taken off, where a pass has to do with that. */
export function meanScaleBindings({ problem: { meanScale }, vectorization }: OperandTiling): Binding[] {
  return meanScale ? [operandBinding('mean_scale', meanScale, vectorization)] : [];
}

/** The modulation that follows weight and bias; its arrays are theirs. */
export function activationOperands({ activation }: Problem): Operands {
  return { choose: { activation: activation === null ? 'identity' : fileOf(activation) }, constants: {}, bindings: [] };
}

/** The factor of x, where it is multiplied before anything is measured. */
export function multiplyBefore({ problem: { multiply }, vectorization }: OperandTiling): Operands {
  return multiply?.before ? multiplier(multiply, vectorization, 'MULTIPLY_BEFORE') : NO_OPERANDS;
}

/** The factor of z, and what is added to that. */
export function multiplyAddAfter(
  { problem: { multiply, add }, vectorization }: OperandTiling,
  wanted: { add: boolean } = { add: true },
): Operands {
  const bindings = add && wanted.add ? [operandBinding('add', add, vectorization)] : [];
  return joined(multiply && !multiply.before ? multiplier(multiply, vectorization, 'MULTIPLY_AFTER') : NO_OPERANDS, {
    choose: {},
    constants: {},
    bindings,
  });
}

const NO_OPERANDS: Operands = { choose: {}, constants: {}, bindings: [] };

function multiplier(
  { by, activation }: NonNullable<Problem['multiply']>,
  vectorization: Vectorization,
  where: 'MULTIPLY_BEFORE' | 'MULTIPLY_AFTER',
): Operands {
  return {
    choose: activation === null ? {} : { multiplier: fileOf(activation) },
    constants: { [where]: true },
    bindings: [operandBinding('by', by, vectorization)],
  };
}

/** The file of shaders/activation. */
function fileOf(activation: Activation): string {
  return activation.replaceAll('-', '_');
}

/** Where packed sequences begin. */
const STARTS: Binding = { name: 'sequence_starts', resource: 'segments', type: 'u32', access: 'read' };

/** Operands that tell which elements statistics include, where a pass has to do with those, and which are masked. */
export function inclusionOperands({ problem, vectorization }: OperandTiling, includes: boolean): Operands {
  const { mask, countPerGroup, maskOutput, partial, sequences } = problem;
  const masks = mask !== null && ((includes && countPerGroup) || maskOutput);
  const inclusion = masks && countPerGroup ? 'masked' : includes && partial !== null ? 'partial' : 'all';
  return {
    choose: { inclusion },
    constants: {
      MASK_OUTPUT: maskOutput,
      ...(inclusion === 'partial' && positionConstants(vectorization)),
    },
    bindings: [
      ...(masks ? [operandBinding('mask', mask, vectorization)] : []),
      ...(sequences === null ? [] : [STARTS]),
    ],
    uniforms: {
      ...(inclusion === 'partial' && { partial: partial! }),
      ...(sequences !== null && { rows: problem.shape[0]!, columns: vectorization.groups / sequences }),
    },
  };
}

/** How the map of positions counts: in loads of four or in elements, and whether a load has one position or four. */
export function positionConstants({ vector, tail, each }: Vectorization): Record<string, number> {
  const four = vector !== 'scalar' && each['position'];
  return { POSITION_SCALE: four && tail === 'exact' ? 4 : 1, POSITION_STEP: four ? 1 : 0 };
}

export function operandBinding(name: OperandName, { resource, dtype }: Operand, { each }: Vectorization): Binding {
  return { name, resource, type: each[name] ? 'Value' : 'f32', dtype, access: 'read' };
}

/** Where an array is: AdaIN's weight and bias are no tensors of the call. */
export function placeOf({ style, groups }: Problem, { resource }: Operand): Pick<Binding, 'resource' | 'byteOffset'> {
  if (!style || (resource !== 'weight' && resource !== 'bias')) return { resource };
  const plane = PLANES[resource === 'weight' ? 'rstd' : 'mean'];
  return { resource: STYLE_STATISTICS, byteOffset: plane * planeSize(groups) * 4 };
}

/** Several as one. */
export function joined(...operands: readonly Operands[]): Operands {
  return {
    choose: Object.assign({}, ...operands.map(({ choose }) => choose)) as Operands['choose'],
    constants: Object.assign({}, ...operands.map(({ constants }) => constants)) as Operands['constants'],
    bindings: operands.flatMap(({ bindings }) => bindings),
    uniforms: Object.assign({}, ...operands.map(({ uniforms }) => uniforms)) as Partial<Uniforms>,
  };
}
