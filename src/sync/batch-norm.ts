import { GradientSums, gradientSums } from '../calls/gradient-sums.ts';
import { Moments, moments } from '../calls/moments.ts';
import { checkTensor } from '../calls/checks.ts';
import { packedShape } from '../calls/parts.ts';
import { checkSaved } from '../calls/saved.ts';
import type { Saved } from '../calls/saved.ts';
import type { BackwardOptions, ForwardResult, ListedGradients, ParameterGradientName } from '../calls/types.ts';
import { NormError } from '../errors.ts';
import { batchNormBackward, batchNormForward } from '../functions/batch-norm.ts';
import type { BatchNormOptions } from '../functions/batch-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { checkAlone, checkChoice, checkCount, checkPlain } from '../options/checks.ts';
import { resolveLayout } from '../problem/layout.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { emptyTensor } from '../runtime/tensor.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkGroup } from './checks.ts';
import type { Group } from './group.ts';
import { allReduceInTurn } from './in-turn.ts';
import { counted, countedSum, countOf, mergedMoments, numbersOf, weightedMean } from './merge.ts';

/** Options that change x before it is measured, and those that leave some of it out. */
const BEFORE = ['residual', 'residualOut', 'gate', 'inputBias', 'mask', 'maskOutput'] as const;

/** Options of BatchNorm in training that measure x as it is. */
export type SyncBatchNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype> = Omit<
  BatchNormOptions<X, Y>,
  'training' | 'moments' | 'encoder' | (typeof BEFORE)[number]
>;

export interface SyncBackwardOptions<
  List extends readonly ParameterGradientName[],
  X extends FloatDtype = FloatDtype,
> extends Omit<BackwardOptions<List, X, ParameterGradientName>, 'encoder' | 'dresidualOut'> {
  /**
   * Of what dy is the gradient: `'mean'`, of the mean loss of this member's samples, as {@link averageGradients} takes it: the loss of
   * the whole is the mean weighted by `count`; `'sum'`, of this member's addend of a loss that is summed up. Default: `'mean'`.
   */
  reduction?: 'mean' | 'sum' | undefined;
  /** The weight of this member's loss, samples for one. Default: the elements of x a channel. */
  count?: number | undefined;
}

/** Planes of moments. */
const MOMENTS = 5;

const FORWARD = 'syncBatchNormForward';
const BACKWARD = 'syncBatchNormBackward';

/**
 * BatchNorm in training by the mean and variance of all members' x together, as of one large batch: their moments, three numbers a
 * channel and a count, are merged pair by pair in float64. Running statistics become the same to the bit on all members. Members may
 * have different numbers of samples, or none. Takes the options of `batchNorm` that measure x as it is; no `encoder`, since the
 * moments go by way of the CPU.
 *
 * @throws NormError (rejects) as `batchNorm` in training; `peer`, `mismatch` as {@link Group.allReduce}; `training` where nobody has a
 * sample.
 * @example const { y, saved } = await syncBatchNormForward(group, x, { weight, bias, runningMean, runningVar });
 */
export async function syncBatchNormForward<X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  group: Group,
  x: Tensor<X>,
  options: SyncBatchNormOptions<NoInfer<X>, Y> = {},
  ...more: readonly never[]
): Promise<ForwardResult<'batchNorm', X, NoInfer<Y>>> {
  checkAlone(FORWARD, more);
  checkGroup(FORWARD, group);
  checkTensor(FORWARD, 'x', x);
  checkPlain(FORWARD, options, ['weight']);
  checkMeasured(options);
  const { channel } = resolveLayout(FORWARD, x.shape, options);
  const shape = [x.shape[channel]!];
  // What the call refuses is refused before other members are told anything, and wait for more.
  x.runtime.planOnly(FORWARD, () => {
    const packed = emptyTensor(x.runtime, packedShape(MOMENTS, shape), 'f32', 'sync');
    batchNormForward(x, { ...options, training: true, moments: new Moments(packed, shape, x.size + 2) });
  });
  const label = `BatchNorm moments of ${formatShape(shape)}`;
  const merged = await allReduceInTurn(group, momentsOf(x, channel), { merge: mergedMoments, label });
  const count = countOf(merged);
  if (count === 0) throw new NormError('training', `${FORWARD}: no member has a sample to take statistics of`);
  const whole = new Moments(packedMoments(x.runtime, merged, shape), shape, count);
  try {
    return batchNormForward(x, { ...options, training: true, moments: whole });
  } finally {
    whole.destroy();
  }
}

/**
 * The gradient of {@link syncBatchNormForward}, through the statistics of all members: with w the share of a member's loss in that of
 * the whole, Σ w · sum(dy) and Σ w · sum(dy · x̂) of all are in the place of a member's own. dweight and dbias are this member's, to be
 * averaged with all other gradients by {@link averageGradients}; with `reduction: 'sum'` by {@link sumGradients}. Where a
 * member was lost since the forward call and the group goes on, its samples stay in the statistics, and its loss counts for nothing.
 *
 * @throws NormError (rejects) as `batchNormBackward`; `saved` where it is not of {@link syncBatchNormForward}; `peer`, `mismatch` as {@link Group.allReduce}.
 * @example const { dx, dweight, dbias } = await syncBatchNormBackward(group, dy, saved);
 */
export async function syncBatchNormBackward<
  const List extends readonly ParameterGradientName[] = readonly ['dx' & ParameterGradientName],
  X extends FloatDtype = FloatDtype,
  Y extends FloatDtype = FloatDtype,
