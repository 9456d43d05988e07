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
  const results = pass === 'forward' ? forward(of, given) : backward(of, given);
  return Object.fromEntries(outputNames(of, pass).map((name) => [name, Float64Array.from(results[name]!.data)]));
}

type Given = Partial<Record<string, NdArray>> & { x: NdArray; dy: NdArray; style: NdArray };

function forward(of: Case, given: Given): Record<string, NdArray> {
  const { x, style } = given;
  const { fused, affine, rows, image, tracked } = optionsOf(of, given);
  switch (of.norm) {
    case 'layerNorm':
      return { ...reference.layerNorm(x, { ...affine, ...rows }) };
    case 'rmsNorm':
      return { ...(of.quantized ? reference.rmsNormQuantized : reference.rmsNorm)(x, { ...affine, ...rows }) };
    case 'batchNorm':
    case 'batchNormInference':
      return { ...reference.batchNorm(x, { ...affine, ...image, ...tracked }) };
    case 'instanceNorm':
      return { ...reference.instanceNorm(x, { ...affine, ...image }) };
    case 'groupNorm':
      return { ...reference.groupNorm(x, { ...affine, ...image, numGroups: of.groups ?? 1 }) };
    case 'adaptiveInstanceNorm':
      return { ...reference.adaptiveInstanceNorm(x, style, { ...fused, ...image }) };
  }
}

function backward(of: Case, given: Given): Record<string, NdArray<Float64Array>> {
  const { x, dy, style, dresidualOut } = given;
  const { fused, affine, rows, image, tracked } = optionsOf(of, given);
  switch (of.norm) {
    case 'layerNorm':
      return { ...reference.layerNormBackward(dy, x, { ...affine, ...rows, dresidualOut }) };
    case 'rmsNorm':
      return { ...reference.rmsNormBackward(dy, x, { ...affine, ...rows, dresidualOut }) };
    case 'batchNorm':
    case 'batchNormInference':
      return { ...reference.batchNormBackward(dy, x, { ...affine, ...image, ...tracked, dresidualOut }) };
    case 'instanceNorm':
      return { ...reference.instanceNormBackward(dy, x, { ...affine, ...image, dresidualOut }) };
    case 'groupNorm': {
      const options = { ...affine, ...image, numGroups: of.groups ?? 1, dresidualOut };
      return { ...reference.groupNormBackward(dy, x, options) };
    }
    case 'adaptiveInstanceNorm':
      return { ...reference.adaptiveInstanceNormBackward(dy, x, style, { ...fused, ...image, dresidualOut }) };
  }
}

/** The options of a case: those of all normalizations, of all with weight and bias, and what only some have. */
function optionsOf(
  { norm, shape, layout, axes = 1, activation }: Case,
  { weight, bias, runningMean, runningVar, residual, scale, shift, by, add, cos, sin }: Given,
) {
  const modulation = (scale || shift) && { scale, shift };
  const multiply = by && { by, activation: 'silu' as const };
  const fused = { eps: EPS, residual, modulation, multiply, add, activation };
  return {
    fused,
    affine: { ...fused, weight, bias },
    rows: {
      axes: shape.map((_, axis) => axis).slice(shape.length - axes),
      ...(cos && sin && { rotary: { cos, sin, tokenAxis: 1 } }),
    },
    image: { layout },
    tracked: { training: norm === 'batchNorm', runningMean, runningVar, momentum: MOMENTUM },
  };
}
