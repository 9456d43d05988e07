import { arrivingOf, EPS, MOMENTUM, inputShapes, outputNames } from './cases/case.ts';
import type { Case, OutputName, Pass } from './cases/case.ts';
import type { Data } from './libraries/library.ts';
import * as reference from '../src/reference/index.ts';
import type { NdArray } from '../src/reference/index.ts';

type Exact = Partial<Record<OutputName, Float64Array>>;

/** What a pass of a case gives, in float64. */
export function exactOf(of: Case, pass: Pass, arrays: Data['arrays']): Exact {
  if (pass === 'step') return { ...exactOf(of, 'forward', arrays), ...exactOf(of, 'backward', arrays) };
  const arriving = arrivingOf(of).map((name) => [name, of.shape] as const);
  const shapes: Partial<Record<string, readonly number[]>> = { ...inputShapes(of), ...Object.fromEntries(arriving) };
  const given = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, { data, shape: shapes[name]! }]),
  ) as unknown as Given;
  const results: Record<string, NdArray<Float64Array>> = pass === 'forward' ? forward(of, given) : backward(of, given);
  return Object.fromEntries(outputNames(of, pass).map((name) => [name, results[name]!.data]));
}

type Given = Partial<Record<string, NdArray>> & { x: NdArray; dy: NdArray; style: NdArray };

function forward(of: Case, given: Given): Record<string, NdArray<Float64Array>> {
  const { x, style } = given;
  const options = optionsOf(of, given);
  switch (of.norm) {
    case 'layerNorm':
      return { ...reference.layerNorm(x, options) };
    case 'rmsNorm':
      return { ...reference.rmsNorm(x, options) };
    case 'batchNorm':
    case 'batchNormInference':
      return { ...reference.batchNorm(x, options) };
    case 'instanceNorm':
      return { ...reference.instanceNorm(x, options) };
    case 'groupNorm':
      return { ...reference.groupNorm(x, options) };
    case 'adaptiveInstanceNorm':
      return { ...reference.adaptiveInstanceNorm(x, style, options) };
  }
}

function backward(of: Case, given: Given): Record<string, NdArray<Float64Array>> {
  const { x, dy, style } = given;
  const options = optionsOf(of, given);
  switch (of.norm) {
    case 'layerNorm':
      return { ...reference.layerNormBackward(dy, x, options) };
    case 'rmsNorm':
      return { ...reference.rmsNormBackward(dy, x, options) };
    case 'batchNorm':
    case 'batchNormInference':
      return { ...reference.batchNormBackward(dy, x, options) };
    case 'instanceNorm':
      return { ...reference.instanceNormBackward(dy, x, options) };
    case 'groupNorm':
      return { ...reference.groupNormBackward(dy, x, options) };
    case 'adaptiveInstanceNorm':
      return { ...reference.adaptiveInstanceNormBackward(dy, x, style, options) };
  }
}

function optionsOf(
  { norm, shape, layout, axes = 1, groups = 1, activation }: Case,
  { weight, bias, runningMean, runningVar, residual, scale, shift, dresidualOut }: Given,
) {
  const affine = { eps: EPS, weight, bias, residual, modulation: { scale, shift }, activation, dresidualOut };
  const last = { axes: shape.map((_, axis) => axis).slice(shape.length - axes) };
  switch (norm) {
    case 'layerNorm':
    case 'rmsNorm':
      return { ...affine, ...last, numGroups: groups };
    default:
      return {
        ...affine,
        layout,
        numGroups: groups,
        training: norm === 'batchNorm',
        runningMean,
        runningVar,
        momentum: MOMENTUM,
      };
  }
}
