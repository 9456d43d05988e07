import { channelsOf, EPS, inputShapes, MOMENTUM, normalizedShape, sizeOf } from '../../cases/case.ts';
import type { Case, InputName, OutputName } from '../../cases/case.ts';
import type { Data } from '../library.ts';
import { fuse, rotatedByHand, rotatedByOperator } from './fusions.ts';
import { Graph, MICROSOFT } from './graph.ts';
import type { Value } from './graph.ts';

export interface Model {
  bytes: Uint8Array;
  /** The layout in which ONNX Runtime should run it. */
  layout: 'NCHW' | 'NHWC';
}

/** What calls give anew each time: the arrays as large as x, and what a network computes or carries from call to call. */
const GIVEN = ['x', 'style', 'residual', 'scale', 'shift', 'by', 'add'] as const;
const TRACKED = ['runningMean', 'runningVar'] as const;

/** The shapes of a model's inputs. */
export function modelInputs(of: Case): Partial<Record<InputName, readonly number[]>> {
  const shapes = inputShapes(of);
  const names = [...GIVEN, ...(of.tracked ? TRACKED : [])].filter((name) => shapes[name]);
  return Object.fromEntries(names.map((name) => [name, shapes[name]!]));
}

/**
 * The forward pass of a case as models, all that users would write: with the operator, where ONNX Runtime has one for
 * WebGPU, and composed of others, where that is the only way or can be faster. Parameters are part of the model. All are of f32.
 */
export function modelsOf(of: Case, arrays: Data['arrays']): Model[] {
  const inputs = modelInputs(of);
  const shapes = { y: of.shape, residualOut: of.shape, ...inputs };
  return waysOf(of, arrays).map((write) => {
    const graph = new Graph();
    const written = write(graph);
    const results: Results = typeof written === 'string' ? { y: written } : written;
    const y = fuse(graph, results.y, of);
    return {
      bytes: graph.encode(inputs, { ...results, y }, shapes),
      layout: of.layout === 'NHWC' ? 'NHWC' : 'NCHW',
    };
  });
}

type Arrays = Data['arrays'];
type Results = { y: Value } & Partial<Record<OutputName, Value>>;
/** Adds the nodes of a normalization of x, and names what they give: y, or all results. */
type Way = (graph: Graph) => Value | Results;

function waysOf(of: Case, arrays: Arrays): Way[] {
  const last = of.layout === 'NHWC';
  const spatial = last ? [1, 2] : [2, 3];
  switch (of.norm) {
    case 'layerNorm':
    case 'rmsNorm':
      if (of.rotary)
        return [rotatedByOperator, rotatedByHand].map(
          (way) => (graph: Graph) => way(graph, rows(graph, of, arrays), of, arrays),
        );
      return [(graph) => (of.residual ? rowsOfSum(graph, of, arrays) : rows(graph, of, arrays))];
    case 'batchNorm':
      return [(graph) => trainingBatch(graph, of, arrays)];
    case 'batchNormInference':
      return [(graph) => inferenceBatch(graph, of, arrays)];
    case 'instanceNorm': {
      const { weight, bias } = arrays;
      const composed: Way = (graph) => affine(graph, standardize(graph, 'x', spatial), of, arrays);
      return [
        (graph) => channelsFirst(graph, of, 'x', (x) => instanceNorm(graph, x, weight!, bias!)),
        ...(last ? [composed] : []),
      ];
    }
    case 'groupNorm':
      if (last) return [(graph) => groupsOfLast(graph, of, arrays)];
      return [(graph) => groupsAsInstances(graph, of, arrays), (graph) => groupsByOperator(graph, of, arrays)];
    case 'adaptiveInstanceNorm':
      return [
        (graph) =>
          adapt(
            graph,
            channelsFirst(graph, of, 'x', (x) => plainInstances(graph, x, channelsOf(of))),
            spatial,
          ),
        ...(last ? [(graph: Graph) => adapt(graph, standardize(graph, 'x', spatial), spatial)] : []),
      ];
  }
}

/** With the operator that adds the residual and gives x + residual too. */
function rowsOfSum(graph: Graph, of: Case, { weight }: Arrays): Results {
  const { y, residualOut } = graph.operator({
    opType: 'SkipSimplifiedLayerNormalization',
    domain: MICROSOFT,
    input: ['x', 'residual', graph.constant(weight!, normalizedShape(of))],
    attributes: { epsilon: EPS },
    outputs: ['y', '', '', 'residualOut'],
  });
  return { y: y!, residualOut: residualOut! };
}

function rows(graph: Graph, of: Case, { weight, bias }: Arrays): Value {
  const shape = normalizedShape(of);
  const attributes = { axis: -shape.length, epsilon: EPS };
  // The operator wants a weight, where the case has none too.
  const scale = graph.constant(weight ?? new Float32Array(sizeOf(shape)).fill(1), shape);
  // The operator's name until it came into the standard, and still the one that language models are exported with.
  return of.norm === 'rmsNorm'
    ? graph.node('SimplifiedLayerNormalization', ['x', scale], attributes)
    : graph.node('LayerNormalization', ['x', scale, ...(bias ? [graph.constant(bias, shape)] : [])], attributes);
}

