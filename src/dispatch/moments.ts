import { NormError } from '../errors.ts';
import { planMerge, planMoments } from '../plan/moments.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import type { Plan } from '../plan/plan.ts';
import { checkNames } from '../problem/options.ts';
import { checkDtype } from '../problem/parameters.ts';
import { formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Problem } from '../problem/problem.ts';
import { Cache } from './cache.ts';
import { checkInputs, rangeOf, run } from './call.ts';
import type { RecordOptions } from './call.ts';
import type { Context } from './context.ts';
import { Tensor } from './tensor.ts';

const PLANE_COUNT = 5;

/** Moments as plain data, to be sent to another worker or device. */
export interface MomentsData {
  /** Planes of mean, what its rounding left, variance, deviation and count. */
  data: Float32Array<ArrayBuffer>;
  shape: Shape;
  count: number;
}

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
    this.variance = new Tensor(context, storage, shape, 'f32', plane * PLANES.scale);
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

/** Uploads what {@link Moments.read} gave, on this device or another. */
export function loadMoments(context: Context, { data, shape, count }: MomentsData): Moments {
  return new Moments(context.tensor(data, packedShape(shape), { label: 'moments' }), shape, count);
}

function packedShape(shape: Shape): number[] {
  return [PLANE_COUNT, planeSize(sizeOf(shape))];
}

const plans = new WeakMap<Context, Cache<Plan>>();

function cached(context: Context, key: string, make: () => Plan): Plan {
  let cache = plans.get(context);
  if (!cache) plans.set(context, (cache = new Cache(256)));
  return cache.get(key, make);
}

/** @internal The moments of x; `shape` is that of the results. */
export function measure(x: Tensor, problem: Problem, shape: Shape, record: Omit<RecordOptions, 'out'>): Moments {
  const { context } = x;
  checkNames(problem.op, record, ['encoder']);
  checkDtype(problem.op, 'x', x, 'f32');
  checkInputs(problem.op, context, { x });
  const key = `${formatShape(x.shape)} ${problem.x.kept.join()} ${problem.kept.join()}`;
  const plan = cached(context, key, () => planMoments(problem, context.profile, context.schedule));
  const packed = context.empty(packedShape(shape), { label: problem.op });
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
  checkNames(op, record, ['encoder']);
  const [first] = parts;
  if (!first) throw new NormError('option', `${op}: no moments are given; at least one part is needed`);
  if (!parts.every((part) => part instanceof Moments)) {
    throw new NormError('option', `${op}: a part is no Moments; make them with moments() or loadMoments()`);
  }
  const { context, shape } = first.mean;
  const groups = sizeOf(shape);
  checkInputs(op, context, Object.fromEntries(parts.map((part, index) => [`part ${index}`, part.packed])));
  for (const { mean } of parts) {
    if (formatShape(mean.shape) !== formatShape(shape)) {
      throw new NormError(
        'shape',
        `${op}: a part has shape ${formatShape(mean.shape)}, the first ${formatShape(shape)}; they must agree`,
      );
    }
  }
  const size = { groups, parts: parts.length };
  const plan = cached(context, `merge ${groups} ${parts.length}`, () => planMerge(context.profile, size));
  const packed = context.empty(packedShape(shape), { label: op });
  run(context, plan, { saved: rangeOf(packed) }, record.encoder, (encoder, { partials }) => {
    parts.forEach(({ packed: part }, index) => copyPlanes(encoder, part, partials!.storage.buffer, size, index));
  });
  if (record.encoder) for (const part of parts) part.packed.storage.recorded = true;
  return new Moments(
    packed,
    shape,
    parts.reduce((sum, part) => sum + part.count, 0),
  );
}

function copyPlanes(
  encoder: GPUCommandEncoder,
  part: Tensor,
  partials: GPUBuffer,
  size: { groups: number; parts: number },
  index: number,
): void {
  const from = planeSize(size.groups) * 4;
  const to = planeSize(size.groups * size.parts) * 4;
  for (let plane = 0; plane < PLANE_COUNT; plane++) {
    const target = plane * to + index * size.groups * 4;
    encoder.copyBufferToBuffer(part.buffer, part.byteOffset + plane * from, partials, target, size.groups * 4);
  }
}