>(
  group: Group,
  dy: Tensor<NoInfer<Y>>,
  saved: Saved<'batchNorm', X, Y>,
  options: SyncBackwardOptions<List, NoInfer<X>> = {},
  ...more: readonly never[]
): Promise<ListedGradients<List, X>> {
  checkAlone(BACKWARD, more);
  checkGroup(BACKWARD, group);
  checkPlain(BACKWARD, options, ['count']);
  const { reduction = 'mean', count: given, ...rest } = options;
  checkSynchronized(saved, rest);
  checkChoice(BACKWARD, 'reduction', reduction, ['mean', 'sum']);
  if (given !== undefined) checkCount(BACKWARD, 'count', given, 0);
  const own = gradientSums(dy, saved);
  const { shape } = own.dy;
  const gradientsOf = (packed: Tensor<'f32'>): ListedGradients<List, X> => {
    // Of the whole that the statistics are of, whoever of it is left.
    const sums = new GradientSums(packed, shape, saved.problem.count);
    return batchNormBackward<List, X, Y>(dy, saved, { ...rest, sums } as BackwardOptions<List, X> & {
      sums: GradientSums;
    });
  };
  const data = numbersIn(own, () => void saved.runtime.planOnly(BACKWARD, () => gradientsOf(own.packed)));
  const count = given ?? own.count;
  const channels = sizeOf(shape);
  const part = data.then((planes) => counted(count, compact(planes, 2, [0, 1], channels)));
  const merge = reduction === 'mean' ? weightedMean : countedSum;
  const label = `BatchNorm gradient sums of ${formatShape(shape)}, ${reduction}`;
  const merged = await allReduceInTurn(group, part, { merge, label });
  const factor = reduction === 'sum' ? 1 : count === 0 ? 0 : countOf(merged) / count;
  const planes = numbersOf(merged).map((value) => value * factor);
  const halves = [0, 1].map((plane) => planes.subarray(plane * channels));
  const packed = upload(saved.runtime, halves, channels);
  try {
    return gradientsOf(packed);
  } finally {
    packed.destroy();
  }
}

/** @throws NormError `option` for what measures something else than x. */
function checkMeasured(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if ((BEFORE as readonly string[]).includes(name)) {
      throw new NormError(
        'option',
        `${FORWARD}: ${name} changes what is measured, and moments are taken of x as it is; make that first, and give it as x`,
      );
    }
    if (name === 'multiply' && (value as { where?: unknown } | null)?.where === 'before') {
      throw new NormError(
        'option',
        `${FORWARD}: multiply before changes what is measured, and moments are taken of x as it is; multiply first`,
      );
    }
  }
  checkLacking(FORWARD, options, ['encoder', 'moments', 'training'], 'it trains, by moments');
}

/** @throws NormError `saved` for what was normalized by statistics of this member alone, `option` for what says how or by which sums. */
function checkSynchronized(saved: Saved, options: object): void {
  checkSaved(BACKWARD, ['batchNorm'], saved);
  if (saved.problem.source !== 'moments') {
    throw new NormError(
      'saved',
      `${BACKWARD}: saved is of a call that normalized by statistics of its own; give that of \`{ y, saved } = await ${FORWARD}(…)\``,
    );
  }
  checkLacking(BACKWARD, options, ['encoder', 'sums'], 'it takes the sums of all members');
}

/** @throws NormError `option` for what the call of one member has and that of all has not. */
function checkLacking(op: string, options: object, names: readonly string[], why: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || !names.includes(name)) continue;
    throw new NormError('option', `${op}: there is no option '${name}'; ${why} that go by way of the CPU`);
  }
}

/** The count and the moments of x, compact; of no element, zeros. */
async function momentsOf(x: Tensor, channel: number): Promise<Float32Array<ArrayBuffer>> {
  const channels = x.shape[channel]!;
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== channel);
  if (x.size === 0) return counted(0, new Float32Array(3 * channels));
  const own = moments(x, { axes });
  return counted(own.count, compact(await numbersIn(own), MOMENTS, [0, 1, 3], channels));
}

/** Numbers computed here alone; their memory is given back, whatever goes wrong. */
async function numbersIn(own: Moments | GradientSums, check = (): void => {}): Promise<Float32Array> {
  try {
    check();
    return (await own.read()).data;
  } finally {
    own.destroy();
  }
}

/** Some of the planes of packed data, without what is between them. */
function compact(
  data: Float32Array,
  planes: number,
  wanted: readonly number[],
  length: number,
): Float32Array<ArrayBuffer> {
  const stride = data.length / planes;
  const compacted = new Float32Array(wanted.length * length);
  wanted.forEach((plane, index) =>
    compacted.set(data.subarray(plane * stride, plane * stride + length), index * length),
  );
  return compacted;
}

/** Mean, what rounding it left, variance, deviation and count of each channel. */
function packedMoments(runtime: Runtime, merged: Float32Array<ArrayBuffer>, shape: Shape): Tensor {
  const channels = shape[0]!;
  const numbers = numbersOf(merged);
  const [mean, rest, deviation] = [0, 1, 2].map((plane) => numbers.subarray(plane * channels, (plane + 1) * channels));
  const variance = deviation!.map((value) => value ** 2);
  const counts = new Float32Array(channels).fill(countOf(merged));
  return upload(runtime, [mean!, rest!, variance, deviation!, counts], channels);
}

/** Planes as a tensor, each where calls bind it. */
function upload(runtime: Runtime, planes: readonly Float32Array[], length: number): Tensor {
  const packed = emptyTensor(runtime, packedShape(planes.length, [length]), 'f32', 'sync');
  const stride = packed.shape[1]!;
  const data = new Float32Array(packed.size);
  planes.forEach((plane, index) => data.set(plane.subarray(0, length), index * stride));
  if (packed.size > 0) runtime.device.queue.writeBuffer(packed.storage.buffer, 0, data);
  return packed;
}