/** ONNX Runtime refuses BatchNormalization in training on WebGPU. */
function trainingBatch(graph: Graph, of: Case, { weight, bias }: Arrays): Results {
  const { mean, variance, centred, deviation } = moments(graph, 'x', of.layout === 'NHWC' ? [0, 1, 2] : [0, 2, 3]);
  const place = channelShape(of);
  const factor = graph.node('Div', [graph.constant(weight!, place), deviation]);
  const y = graph.node('Add', [graph.node('Mul', [centred, factor]), graph.constant(bias!, place)]);
  if (!of.tracked) return { y };
  const count = sizeOf(of.shape) / channelsOf(of);
  const flat = graph.integers([channelsOf(of)]);
  const mix = (running: Value, batch: Value, factor: number): Value =>
    graph.node('Add', [
      graph.node('Mul', [running, graph.constant([1 - MOMENTUM])]),
      graph.node('Mul', [graph.node('Reshape', [batch, flat]), graph.constant([MOMENTUM * factor])]),
    ]);
  return { y, runningMean: mix('runningMean', mean, 1), runningVar: mix('runningVar', variance, count / (count - 1)) };
}

function inferenceBatch(graph: Graph, of: Case, arrays: Arrays): Value {
  const names = ['weight', 'bias', 'runningMean', 'runningVar'] as const;
  const parameters = names.map((name) => graph.constant(arrays[name]!));
  return channelsFirst(graph, of, 'x', (x) => graph.node('BatchNormalization', [x, ...parameters], { epsilon: EPS }));
}

/** The operator, which has no kernel: ONNX Runtime takes it apart into others. */
function groupsByOperator(graph: Graph, { groups }: Case, { weight, bias }: Arrays): Value {
  const attributes = { epsilon: EPS, num_groups: groups! };
  return graph.node('GroupNormalization', ['x', graph.constant(weight!), graph.constant(bias!)], attributes);
}

/** As PyTorch exports it: each group as a channel of InstanceNormalization. */
function groupsAsInstances(graph: Graph, of: Case, arrays: Arrays): Value {
  const { shape, groups } = of;
  const split = graph.node('Reshape', ['x', graph.integers([shape[0]!, groups!, -1])]);
  const y = plainInstances(graph, split, groups!);
  return affine(graph, graph.node('Reshape', [y, graph.integers(shape)]), of, arrays);
}

/** Composed: `GroupNorm` of com.microsoft, for channels last and with SiLU in it, has a kernel in neither build. */
function groupsOfLast(graph: Graph, of: Case, arrays: Arrays): Value {
  const { shape, groups } = of;
  const split = graph.node('Reshape', ['x', graph.integers([shape[0]!, -1, groups!, channelsOf(of) / groups!])]);
  const y = standardize(graph, split, [1, 3]);
  return affine(graph, graph.node('Reshape', [y, graph.integers(shape)]), of, arrays);
}

/** Gives what is normalized the moments of the style. */
function adapt(graph: Graph, normalized: Value, spatial: readonly number[]): Value {
  const { mean, deviation } = moments(graph, 'style', spatial);
  return graph.node('Add', [graph.node('Mul', [normalized, deviation]), mean]);
}

function instanceNorm(graph: Graph, x: Value, weight: Float32Array, bias: Float32Array): Value {
  return graph.node('InstanceNormalization', [x, graph.constant(weight), graph.constant(bias)], { epsilon: EPS });
}

function plainInstances(graph: Graph, x: Value, channels: number): Value {
  return instanceNorm(graph, x, new Float32Array(channels).fill(1), new Float32Array(channels));
}

/** Operators of images want channels first; ONNX Runtime drops the transposes again where it can. */
function channelsFirst(graph: Graph, { layout }: Case, x: Value, operator: (x: Value) => Value): Value {
  if (layout === 'NCHW') return operator(x);
  const y = operator(graph.node('Transpose', [x], { perm: [0, 3, 1, 2] }));
  return graph.node('Transpose', [y], { perm: [0, 2, 3, 1] });
}

function standardize(graph: Graph, x: Value, axes: readonly number[]): Value {
  const { centred, deviation } = moments(graph, x, axes);
  return graph.node('Div', [centred, deviation]);
}

function moments(
  graph: Graph,
  x: Value,
  axes: readonly number[],
): Record<'mean' | 'variance' | 'centred' | 'deviation', Value> {
  const over = graph.integers(axes);
  const mean = graph.node('ReduceMean', [x, over]);
  const centred = graph.node('Sub', [x, mean]);
  const variance = graph.node('ReduceMean', [graph.node('Mul', [centred, centred]), over]);
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.constant([EPS])])]);
  return { mean, variance, centred, deviation };
}

function affine(graph: Graph, x: Value, of: Case, { weight, bias }: Arrays): Value {
  const place = channelShape(of);
  return graph.node('Add', [graph.node('Mul', [x, graph.constant(weight!, place)]), graph.constant(bias!, place)]);
}

/** Of one number a channel, so that it broadcasts to x. */
function channelShape(of: Case): number[] {
  return of.layout === 'NCHW' ? [channelsOf(of), 1, 1] : [channelsOf(of)];
}
