import { ACTIVATION_NAMES } from '../../src/options/activation.ts';
import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { layerNormQuantizedDefinition, rmsNormQuantizedDefinition } from '../../src/norms/quantized.ts';
import type { Definition } from '../../src/problem/definition.ts';
import { dynamicErfDefinition } from '../../src/norms/dynamic-erf.ts';
import { globalResponseNormDefinition } from '../../src/norms/global-response-norm.ts';
import { dynamicTanhDefinition } from '../../src/norms/dynamic-tanh.ts';
import type { Statistic } from '../../src/problem/statistics.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { scaleNormDefinition } from '../../src/norms/scale-norm.ts';
import type { Dtype } from '../../src/problem/dtype.ts';
import { addShaders } from '../../src/programs/shaders.ts';
import { stateProblem } from '../../src/problem/state-problem.ts';
import type { Problem } from '../../src/problem/problem.ts';

/** The definitions of all modes, by the names of their functions. */
export const DEFINITIONS = Object.fromEntries(
  [
    adaptiveInstanceNormDefinition,
    batchNormDefinition,
    dynamicErfDefinition,
    dynamicTanhDefinition,
    globalResponseNormDefinition,
    groupNormDefinition,
    instanceNormDefinition,
    layerNormDefinition,
    layerNormQuantizedDefinition,
    normalizeDefinition,
    rmsNormDefinition,
    rmsNormQuantizedDefinition,
    scaleNormDefinition,
  ].map((definition) => [definition.op, definition as Definition<never>]),
);

/** What planning sees of a tensor. */
export function described(shape: number[], dtype: Dtype = 'f32'): { shape: number[]; dtype: Dtype } {
  return { shape, dtype };
}

/** The problem of a call whose tensors are descriptions. */
export function state<O extends object>(
  definition: Definition<O>,
  shape: number[],
  options: NoInfer<O>,
  dtype: Dtype = 'f32',
): Problem {
  return stated(definition, shape, options, dtype, false);
}

/** The same of a call for training. */
export function stateForward<O extends object>(
  definition: Definition<O>,
  shape: number[],
  options: NoInfer<O>,
  dtype: Dtype = 'f32',
): Problem {
  return stated(definition, shape, options, dtype, true);
}

/** As a call does it: with the shader files of its mode. */
function stated<O extends object>(
  definition: Definition<O>,
  shape: number[],
  options: O,
  dtype: Dtype,
  saves: boolean,
): Problem {
  addShaders(...(definition.shaders ?? []));
  return stateProblem(definition as Definition<object>, described(shape, dtype), options, saves);
}

const channels = (count: number) => ({ weight: described([count]), bias: described([count]) });
const running = (count: number) => ({ runningMean: described([count]), runningVar: described([count]) });
const tracked = { numBatchesTracked: described([1], 'u32') };

/** Calls that between them need every kernel and every shader file. */
export function everyProblem(): Problem[] {
  return [
    ...plainProblems(),
    ...packedProblems(300),
    ...SHAPES.flatMap((shape) => [...fusedProblems(shape), ...halfProblems(shape)]),
  ];
}

const SHAPES = [
  [4, 8, 6, 6],
  [2, 8, 300, 300],
];

/** Calls that normalize f32 numbers and do nothing else. */
export function plainProblems(): Problem[] {
  const statistics: Statistic[] = ['mean-variance', 'rms', 'l2', 'l1', 'linf', 'sum'];
  return SHAPES.flatMap((shape) => [
    stateForward(layerNormDefinition, shape, { axes: [1, 2, 3] }),
    state(layerNormDefinition, shape, { weight: described([shape[3]!]), bias: described([shape[3]!]) }),
    state(batchNormDefinition, shape, { training: true, ...channels(8), ...running(8), ...tracked }),
    stateForward(batchNormDefinition, shape, { training: true, momentum: null, ...running(8), ...tracked }),
    state(batchNormDefinition, shape, { layout: 'NHWC', training: true }),
    stateForward(batchNormDefinition, shape, { ...running(8) }),
    state(batchNormDefinition, shape, {
      training: true,
      moments: { packed: described([5, 64]), mean: described([8]), count: 10 },
    }),
    state(instanceNormDefinition, shape, { ...channels(8), ...running(8) }),
    state(groupNormDefinition, shape, { numGroups: 2, ...channels(8) }),
    state(groupNormDefinition, [...shape.slice(0, 3), 16], { numGroups: 2, layout: 'NHWC', ...channels(16) }),
    state(groupNormDefinition, [...shape.slice(0, 3), 20], { numGroups: 2, layout: 'NHWC', ...channels(20) }),
    state(groupNormDefinition, [...shape.slice(0, 2), 7, 7], { numGroups: 2, ...channels(8) }),
    state(batchNormDefinition, [...shape.slice(0, 3), 9], { layout: 'NHWC', training: true, ...channels(9) }),
    stateForward(batchNormDefinition, [...shape.slice(0, 3), 9], { layout: 'NHWC', ...running(9) }),
    state(layerNormDefinition, [...shape.slice(0, 3), 9], { weight: described([9]), bias: described([9]) }),
    state(adaptiveInstanceNormDefinition, shape, { style: described(shape) }),
    ...statistics.map((statistic) => state(normalizeDefinition, shape, { axes: [0, 2], statistic })),
  ]);
}

