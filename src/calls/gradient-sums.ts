import { NormError } from '../errors.ts';
import { brandOf } from '../options/brand.ts';
import type { Brand } from '../options/brand.ts';
import { planMergeGradientSums } from '../plan/backward.ts';
import { planFittingGradientSums } from '../plan/pieces/backward.ts';
import { planeSize, planOfNothing } from '../plan/plan.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import { addShaders, GRADIENT_SHADERS } from '../programs/shaders.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { isEmpty } from '../problem/empty.ts';
import type { Problem } from '../problem/problem.ts';
import { checkGroups } from '../problem/running.ts';
import { sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { formatValue } from '../options/format-value.ts';
import type { Context } from '../runtime/context.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import { emptyTensor, Tensor } from '../runtime/tensor.ts';
import { checkEncoder, checkInputs, checkLike, checkTensor } from './checks.ts';
import { checkParts, loadPacked, mergePacked, packedShape, readPacked } from './parts.ts';
import type { PackedData } from './parts.ts';
import { planAfter } from './plans.ts';
import { record } from './record.ts';
import { elementOffsetsOf, placesSignature, resourcesOf } from './resources.ts';
import { checkSaved, inputOf, operandsOf } from './saved.ts';
import { lyingBackward } from './strides.ts';
import type { Saved } from './saved.ts';
import { recordZeroing } from './zeros.ts';

const PLANE_COUNT = 2;

/** The normalizations that take statistics of a whole whose part x is. */
const PARTS_OF = ['batchNorm', 'groupNorm', 'instanceNorm'] as const;
type PartMode = (typeof PARTS_OF)[number];

/** Gradient sums as plain data: a plane of sums of dy, a plane of sums of dy · normalized x. */
export type GradientSumsData = PackedData;

/** Sums over the whole that the gradient of a part needs, for each group whose elements share statistics. */
export class GradientSums implements Disposable {
  /** @internal */
  static readonly brand: Brand = /* @__PURE__ */ brandOf('GradientSums');
  /** Sums of dy; of GroupNorm, whose weight varies in a group, of dy · weight. */
  readonly dy: Tensor<'f32'>;
  /** The same times the normalized x. */
  readonly dyXhat: Tensor<'f32'>;
  /** Elements a group. */
  readonly count: number;
  /** Both in one tensor; what `mergeGradientSums` and the option `sums` read. */
  readonly packed: Tensor<'f32'>;

  /** @internal */
  constructor(packed: Tensor<'f32'>, shape: Shape, count: number) {
    const { runtime, storage } = packed;
    this.packed = packed;
    this.count = count;
    this.dy = new Tensor(runtime, storage, shape, 'f32');
    this.dyXhat = new Tensor(runtime, storage, shape, 'f32', planeSize(sizeOf(shape)) * 4);
  }

  /**
   * Copies all of it to the CPU, as data that can be posted to a worker.
   *
   * @throws NormError (rejects) `destroyed`, `lost`, `memory`, `option` where there are arguments.
   * @example const { data, shape, count } = await sums.read();
   */
  async read(...more: readonly never[]): Promise<GradientSumsData> {
    checkAlone('read', more);
    return readPacked(this, this.dy.shape);
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
 * The sums over dy that the gradient of one part contributes, for a call of BatchNorm, InstanceNorm or GroupNorm that normalized by the
 * `moments` of the whole (a batch, an image in tiles): merge those of all parts, and give them to the Backward function as `sums`. With
 * x̂ = (x - mean) / sqrt(variance + eps), its `dy` is sum(dy) and its `dyXhat` sum(dy · x̂), each of [C], [N,C] or [N,G]; dy is taken back
 * through an activation first, if the call had one, and with a modulation, or where the weight varies in a group, times that. They are the sums of
 * (G8) in docs/gradients.md.
 *
 * @throws NormError before anything is recorded: `saved` where it is of another function, or of a call that used running statistics, `segments`
 * or `meanScale`, `shape`, `dtype`, `option`; `device`, `destroyed`, `limit`, `lost` where a tensor cannot take part.
 * @example
 * const sums = gradientSums(dy, saved);
 * const { dx } = batchNormBackward(dy, saved, { sums: mergeGradientSums([sums, loadGradientSums(context, received)]) });
 */
export function gradientSums<Y extends FloatDtype = FloatDtype>(
  dy: Tensor<NoInfer<Y>>,
  saved: Saved<PartMode, FloatDtype, Y>,
  options: EncoderOptions = {},
  ...more: readonly never[]
): GradientSums {
  const op = 'gradientSums';
  checkAlone(op, more, ['encoder']);
  checkNames(op, options, ['encoder']);
  const { encoder } = options;
  checkEncoder(op, encoder);
  checkSaved(op, PARTS_OF, saved);
  checkTensor(op, 'dy', dy);
  const { problem, runtime, numbers } = saved;
  const x = inputOf(saved);
  const read = { ...operandsOf(saved), dy };
  checkInputs(op, runtime, read);
  checkLike(op, 'dy', dy, x.shape, 'x', problem.outputDtype);
  const alone = statisticsOfXAlone(problem);
  if (alone !== null) throw new NormError('saved', `${op}: the call ${alone}, whose gradient takes no sums`);
  if (isEmpty(problem)) return zeroSums(op, saved, encoder);
  const plan = planAfter(op, runtime, problem, op + placesSignature(read), () => {
    addShaders(GRADIENT_SHADERS);
    const laid = lyingBackward(problem, x, read);
    return planFittingGradientSums(laid, runtime.profile, runtime.schedule, elementOffsetsOf(read));
  });
  const packed = emptyTensor(runtime, packedShape(PLANE_COUNT, problem.kept), 'f32', op);
  const operands = resourcesOf(read, { sums: packed }, saved.statistics);
  record(runtime, plan, operands, { encoder, numbers });
  return new GradientSums(packed, problem.kept, problem.length);
}

/** The sums over no element. */
function zeroSums(op: string, { runtime, problem }: Saved, encoder: EncoderOptions['encoder']): GradientSums {
  const packed = emptyTensor(runtime, packedShape(PLANE_COUNT, problem.kept), 'f32', op);
  recordZeroing(op, runtime, problem, planOfNothing(op), { sums: packed }, { encoder });
  return new GradientSums(packed, problem.kept, problem.length);
}

/**
 * Uploads what {@link GradientSums.read} gave, on this device or another.
 *
 * @throws NormError `option`, `dtype` or `shape` where the data is not that, `lost`.
 * @example const sums = loadGradientSums(context, received);
 */
export function loadGradientSums(context: Context, data: GradientSumsData, ...more: readonly never[]): GradientSums {
  checkAlone('loadGradientSums', more);
  const packed = loadPacked('loadGradientSums', context, PLANE_COUNT, data, 0);
  return new GradientSums(packed, data.shape, data.count);
}

/**
 * The sums of all parts taken together: dy = sum(dyᵢ), dyXhat = sum(dyXhatᵢ), count = sum(countᵢ).
 *
 * @throws NormError `option` where there is no part, or the encoder is an open compute pass, `shape` where their groups differ, `limit` where there are too many for the device, `device`, `destroyed`, `lost`.
 * @example const merged = mergeGradientSums([sums, loadGradientSums(context, received)]);
 */
export function mergeGradientSums(
  parts: readonly GradientSums[],
  options: EncoderOptions = {},
  ...more: readonly never[]
): GradientSums {
  const op = 'mergeGradientSums';
  checkAlone(op, more, ['encoder']);
  const first = checkParts(op, parts, GradientSums, 'GradientSums', 'gradientSums() or loadGradientSums()');
  const packed = parts.map((part) => ({ packed: part.packed, shape: part.dy.shape }));
  const merged = mergePacked(op, packed, 'sums', options, (size) => {
    addShaders(GRADIENT_SHADERS);
    return planMergeGradientSums(first.packed.runtime.profile, size);
  });
  return new GradientSums(
    merged,
    first.dy.shape,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
}

/** @throws NormError `option` where sums are missing, not needed, or not of what the statistics are of. */
export function checkSums(op: string, { problem, runtime }: Saved, sums: GradientSums | undefined): void {
  if (sums === undefined) {
    if (problem.source !== 'moments') return;
    throw new NormError(
      'option',
      `${op}: sums are missing; the call normalized by moments of ${problem.count} values a group, so merge the ` +
        `gradientSums of all their parts and give them`,
    );
  }
  if (!(sums instanceof GradientSums)) {
    throw new NormError(
      'option',
      `${op}: sums are no GradientSums but ${formatValue(sums)}; make them with gradientSums() and mergeGradientSums()`,
    );
  }
  const alone = statisticsOfXAlone(problem);
  if (alone !== null) throw new NormError('option', `${op}: sums are given, but the call ${alone}; leave them out`);
  checkGroups(op, 'sums', sums.dy.shape, problem.kept, 'option');
  if (sums.count !== problem.count) {
    throw new NormError(
      'option',
      `${op}: sums are of ${sums.count} values a group, but the statistics of ${problem.count}; merge those of all parts`,
    );
  }
  checkInputs(op, runtime, { sums: sums.packed });
}

/** What a call did that no part of a whole does; null: nothing. */
function statisticsOfXAlone({ source, sequences, meanScale }: Problem): string | null {
  if (source === 'running') return 'normalized by running statistics';
  return sequences !== null ? 'was of segments' : meanScale ? 'took off a share of the mean (meanScale)' : null;
}
