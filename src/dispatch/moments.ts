import { planMergeMoments, planMoments } from '../plan/moments.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import { withElementOffsets } from '../plan/element-offsets.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Problem } from '../problem/problem.ts';
import { checkRecord } from './arguments.ts';
import { checkFloat, checkInputs, rangeOf, run, startsOf, startsSignature } from './call.ts';
import type { RecordOptions } from './forms.ts';
import type { Context } from './context.ts';
import { cachedPlan, checkParts, loadPacked, mergePacked, packedShape } from './packed.ts';
import type { PackedData } from './packed.ts';
import { Tensor } from './tensor.ts';

const PLANE_COUNT = 5;

/** Moments as plain data: planes of mean, what its rounding left, variance, deviation and count. */
export type MomentsData = PackedData;

/** Mean and variance of each group of elements, and how many elements a group has. */
export class Moments implements Disposable {
  readonly mean: Tensor;
  /** About the mean, biased: the sum of squares is divided by `count`. */
  readonly variance: Tensor;
  /** Elements a group. */
  readonly count: number;
  /** All that is known of the groups, more exactly than `mean` alone can say; what `mergeMoments` and `moments` options read. */
  readonly packed: Tensor;

  /** @internal */
  constructor(packed: Tensor, shape: Shape, count: number) {
    const plane = planeSize(sizeOf(shape)) * 4;
    const { context, storage } = packed;
    this.packed = packed;
    this.count = count;
    this.mean = new Tensor(context, storage, shape, 'f32', plane * PLANES.mean);
    this.variance = new Tensor(context, storage, shape, 'f32', plane * PLANES.rstd);
  }

  /** Copies all of it to the CPU, as data that can be posted to a worker. */
  async read(): Promise<MomentsData> {
    return { data: await this.packed.read(), shape: this.mean.shape, count: this.count };
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
 * @throws NormError `option`, `dtype` or `shape` where the data is not that.
 */
export function loadMoments(context: Context, data: MomentsData): Moments {
  const packed = loadPacked('loadMoments', context, PLANE_COUNT, data);
  return new Moments(packed, data.shape, data.count);
}

/** @internal The moments of x; `shape` is that of the results. */
export function measure(x: Tensor, problem: Problem, shape: Shape, record: Omit<RecordOptions, 'out'>): Moments {
  const { context } = x;
  checkRecord(problem.op, record, ['encoder']);
  checkFloat(problem.op, 'x', x);
  checkInputs(problem.op, context, { x });
  const key = `${x.dtype}${formatShape(x.shape)} ${problem.x.kept.join()} ${problem.kept.join()}`;
  const plan = cachedPlan(context, key + startsSignature({ x }), () =>
    withElementOffsets(planMoments(problem, context.profile, context.schedule), startsOf({ x })),
  );
  const packed = context.empty(packedShape(PLANE_COUNT, shape), { label: problem.op });
  run(context, plan, { x: rangeOf(x), saved: rangeOf(packed) }, record.encoder);
  return new Moments(packed, shape, problem.length);
}

/**
 * The moments of all parts taken together (Chan, Golub and LeVeque 1979): `count` is the sum of theirs.
 *
 * @throws NormError `option` where there is no part, `shape` where their groups differ, `device`, `destroyed`.
 */
export function mergeMoments(parts: readonly Moments[], record: Omit<RecordOptions, 'out'> = {}): Moments {
  const op = 'mergeMoments';
  const first = checkParts(op, parts, Moments, 'Moments', 'moments() or loadMoments()');
  const packed = parts.map((part) => ({ packed: part.packed, shape: part.mean.shape }));
  const merged = mergePacked(op, packed, 'saved', record, (size) =>
    planMergeMoments(first.packed.context.profile, size),
  );
  return new Moments(
    merged,
    first.mean.shape,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
}
