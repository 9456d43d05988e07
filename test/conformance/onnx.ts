/**
 * ONNX's own operator tests as calls of our functions. What the operators mean: https://onnx.ai/onnx/operators/
 */
import type { NdArray } from '../../src/reference/index.ts';
import type { NormApi, NormResult } from './norm-api.ts';
import published from './onnx-node-tests.json';

/**
 * The largest error allowed, relative to max(1, |expected|). The published values were computed and stored in float32,
 * whose rounding is 6e-8: against float64 they are off by up to 4e-7 themselves. ONNX's own tolerance is 1e-3.
 */
export const TOLERANCE = 2e-6;

/** One output of a case. */
export interface Comparison {
  /** The operator's name of it. */
  name: string;
  actual: Float64Array;
  actualShape: readonly number[];
  expected: Float64Array;
  expectedShape: readonly number[];
}

export interface OnnxCase {
  name: string;
  op: string;
  run(api: NormApi): Promise<Comparison[]>;
}

type Arrays = Record<string, NdArray>;
type Attributes = Record<string, number | number[] | undefined>;

export interface PublishedCase {
  name: string;
  op: string;
  attributes: Attributes;
  inputs: Arrays;
  outputs: Arrays;
}

/** A call of ours that does what the operator says, and where in its result the operator's outputs are. */
interface Operator {
  call(api: NormApi, inputs: Arrays, attributes: Attributes): Promise<NormResult>;
  outputs: Record<string, keyof NormResult>;
}

const OPERATORS: Record<string, Operator> = {
  LayerNormalization: {
    call: (api, { X, W, B }, { axis, epsilon }) =>
      api.layerNorm(X!, { axes: axesFrom(number(axis, -1), X!), weight: W, bias: B, eps: number(epsilon, 1e-5) }),
    outputs: { Y: 'y', Mean: 'mean', InvStdDev: 'rstd' },
  },
  RMSNormalization: {
    call: (api, { X, W }, { axis, epsilon }) =>
      api.rmsNorm(X!, { axes: axesFrom(number(axis, -1), X!), weight: W, eps: number(epsilon, 1e-5) }),
    outputs: { Y: 'y' },
  },
  BatchNormalization: {
    call: (api, { x, s, bias, mean, var: variance }, { epsilon, momentum, training_mode }) =>
      api.batchNorm(x!, {
        weight: s,
        bias,
        runningMean: mean,
        runningVar: variance,
        eps: number(epsilon, 1e-5),
        training: training_mode === 1,
        // ONNX's momentum is the share of the old value, and its running variance takes the population's.
        momentum: 1 - number(momentum, 0.9),
        unbiasedRunningVar: false,
      }),
    outputs: { y: 'y', output_mean: 'runningMean', output_var: 'runningVar' },
  },
  InstanceNormalization: {
    call: (api, { x, s, bias }, { epsilon }) => api.instanceNorm(x!, { weight: s, bias, eps: number(epsilon, 1e-5) }),
    outputs: { y: 'y' },
  },
  GroupNormalization: {
    call: (api, { x, scale, bias }, { num_groups, epsilon }) =>
      api.groupNorm(x!, { numGroups: number(num_groups), weight: scale, bias, eps: number(epsilon, 1e-5) }),
    outputs: { y: 'y' },
  },
  MeanVarianceNormalization: {
    // ONNX divides by deviation + 1e-9, which is the deviation at this tolerance.
    call: (api, { X }, { axes }) =>
      api.normalize(X!, { axes: Array.isArray(axes) ? axes : [0, 2, 3], statistic: 'mean-variance', eps: 0 }),
    outputs: { Y: 'y' },
  },
  LpNormalization: {
    // eps 0: where the norm is 0, so is the result.
    call: (api, { x }, { axis, p }) =>
      api.normalize(x!, { axes: [number(axis, -1)], statistic: number(p, 2) === 1 ? 'l1' : 'l2', eps: 0 }),
    outputs: { y: 'y' },
  },
};

/** The cases as ONNX has them: inputs and outputs are in the order of the operator. */
export const publishedCases = published.cases as unknown as PublishedCase[];

export const cases: OnnxCase[] = publishedCases.map(({ name, op, attributes, inputs, outputs }) => ({
  name,
  op,
  async run(api) {
    const operator = OPERATORS[op];
    if (!operator) throw new Error(`${name}: there is no adapter for the operator ${op}`);
    const result = await operator.call(api, inputs, attributes);
    return Object.entries(outputs).map(([output, expected]) => {
      const actual = result[operator.outputs[output]!];
      if (!actual) throw new Error(`${name}: the call gave no ${output}`);
      return {
        name: output,
        actual: actual.data,
        actualShape: actual.shape,
        expected: Float64Array.from(expected.data),
        expectedShape: expected.shape,
      };
    });
  },
}));

/** The largest error relative to max(1, |expected|); NaN where any value is NaN, infinite where lengths differ. */
export function worstError({ actual, expected }: Pick<Comparison, 'actual' | 'expected'>): number {
  if (actual.length !== expected.length) return Infinity;
  return expected.reduce(
    (worst, want, i) => Math.max(worst, Math.abs(actual[i]! - want) / Math.max(1, Math.abs(want))),
    0,
  );
}

function number(attribute: Attributes[string], whenMissing?: number): number {
  const value = attribute ?? whenMissing;
  if (typeof value !== 'number') throw new Error(`an attribute is ${JSON.stringify(value)}, not a number`);
  return value;
}

/** ONNX normalizes all axes from the one named on. */
function axesFrom(axis: number, x: NdArray): number[] {
  const rank = x.shape.length;
  const first = axis < 0 ? axis + rank : axis;
  return x.shape.map((_, index) => index).slice(first);
}
