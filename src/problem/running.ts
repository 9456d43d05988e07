import { NormError } from '../errors.ts';
import type { NormErrorCode } from '../errors.ts';
import { splitStrides, varyingStrides } from './affine.ts';
import type { Axis } from './definition.ts';
import type { Dtype } from './dtype.ts';
import { checkDtype, checkParameterDtype } from './parameters.ts';
import type { Stated, TensorSpec } from './parameters.ts';
import { formatShape, isSameShape, sizeOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** Moments of one group a channel: what planning needs to know of them, and the tensor a call reads. */
export interface MomentsOption<T> {
  mean: T;
  packed: T;
  count: number;
}

/** Running statistics, and where a call's statistics come from. */
export interface AnyRunning<T> {
  runningMean?: T | undefined;
  runningVar?: T | undefined;
  /** The share of the batch in the new running statistics (PyTorch's meaning); null: the average over all batches. */
  momentum?: number | null | undefined;
  /** u32, one element: incremented by each training call. */
  numBatchesTracked?: T | undefined;
  /** Whether the running variance takes the unbiased variance of the batch (PyTorch) or the biased one (ONNX, Keras, Flax). */
  unbiasedRunningVar?: boolean | undefined;
  /** Statistics that were computed elsewhere, over more data than x. */
  moments?: MomentsOption<T> | undefined;
}

/** `none`: each element by itself. */
export type StatisticsSource = 'computed' | 'running' | 'moments' | 'none';

/** Whether what an element becomes does not depend on others. */
export function isConstant(source: StatisticsSource): boolean {
  return source === 'running' || source === 'none';
}

/** The update of the running statistics by a training call. */
export interface RunningUpdate {
  /** Whether they are the average over all batches. */
  cumulative: boolean;
  /** Whether the variance that is tracked is unbiased, and what turns a biased one into it. */
  unbiased: boolean;
  trackedFactor: number;
  /** Whether numBatchesTracked is incremented. */
  counted: boolean;
}

const NAMES = ['runningMean', 'runningVar', 'numBatchesTracked'] as const;

/** Fields of a problem that running statistics and given moments decide. */
interface StatisticsFields {
  source: StatisticsSource;
  count?: number;
  channel: number[] | null;
  runningDtype: Dtype;
  update: RunningUpdate | null;
}

/**
 * Where the statistics of a call come from, and which it updates.
 *
 * @throws NormError `option` where running statistics are needed and missing, or moments are given beside them, `parameter` or `dtype` where they do not fit,
 * `training` where one value has no unbiased variance.
 */
export function stateStatistics({ definition, x, axes, options }: Stated<AnyRunning<TensorSpec>>): StatisticsFields {
  const { op } = definition;
  const { runningMean, runningVar, moments } = options;
  for (const name of NAMES) checkRunning(op, name, options[name], axes, x.dtype);
  if (moments) {
    const kept = axes.filter((axis) => !axis.reduced).map((axis) => axis.size);
    checkGroups(op, 'moments', moments.mean.shape, kept, 'parameter');
  }
  if (runningMean && runningVar && runningMean.dtype !== runningVar.dtype) {
    throw new NormError(
      'dtype',
      `${op}: runningVar holds ${runningVar.dtype}, but runningMean holds ${runningMean.dtype}; they must be alike`,
    );
  }
  const running = definition.usesRunning?.(options) ?? false;
  if (running && moments) {
    throw new NormError('option', `${op}: moments are given, but running statistics are to be used; give one of them`);
  }
  if (running && !runningMean) {
    throw new NormError(
      'option',
      `${op}: runningMean and runningVar are missing, and no batch statistics are to be used`,
    );
  }
  return {
    source: running ? 'running' : moments ? 'moments' : 'computed',
    ...(moments && { count: moments.count }),
    channel: runningMean ? splitStrides(axes, varyingStrides(axes, 'channel')).kept : null,
    runningDtype: runningMean?.dtype ?? 'f32',
    update: running || !runningMean ? null : updateOf(op, options, axes),
  };
}

/** @throws NormError of that code unless there is a number for each group, and those are in the order of x. */
export function checkGroups(op: string, name: string, shape: Shape, kept: Shape, code: NormErrorCode): void {
  if (sizeOf(shape) !== sizeOf(kept)) {
    throw new NormError(
      code,
      `${op}: ${name} are of ${sizeOf(shape)} groups, but x has ${sizeOf(kept)} that share statistics`,
    );
  }
  const [given, wanted] = [shape, kept].map((sizes) => sizes.filter((size) => size !== 1));
  if (given!.length > 1 && wanted!.length > 1 && !isSameShape(given!, wanted!)) {
    throw new NormError(
      code,
      `${op}: ${name} have shape ${formatShape(shape)}, but the groups of x lie as ${formatShape(kept)}; take them of x in its own layout`,
    );
  }
}

function checkRunning(
  op: string,
  name: (typeof NAMES)[number],
  tensor: TensorSpec | undefined,
  axes: readonly Axis[],
  x: Dtype,
): void {
  if (tensor === undefined) return;
  const counter = name === 'numBatchesTracked';
  if (counter) checkDtype(op, name, tensor, 'u32');
  else checkParameterDtype(op, name, tensor, x);
  const wanted = counter ? 1 : channelsOf(axes);
  if (sizeOf(tensor.shape) !== wanted || tensor.shape.filter((size) => size > 1).length > 1) {
    throw new NormError(
      'parameter',
      `${op}: ${name} has shape ${formatShape(tensor.shape)}, but must hold ${wanted} element${wanted === 1 ? '' : 's'}` +
        (counter ? '' : ', one a channel'),
    );
  }
}

export function channelsOf(axes: readonly Axis[]): number {
  return sizeOf(axes.filter((axis) => axis.channel).map((axis) => axis.size));
}

/** @throws NormError `option` where an average has no count, `training` where one value has no unbiased variance. */
function updateOf(
  op: string,
  { momentum, unbiasedRunningVar = true, numBatchesTracked, moments }: AnyRunning<TensorSpec>,
  axes: readonly Axis[],
): RunningUpdate {
  if (momentum === null && !numBatchesTracked) {
    throw new NormError(
      'option',
      `${op}: momentum null averages over all batches and needs numBatchesTracked, a u32 tensor of one element`,
    );
  }
  const count = moments?.count ?? sizeOf(axes.filter((axis) => axis.reduced).map((axis) => axis.size));
  if (count === 1 && unbiasedRunningVar) {
    throw new NormError(
      'training',
      `${op}: one value has no unbiased variance to track; expected more than 1 value per channel`,
    );
  }
  return {
    cumulative: momentum === null,
    unbiased: unbiasedRunningVar,
    trackedFactor: unbiasedRunningVar ? count / (count - 1) : 1,
    counted: numBatchesTracked !== undefined,
  };
}
