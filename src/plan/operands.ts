import { isHalf } from '../problem/dtype.ts';
import type { Operand } from '../problem/affine.ts';
import type { Problem } from '../problem/problem.ts';
import type { Loads } from './loads.ts';
import { planeSize, PLANES } from './plan.ts';
import type { Binding, Pass } from './plan.ts';
import type { Setting } from './setting.ts';

/** What a concern adds to a pass: pieces of shader, numbers they are built with, arrays they read. */
export interface Part extends Pick<Pass, 'use' | 'constants' | 'bindings'> {}

/** Where AdaIN's weight and bias are: planes of the style's statistics. */
export const STYLE_STATISTICS = 'styleStatistics';

type PartSetting = Pick<Setting, 'problem' | 'loads'>;

/** What is normalized: x, or the sum of x and residual. */
export function inputPart({ problem, loads }: PartSetting, x = 'x'): Part {
  const { residual, gate, dtype, keepsSum, castBeforeWeight } = problem;
  const bindings: Binding[] = [{ name: 'x', resource: x, type: 'Value', dtype, writes: false }];
  if (residual) bindings.push({ name: 'residual', resource: 'residual', type: 'Value', dtype, writes: false });
  if (gate) bindings.push(operandBinding('gate', gate, loads));
  const input = residual ? (gate ? 'gated' : 'residual') : 'alone';
  const stored = residual && keepsSum && isHalf(dtype);
  const rounds = stored || (castBeforeWeight && isHalf(dtype));
  return {
    use: { input, rounding: rounds ? dtype : 'none' },
    constants: residual ? { ROUND_SUM: stored ? 1 : 0 } : {},
    bindings,
  };
}

/** The sum of x and residual, where a pass keeps it. */
export function sumPart({ dtype }: Problem, keeps: boolean): Part {
  const bindings: Binding[] = [{ name: 'sum', resource: 'sum', type: 'Value', dtype, writes: true }];
  return { use: { sum: keeps ? 'set' : 'none' }, constants: {}, bindings: keeps ? bindings : [] };
}

/** Weight and bias, as far as they are there and wanted. */
export function affinePart(
  { problem, loads }: PartSetting,
  wanted: { weight: boolean; bias: boolean } = { weight: true, bias: true },
): Part {
  const weight = wanted.weight ? problem.weight : null;
  const bias = wanted.bias ? problem.bias : null;
  return {
    use: {
      weight: weight ? (problem.plusOne ? 'plus_one' : 'given') : 'none',
      bias: bias ? 'given' : 'none',
    },
    constants: {},
    bindings: [
      ...(weight ? [{ ...operandBinding('weight', weight, loads), ...placeOf(problem, weight) }] : []),
      ...(bias ? [{ ...operandBinding('bias', bias, loads), ...placeOf(problem, bias) }] : []),
    ],
  };
}

/** What follows weight and bias; its arrays are theirs. */
export function activationPart({ activation }: Problem): Part {
  return { use: { activation: activation?.replaceAll('-', '_') ?? 'none' }, constants: {}, bindings: [] };
}

/** Which elements the statistics are of, where a pass has to do with those, and which have a result. */
export function memberPart({ problem, loads }: PartSetting, measures: boolean): Part {
  const { mask, maskOutput, leading } = problem;
  const masked = mask !== null && (measures || maskOutput);
  const member = masked ? 'masked' : measures && leading !== null ? 'leading' : 'all';
  return {
    use: { member, shown: maskOutput ? 'masked' : 'all' },
    constants: member === 'leading' ? { LEADING: leading!, ...positionNumbers(loads) } : {},
    bindings: masked ? [operandBinding('mask', mask, loads)] : [],
  };
}

/** Whether sums may be of padding alone (shaders/math/sum_times). */
export function maskedNumbers({ maskOutput }: Problem): Record<'MASKED', number> {
  return { MASKED: maskOutput ? 1 : 0 };
}

/** How the map of positions counts: in loads of four or in elements, and whether a load has one position or four. */
function positionNumbers({ vector, edges, each }: Loads): Record<string, number> {
  const four = vector !== 'scalar' && each['position'];
  return { POSITION_SCALE: four && edges === 'aligned' ? 4 : 1, POSITION_STEP: four ? 1 : 0 };
}

function operandBinding(name: string, { resource, dtype }: Operand, { each }: Loads): Binding {
  return { name, resource, type: each[name] ? 'Value' : 'f32', dtype, writes: false };
}

/** Where an array is: AdaIN's weight and bias are no tensors of the call. */
export function placeOf({ style, groups }: Problem, { resource }: Operand): Pick<Binding, 'resource' | 'offset'> {
  if (!style || (resource !== 'weight' && resource !== 'bias')) return { resource };
  const plane = PLANES[resource === 'weight' ? 'scale' : 'mean'];
  return { resource: STYLE_STATISTICS, offset: plane * planeSize(groups) * 4 };
}

/** Several parts as one. */
export function joined(...parts: readonly Part[]): Part {
  return {
    use: Object.assign({}, ...parts.map(({ use }) => use)) as Part['use'],
    constants: Object.assign({}, ...parts.map(({ constants }) => constants)) as Part['constants'],
    bindings: parts.flatMap(({ bindings }) => bindings),
  };
}
