import type { Operand } from '../problem/affine.ts';
import { withoutSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import type { GradientName, GradientRequest, WriteMode } from './gradient-request.ts';
import type { Renaming } from './passes/gradient-operands.ts';

/** A gradient that follows, of one that is there. */
export interface GradientStep {
  problem: Problem;
  request: GradientRequest;
  names: Renaming;
}

/** A gradient that goes on as it is. */
export function passOn(problem: Problem, from: Renaming[string], to: Renaming[string], dx: WriteMode): GradientStep {
  return {
    problem: withoutStatistics(problem),
    request: { outputs: { dx }, sums: 'own', dresidualOut: false },
    names: { x: from, dy: from, dx: to },
  };
}

/** The gradient of an array that broadcasts to x: one that is there for each element, summed along what the array is repeated for. */
export function sumOver(
  problem: Problem,
  operand: Operand,
  from: Renaming[string],
  name: GradientName,
  dbias: WriteMode,
): GradientStep {
  return {
    problem: { ...withoutStatistics(problem), bias: { ...operand, resource: 'bias' } },
    request: { outputs: { dbias }, sums: 'own', dresidualOut: false },
    names: { x: from, dy: from, dbias: { resource: name } },
  };
}

/** The problem of a gradient that goes on as it is, or times a weight: x_hat is x. */
export function withoutStatistics(problem: Problem): Problem {
  return {
    ...withoutSum(problem),
    weight: null,
    bias: null,
    zeroCenteredWeight: false,
    outputDtype: problem.dtype,
    inputDtype: problem.dtype,
    modulation: null,
    multiply: null,
    add: null,
    partial: null,
    activation: null,
    mask: problem.maskOutput ? problem.mask : null,
    measure: 'rms',
    source: 'running',
    channel: null,
    style: null,
  };
}
