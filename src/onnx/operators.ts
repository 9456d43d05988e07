import type { CallOptions, ForwardResult } from '../calls/types.ts';
import { batchNorm, batchNormForward } from '../functions/batch-norm.ts';
import { groupNorm, groupNormForward } from '../functions/group-norm.ts';
import { instanceNorm, instanceNormForward } from '../functions/instance-norm.ts';
import { layerNorm, layerNormForward } from '../functions/layer-norm.ts';
import { normalize, normalizeForward } from '../functions/normalize.ts';
import { rmsNorm, rmsNormForward } from '../functions/rms-norm.ts';
import { isFloat } from '../problem/dtype.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { float, int, ints } from './attributes.ts';
import type { Attribute, Attributes, Values } from './attributes.ts';
import {
  activationsAsChannels,
  areOfGroups,
  channelsOfActivations,
  channelSkip,
  groupsApart,
  sharedSkip,
} from './inputs.ts';
import type { OnnxOutputs, OpType } from './outputs.ts';

/** A function of ours, and its twin that keeps the statistics. */
interface Twins {
  norm: (x: Tensor, options: never) => Tensor;
  forward: (x: Tensor, options: never) => ForwardResult;
}

const BATCH: Twins = { norm: batchNorm, forward: batchNormForward };
const GROUP: Twins = { norm: groupNorm, forward: groupNormForward };
const INSTANCE: Twins = { norm: instanceNorm, forward: instanceNormForward };
const LAYER: Twins = { norm: layerNorm, forward: layerNormForward };
const RMS: Twins = { norm: rmsNorm, forward: rmsNormForward };
const ANY: Twins = { norm: normalize, forward: normalizeForward };

/** Results of a call of ours that may be outputs of a node. */
export type ResultName = 'y' | 'mean' | 'rstd' | 'residualOut' | 'runningMean' | 'runningVar';

/** A call of ours that does what a node says. */
export interface Call {
  of: Twins;
  x: Tensor;
  options: Record<string, unknown> & CallOptions;
  /** Tensors that are added to x before. */
  skip?: Tensor;
  bias?: Tensor | undefined;
}

/** The domain of the standard, and that of the operators which ONNX Runtime has beside it. */
type Domain = '' | 'com.microsoft';

export interface Operator<Output extends string = string> {
  domain: Domain;
  /** In ONNX's order; what ends in `?` may be left out. */
  inputs: readonly string[];
  /** In ONNX's order: what of ours each output is. */
  outputs: Readonly<Record<Output, ResultName>>;
  attributes: Attributes;
  call(inputs: Readonly<Record<string, Tensor>>, attributes: Readonly<Record<string, unknown>>): Call;
}

type NamedTensors<List extends readonly string[]> = {
  [Name in List[number] as Name extends `${infer Own}?` ? Own : Name]: Name extends `${string}?`
    ? Tensor | undefined
    : Tensor;
};

/** Types the inputs and attributes that the call of an operator is given. */
function operator<
  const Inputs extends readonly string[],
  Output extends string,
  A extends Record<string, Attribute<any>>,
>(of: {
  domain?: Domain;
  inputs: Inputs;
  outputs: Readonly<Record<Output, ResultName>>;
  attributes: A;
  call(inputs: NamedTensors<Inputs>, attributes: Values<A>): Call;
}): Operator<Output> {
  return { domain: '', ...(of as unknown as Omit<Operator<Output>, 'domain'> & { domain?: Domain }) };
}

/** Statistics are taken in float32, whatever the tensors hold. */
const stash_type: Attribute<number> = int(1, [1]);
/** Until opset 8: whether statistics are shared by positions, and (until 6) that those given are used. */
const OLD_BATCH = { spatial: int(1, [0, 1]), is_test: int(1, [1]) };
const ROWS = { axis: int(-1), epsilon: float(1e-5), stash_type };
/** ONNX Runtime's own, of its operators that add a skip connection. */
const SKIP = { epsilon: float(1e-12) };
const GROUPS = {
  activation: int(undefined, [0, 1]),
  channels_last: int(1, [0, 1]),
  epsilon: float(1e-5),
  groups: int(),
};