/** Calls on packed rows, by channels that four divides and that it does not. */
function packedProblems(rows: number): Problem[] {
  const segments = described([5], 'u32');
  return [8, 9].flatMap((count) => [
    stateForward(instanceNormDefinition, [rows, count], { segments, ...channels(count) }),
    state(groupNormDefinition, [rows, 3 * count], { numGroups: 3, segments, ...channels(3 * count) }),
    stateForward(layerNormDefinition, [rows, count], {
      segments,
      residual: described([rows, count]),
      ...channels(count),
    }),
  ]);
}

/** Calls that do more than normalize. */
function fusedProblems(shape: number[]): Problem[] {
  const [samples, height, width] = [shape[0]!, shape[2]!, shape[3]!];
  const residual = described(shape);
  const modulation = { scale: described([samples, 8]), shift: described([samples, 8]) };
  const mask = described([samples, height, width], 'u32');
  return [
    ...ACTIVATION_NAMES.map((activation) =>
      state(groupNormDefinition, shape, { numGroups: 2, activation, ...channels(8) }),
    ),
    state(layerNormDefinition, shape, { residual, residualOut: residual, ...channels(width) }),
    stateForward(layerNormDefinition, shape, { residual, gate: described([samples, width]) }),
    state(groupNormDefinition, shape, { numGroups: 2, modulation, ...channels(8), activation: 'silu' }),
    stateForward(batchNormDefinition, shape, { training: true, modulation }),
    state(layerNormDefinition, shape, { bias: described([width]), modulation: { shift: described(shape) } }),
    state(layerNormDefinition, shape, { weight: described([width]), modulation: { scale: described([width]) } }),
    stateForward(batchNormDefinition, shape, { ...running(8), residual, gate: described([8]), ...channels(8) }),
    state(batchNormDefinition, shape, { training: true, mask, ...running(8), ...channels(8) }),
    state(batchNormDefinition, shape, { training: true, mask, ...running(8), ...tracked }),
    stateForward(instanceNormDefinition, shape, { mask, maskOutput: true, ...running(8), activation: 'relu' }),
    stateForward(instanceNormDefinition, shape, { meanScale: described([8]), ...channels(8), activation: 'relu' }),
    stateForward(globalResponseNormDefinition, shape, { ...channels(8), residual, modulation }),
    state(globalResponseNormDefinition, shape, { layout: 'NHWC' }),
    state(dynamicTanhDefinition, shape, { pointwise: { alpha: described([1]) }, ...channels(width) }),
    stateForward(dynamicErfDefinition, shape, {
      pointwise: { alpha: described([1]), inputShift: described([1]) },
      residual,
    }),
    state(rmsNormDefinition, shape, { partial: 0.4, weight: described([width]), zeroCenteredWeight: true }),
    ...rotaryProblems(shape, width),
    ...rotaryProblems([...shape.slice(0, 3), 16], 16),
  ];
}

/** Calls that rotate what they normalize: pairs within a load and of two, with positions and without. */
function rotaryProblems(shape: number[], size: number): Problem[] {
  const table = described([9, size / 2]);
  const positions = described([8], 'u32');
  const rotary = { cos: table, sin: table, tokenAxis: 1 };
  return [
    stateForward(rmsNormDefinition, shape, { weight: described([size]), rotary: { ...rotary, positions } }),
    stateForward(layerNormDefinition, shape, { ...channels(size), rotary: { ...rotary, interleaved: true } }),
    state(rmsNormDefinition, shape, { weight: described([shape[2]!, size]), rotary }),
  ];
}

/** Calls on halves, aligned and not. */
function halfProblems(shape: number[]): Problem[] {
  const odd = [...shape.slice(0, 3), shape[3]! - 1];
  const half = (count: number, dtype: Dtype) => ({ weight: described([count], dtype), bias: described([count]) });
  return (['f16', 'bf16'] as const).flatMap((dtype) => [
    state(layerNormDefinition, shape, half(shape[3]!, dtype), dtype),
    state(layerNormDefinition, shape, { ...half(shape[3]!, dtype), castBeforeWeight: true, unbiased: true }, dtype),
    stateForward(rmsNormDefinition, odd, { ...half(odd[3]!, dtype), residual: described(odd, dtype) }, dtype),
    state(batchNormDefinition, odd, { training: true, ...half(8, dtype), ...running(8) }, dtype),
    state(
      batchNormDefinition,
      shape,
      { training: true, runningMean: described([8], dtype), runningVar: described([8], dtype) },
      dtype,
    ),
  ]);
}

/** Calls whose result is quantized, which have no gradient: rows that are held and rows that are not, by fours and not. */
export function quantizedProblems(): Problem[] {
  const lengths = [64, 77, 1024, 30_000, 30_001];
  return lengths.flatMap((length) => {
    const shape = [6, length];
    const weight = described([length]);
    return [
      state(rmsNormQuantizedDefinition, shape, { weight }),
      state(rmsNormQuantizedDefinition, shape, { weight, groupSize: 32, scales: described([Math.ceil(length / 32)]) }),
      state(layerNormQuantizedDefinition, shape, { groupSize: 128, residual: described(shape, 'f16') }, 'f16'),
      state(layerNormQuantizedDefinition, shape, { groupSize: 4096, weight, scales: described([1]) }),
      state(layerNormQuantizedDefinition, shape, { groupSize: 4096 }),
    ];
  });
}
