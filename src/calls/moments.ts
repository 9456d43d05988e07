import { NormError } from '../errors.ts';
import { brandOf } from '../options/brand.ts';
import type { Brand } from '../options/brand.ts';
import { planMergeMoments } from '../plan/moments.ts';
import { planFittingMoments } from '../plan/pieces/moments.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import { resolveAxes } from '../problem/axes.ts';
import { checkAlone, checkFlags, checkNames } from '../options/checks.ts';
import { addShaders, STATISTIC_SHADERS } from '../programs/shaders.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { measureProblem } from '../problem/problem.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import { lyingAs } from '../problem/strides.ts';
import type { Shape } from '../problem/shape.ts';
import type { Context } from '../runtime/context.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import { emptyTensor, Tensor } from '../runtime/tensor.ts';
import { checkEncoder, checkFloat, checkInputs, checkTensor } from './checks.ts';
import { checkParts, loadPacked, mergePacked, packedShape, readPacked } from './parts.ts';
import type { PackedData } from './parts.ts';
import { cachedPlan } from './plans.ts';
import { record } from './record.ts';
import { elementOffsetsOf, placesSignature } from './resources.ts';

const PLANE_COUNT = 5;

/** Moments as plain data: planes of mean, what its rounding left, variance, deviation and count. */
export type MomentsData = PackedData;

/** Mean and variance of each group of elements, and how many elements a group has. */
export class Moments implements Disposable {
  /** @internal */
  static readonly brand: Brand = /* @__PURE__ */ brandOf('Moments');
  readonly mean: Tensor<'f32'>;
  /** About the mean, biased: the sum of squares is divided by `count`. */
  readonly variance: Tensor<'f32'>;
  /** Elements a group. */
  readonly count: number;
  /** All that is known of the groups, more exactly than `mean` alone can say; what `mergeMoments` and `moments` options read. */
  readonly packed: Tensor<'f32'>;

  /** @internal */
  constructor(packed: Tensor<'f32'>, shape: Shape, count: number) {
    const plane = planeSize(sizeOf(shape)) * 4;
    const { runtime, storage } = packed;
    this.packed = packed;
    this.count = count;
    this.mean = new Tensor(runtime, storage, shape, 'f32', plane * PLANES.mean);
    this.variance = new Tensor(runtime, storage, shape, 'f32', plane * PLANES.rstd);
  }

  /**
   * Copies all of it to the CPU, as data that can be posted to a worker.
   *
   * @throws NormError (rejects) `destroyed`, `lost`, `memory`, `option` where there are arguments.
   * @example const { data, shape, count } = await moments(x, { axes: [0] }).read();
   */
  async read(...more: readonly never[]): Promise<MomentsData> {
    checkAlone('read', more);
    return readPacked(this, this.mean.shape);
  }

  /** Frees the memory of all its tensors. */
  destroy(): void {
    this.packed.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/**
 * Uploads what {@link Moments.read} gave, on this device or another.
 *
 * @throws NormError `option`, `dtype` or `shape` where the data is not that, `lost`.
 * @example const part = loadMoments(context, received);
 */
export function loadMoments(context: Context, data: MomentsData, ...more: readonly never[]): Moments {
  checkAlone('loadMoments', more);
  const packed = loadPacked('loadMoments', context, PLANE_COUNT, data);
  return new Moments(packed, data.shape, data.count);
}

/** Options of {@link moments}. */
export interface MomentsOptions extends EncoderOptions {
  /** The axes whose elements are taken together. */
  axes: number | readonly number[];
  /** Keep the reduced axes, with size 1. Default: false. */
  keepDims?: boolean | undefined;
}

/**
 * Mean = sum(x) / count, biased variance = sum((x - mean)²) / count, and count over the given axes, for every index of the others:
 * mean and variance have the shape of those, or with `keepDims` that of x with the given axes 1. They lie in memory of the context, in planes of
 * its own, so there is no `out`: what `destroy` gives back the next call takes.
 *
 * @throws NormError before anything is recorded: `axes`, `dtype`, `option`; `device`, `destroyed`, `limit`, `lost`.
 * @example const { mean, variance } = moments(x, { axes: [0, 2, 3] });
 */
export function moments(x: Tensor<FloatDtype>, options: MomentsOptions, ...more: readonly never[]): Moments {
  const op = 'moments';
  checkAlone(op, more, ['encoder']);
  checkTensor(op, 'x', x);
  checkNames(op, options, ['axes', 'keepDims', 'encoder']);
  checkFlags(op, options, ['keepDims']);
  const { encoder, keepDims = false } = options;
  checkEncoder(op, encoder);
  const { runtime } = x;
  const reduced = resolveAxes(op, options.axes, x.shape);
  const axes = x.shape.map((size, axis) => {
    return { axis, size, reduced: reduced.includes(axis), parameter: false, channel: false };
  });
  const problem = lyingAs(measureProblem(op, x, axes, 'variance'), x, {}, {});
  checkFloat(op, 'x', x);
  if (problem.length === 0) {
    throw new NormError(
      'shape',
      `${op}: x ${formatShape(x.shape)} has no element along axes [${reduced.join(',')}] to take moments of; leave the part out`,
    );
  }
  checkInputs(op, runtime, { x });
  const key = `${x.dtype}${formatShape(x.shape)} ${problem.x.kept.join()} ${problem.kept.join()}`;
  const plan = cachedPlan(runtime, key + placesSignature({ x }), () => {
    addShaders(STATISTIC_SHADERS);
    return planFittingMoments(problem, runtime.profile, runtime.schedule, elementOffsetsOf({ x }));
  });
  const shape = keepDims ? problem.statisticsShape : problem.kept;
  const packed = emptyTensor(runtime, packedShape(PLANE_COUNT, shape), 'f32', op);
  record(runtime, plan, { x: x.range, saved: packed.range }, { encoder });
  return new Moments(packed, shape, problem.length);
}

/**
 * The moments of all parts taken together: with n = sum of their counts, mean = sum(countᵢ · meanᵢ) / n and
 * variance = sum(countᵢ · (varianceᵢ + (meanᵢ - mean)²)) / n; `count` is n.
 *
 * Chan, Golub, LeVeque 1979, http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf
 *
 * @throws NormError `option` where there is no part, or the encoder is an open compute pass, `shape` where their groups differ, `limit` where there are too many for the device, `device`, `destroyed`, `lost`.
 * @example const merged = mergeMoments([moments(x, { axes: [0, 2, 3] }), loadMoments(context, received)]);
 */
export function mergeMoments(
  parts: readonly Moments[],
  options: EncoderOptions = {},
  ...more: readonly never[]
): Moments {
  const op = 'mergeMoments';
  checkAlone(op, more, ['encoder']);
  const first = checkParts(op, parts, Moments, 'Moments', 'moments() or loadMoments()');
  const packed = parts.map((part) => ({ packed: part.packed, shape: part.mean.shape }));
  const merged = mergePacked(op, packed, 'saved', options, (size) => {
    addShaders(STATISTIC_SHADERS);
    return planMergeMoments(first.packed.runtime.profile, size);
  });
  return new Moments(
    merged,
    first.mean.shape,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
}