/** Every operator that normalizes, by its name; the names are of one domain each. */
export const OPERATORS: { readonly [Op in OpType]: Operator<OnnxOutputs[Op][number]> } = {
  BatchNormalization: operator({
    inputs: ['X', 'scale', 'B', 'input_mean', 'input_var'],
    outputs: { Y: 'y', running_mean: 'runningMean', running_var: 'runningVar' },
    attributes: { epsilon: float(1e-5), momentum: float(0.9), training_mode: int(0, [0, 1]), ...OLD_BATCH },
    call: ({ X, scale, B, input_mean, input_var }, { epsilon, momentum, training_mode, spatial }) => {
      const channels = (parameter: Tensor): Tensor => (spatial === 0 ? channelsOfActivations(parameter, X) : parameter);
      return {
        of: BATCH,
        // What has one axis has one channel.
        x: spatial === 0 || X.shape.length === 1 ? activationsAsChannels(X) : X,
        options: {
          weight: channels(scale),
          bias: channels(B),
          runningMean: channels(input_mean),
          runningVar: channels(input_var),
          eps: epsilon,
          // ONNX's momentum is the share of the old value, and its running variance takes the population's.
          ...(training_mode === 1 && { training: true, momentum: 1 - momentum, unbiasedRunningVar: false }),
        },
      };
    },
  }),
  GroupNorm: operator({
    domain: 'com.microsoft',
    inputs: ['X', 'gamma', 'beta'],
    outputs: { Y: 'y' },
    attributes: GROUPS,
    call: ({ X, gamma, beta }, attributes) => ({ of: GROUP, x: X, options: groupOptions(X, gamma, beta, attributes) }),
  }),
  GroupNormalization: operator({
    inputs: ['X', 'scale', 'bias'],
    outputs: { Y: 'y' },
    attributes: { epsilon: float(1e-5), num_groups: int(), stash_type },
    call: ({ X, scale, bias }, { epsilon, num_groups }) => {
      if (!areOfGroups(num_groups, X, scale, bias)) {
        return { of: GROUP, x: X, options: { numGroups: num_groups, weight: scale, bias, eps: epsilon } };
      }
      const { x, options } = groupsApart(X, scale, bias, num_groups);
      return { of: ANY, x, options: { ...options, eps: epsilon } };
    },
  }),
  InstanceNormalization: operator({
    inputs: ['input', 'scale', 'B'],
    outputs: { output: 'y' },
    attributes: { epsilon: float(1e-5) },
    call: ({ input, scale, B }, { epsilon }) => ({
      of: INSTANCE,
      x: input,
      options: { weight: scale, bias: B, eps: epsilon },
    }),
  }),
  LayerNormalization: operator({
    inputs: ['X', 'Scale', 'B?'],
    outputs: { Y: 'y', Mean: 'mean', InvStdDev: 'rstd' },
    attributes: ROWS,
    call: ({ X, Scale, B }, attributes) => rows(X, Scale, B, 'mean-variance', attributes),
  }),
  LpNormalization: operator({
    inputs: ['input'],
    outputs: { output: 'y' },
    attributes: { axis: int(-1), p: int(2, [1, 2]) },
    // With eps 0 the result is 0 where the norm is.
    call: ({ input }, { axis, p }) => ({
      of: ANY,
      x: input,
      options: { axes: axis, statistic: p === 1 ? 'l1' : 'l2', eps: 0 },
    }),
  }),
  MeanVarianceNormalization: operator({
    inputs: ['X'],
    outputs: { Y: 'y' },
    attributes: { axes: ints([0, 2, 3]) },
    // ONNX divides by deviation + 1e-9: the deviation, but where that is nearly 0.
    call: ({ X }, { axes }) => ({ of: ANY, x: X, options: { axes, statistic: 'mean-variance', eps: 1e-18 } }),
  }),
  RMSNormalization: operator({
    inputs: ['X', 'scale'],
    outputs: { Y: 'y' },
    attributes: ROWS,
    call: ({ X, scale }, attributes) => rows(X, scale, undefined, 'rms', attributes),
  }),
  SimplifiedLayerNormalization: operator({
    inputs: ['X', 'scale'],
    outputs: { Y: 'y', inv_std_var: 'rstd' },
    attributes: ROWS,
    call: ({ X, scale }, attributes) => rows(X, scale, undefined, 'rms', attributes),
  }),
  SkipGroupNorm: operator({
    domain: 'com.microsoft',
    inputs: ['X', 'gamma', 'beta', 'skip', 'bias?'],
    outputs: { Y: 'y', S: 'residualOut' },
    attributes: GROUPS,
    call: ({ X, gamma, beta, skip, bias }, attributes) => ({
      of: GROUP,
      x: X,
      options: groupOptions(X, gamma, beta, attributes),
      skip: channelSkip(skip, X, attributes.channels_last === 1),
      bias,
    }),
  }),
  SkipLayerNormalization: operator({
    domain: 'com.microsoft',
    inputs: ['input', 'skip', 'gamma', 'beta?', 'bias?'],
    outputs: { output: 'y', mean: 'mean', inv_std_var: 'rstd', input_skip_bias_sum: 'residualOut' },
    attributes: SKIP,
    call: ({ input, skip, gamma, beta, bias }, { epsilon }) => ({
      of: LAYER,
      x: input,
      options: { weight: gamma, bias: beta, eps: epsilon },
      skip: sharedSkip(skip, input),
      bias,
    }),
  }),
  SkipSimplifiedLayerNormalization: operator({
    domain: 'com.microsoft',
    inputs: ['input', 'skip', 'gamma', 'bias?'],
    outputs: { output: 'y', inv_std_var: 'rstd', input_skip_bias_sum: 'residualOut' },
    attributes: SKIP,
    call: ({ input, skip, gamma, bias }, { epsilon }) => ({
      of: RMS,
      x: input,
      options: { weight: gamma, eps: epsilon },
      skip: sharedSkip(skip, input),
      bias,
    }),
  }),
};

/** All axes from the one named on are normalized; weight and bias broadcast to x. */
function rows(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  statistic: 'mean-variance' | 'rms',
  { axis, epsilon }: Values<typeof ROWS>,
): Call {
  const rank = x.shape.length;
  const first = axis < 0 ? axis + rank : axis;
  // One that is out of range is left to be refused.
  const axes = first >= 0 && first < rank ? x.shape.map((_, index) => index).slice(first) : axis;
  // Y of RMSNormalization is of the type of its scale.
  const outputDtype = statistic === 'rms' && isFloat(weight.dtype) ? (weight.dtype as FloatDtype) : undefined;
  return { of: ANY, x, options: { axes, statistic, weight, bias, eps: epsilon, outputDtype } };
}

function groupOptions(
  { shape }: Tensor,
  weight: Tensor,
  bias: Tensor,
  { activation, channels_last, epsilon, groups }: Values<typeof GROUPS>,
): Call['options'] {
  return {
    numGroups: groups,
    weight,
    bias,
    eps: epsilon,
    channelAxis: channels_last === 1 ? shape.length - 1 : 1,
    ...(activation === 1 && { activation: 'silu' }),
  };
}
