import { NormError } from '../errors.ts';
import { planSums } from '../plan/backward.ts';
import { planeSize } from '../plan/plan.ts';
import { withStarts } from '../plan/starts.ts';
import { planMergeSums } from '../plan/sums.ts';
import { formatValue } from '../problem/format-value.ts';
import { sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { checkRecord, checkTensor } from './arguments.ts';
import { checkInputs, rangeOf, rangesOf, run, startsOf, startsSignature } from './call.ts';
import type { RecordOptions } from './forms.ts';
import type { Context } from './context.ts';
import { checkParts, loadPacked, mergePacked, packedShape } from './packed.ts';
import type { PackedData } from './packed.ts';
import { planOf } from './plans.ts';
import { checkSaved, inputOf, operandsOf } from './saved.ts';
import type { Saved } from './saved.ts';
import { Tensor } from './tensor.ts';
import { checkLike } from './validate.ts';

const PLANE_COUNT = 2;

/** Gradient sums as plain data: a plane of sums of dy, a plane of sums of dy · normalized x. */
export type GradientSumsData = PackedData;

/** What the gradient of BatchNorm needs to know of a whole batch, for each channel. */
export class GradientSums implements Disposable {
  /** Sums of dy. */
  readonly dy: Tensor;
  /** Sums of dy times the normalized x. */
  readonly dyXhat: Tensor;
  /** Elements a channel. */
  readonly count: number;
  /** Both in one tensor; what `mergeGradientSums` and the option `sums` read. */
  readonly packed: Tensor;

  /** @internal */
  constructor(packed: Tensor, shape: Shape, count: number) {
    const { context, storage } = packed;
    this.packed = packed;
    this.count = count;
    this.dy = new Tensor(context, storage, shape, 'f32');
    this.dyXhat = new Tensor(context, storage, shape, 'f32', planeSize(sizeOf(shape)) * 4);
  }

  /** Copies all of it to the CPU, as data that can be posted to a worker. */
  async read(): Promise<GradientSumsData> {
    return { data: await this.packed.read(), shape: this.dy.shape, count: this.count };
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
 * The sums over dy that the gradient of one part of a batch contributes, for a BatchNorm call that normalized by the
 * `moments` of the whole batch: merge those of all parts, and give them to `batchNormBackward` as `sums`.
 *
 * @throws NormError before anything is recorded.
 */
export function gradientSums(dy: Tensor, saved: Saved, record: Omit<RecordOptions, 'out'> = {}): GradientSums {
  const op = 'gradientSums';
  checkRecord(op, record, ['encoder']);
  checkSaved(op, 'batchNorm', saved);
  checkTensor(op, 'dy', dy);
  const { problem } = saved;
  const x = inputOf(saved);
  const { context } = saved.mean;
  const read = { ...operandsOf(saved), dy };
  checkInputs(op, context, read);
  checkLike(op, 'dy', dy, x.shape, 'x', x.dtype);
  if (problem.source === 'running') {
    throw new NormError('saved', `${op}: the call normalized by running statistics, whose gradient needs no sums`);
  }
  const plan = planOf(op, context, problem, op + startsSignature(read), () =>
    withStarts(planSums(problem, context.profile, context.schedule), startsOf(read)),
  );
  const packed = context.empty(packedShape(PLANE_COUNT, [problem.groups]), { label: op });
  run(context, plan, { ...rangesOf(read), ...saved.kept, sums: rangeOf(packed) }, record.encoder);
  return new GradientSums(packed, [problem.groups], problem.length);
}

/**
 * Uploads what {@link GradientSums.read} gave, on this device or another.
 *
 * @throws NormError `option`, `dtype` or `shape` where the data is not that.
 */
export function loadGradientSums(context: Context, data: GradientSumsData): GradientSums {
  const packed = loadPacked('loadGradientSums', context, PLANE_COUNT, data);
  return new GradientSums(packed, data.shape, data.count);
}

/**
 * The sums of all parts taken together: each the sum of theirs, and so is `count`.
 *
 * @throws NormError `option` where there is no part, `shape` where their channels differ, `device`, `destroyed`.
 */
export function mergeGradientSums(
  parts: readonly GradientSums[],
  record: Omit<RecordOptions, 'out'> = {},
): GradientSums {
  const op = 'mergeGradientSums';
  const first = checkParts(op, parts, GradientSums, 'GradientSums', 'gradientSums() or loadGradientSums()');
  const packed = parts.map((part) => ({ packed: part.packed, shape: part.dy.shape }));
  const merged = mergePacked(op, packed, 'sums', record, (size) => planMergeSums(first.packed.context.profile, size));
  return new GradientSums(
    merged,
    first.dy.shape,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
}

/** @internal @throws NormError `option` where sums are missing, not needed, or not of what the statistics are of. */
export function checkSums(op: string, { problem, mean }: Saved, sums: GradientSums | undefined): void {
  if (sums === undefined) {
    if (problem.source !== 'moments') return;
    throw new NormError(
      'option',
      `${op}: sums are missing; the call normalized by moments of ${problem.count} values a channel, so merge the ` +
        `gradientSums of all their parts and give them`,
    );
  }
  if (!(sums instanceof GradientSums)) {
    throw new NormError(
      'option',
      `${op}: sums are no GradientSums but ${formatValue(sums)}; make them with gradientSums() and mergeGradientSums()`,
    );
  }
  if (problem.source === 'running') {
    throw new NormError(
      'option',
      `${op}: sums are given, but the call normalized by running statistics; leave them out`,
    );
  }
  if (sums.dy.size !== problem.groups) {
    throw new NormError('option', `${op}: sums are of ${sums.dy.size} channels, but the call has ${problem.groups}`);
  }
  if (sums.count !== problem.count) {
    throw new NormError(
      'option',
      `${op}: sums are of ${sums.count} values a channel, but the statistics of ${problem.count}; merge those of all parts`,
    );
  }
  checkInputs(op, mean.context, { sums: sums.packed });
}
