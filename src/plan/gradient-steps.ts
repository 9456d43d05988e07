import type { Operand, View } from '../problem/affine.ts';
import { withoutSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import { rowMajorView } from '../problem/strides.ts';
import type { GradientName, GradientRequest, WriteMode } from './gradient-request.ts';
import type { Renaming } from './passes/gradient-operands.ts';

/** A gradient that follows, of one that is there. */
export interface GradientStep {
  problem: Problem;
  request: GradientRequest;
  names: Renaming;
}

/** A gradient of elements that is there, or is to be: the array that holds it, and how it lies. */
export interface ViewedArray {
  array: Renaming[string];
  view: View;
}

/** Scratch memory for a gradient of elements. */
export function scratchArray(problem: Problem, resource: string): ViewedArray {
  return { array: { resource, dtype: 'f32' }, view: rowMajorView(problem) };
}

/** A gradient that goes on as it is. */
export function passOn(problem: Problem, from: ViewedArray, to: ViewedArray, dx: WriteMode): GradientStep {
  return {
    problem: { ...withoutStatistics(problem), x: from.view, views: { dy: from.view, dx: to.view } },
    request: { outputs: { dx }, sums: 'own', dresidualOut: false },
    names: { x: from.array, dy: from.array, dx: to.array },
  };
}

/** The gradient of an array that broadcasts to x: one that is there for each element, summed along what the array is repeated for. */
export function sumOver(
  problem: Problem,
  operand: Operand,
  from: ViewedArray,
  name: GradientName,
  dbias: WriteMode,
): GradientStep {
  return {
    problem: {
      ...withoutStatistics(problem),
      x: from.view,
      views: { dy: from.view },
      bias: { ...operand, resource: 'bias' },
    },
    request: { outputs: { dbias }, sums: 'own', dresidualOut: false },
    names: { x: from.array, dy: from.array, dbias: { resource: name } },
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
    alpha: null,
    inputShift: null,
    meanScale: null,
    partial: null,
    activation: null,
    rotary: null,
    mask: problem.maskOutput ? problem.mask : null,
    measure: 'rms',
    source: 'running',
    channel: null,
    style: null,
  };
}
