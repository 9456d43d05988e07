import { gradientSums, mergeGradientSums, mergeMoments, moments } from '../../../src/index.ts';
import type { CallOptions, Moments, Saved, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { numbersOf } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { gradientErrors, resultErrors } from '../support/fused-errors.ts';
import { backwardOf, destinationsOf } from '../support/gradients.ts';
import { callGpuForward } from '../support/run.ts';
import { largest, unitsOff } from '../support/units.ts';
import type { Filled } from './fill-case.ts';
import type { CaseTensors } from './tensors.ts';

/** What only one of the parts updates. */
const UPDATED = new Set(['runningMean', 'runningVar', 'numBatchesTracked']);

/**
 * A call in parts, as those make it who share a batch, or a picture in tiles: each takes moments, and sums for its gradient; with the merged ones
 * its results are a part of those of the whole. Parts are slices of the tensors of one call, which they are compared as.
 */
export async function errorsInParts(
  filled: Filled,
  { place, destination, accumulates }: CaseTensors,
): Promise<Record<string, number>> {
  const { fused, dy } = filled;
  const { x, arrays, dtypes } = fused;
  const tensors: Record<string, Tensor> = {};
  for (const [name, array] of Object.entries({ x, ...arrays, dy })) tensors[name] = place(array, name);
  const y = destination('y', dtypes['dy']!, x.shape)!;
  const into = destinationsOf(fused, destination, accumulates);
  const gradients: Record<string, Tensor> = { ...into.out, ...into.accumulate };
  const held = new Map(
    await Promise.all(Object.values(into.accumulate).map(async (tensor) => [tensor, await numbersOf(tensor)] as const)),
  );
  const { merged, made } = madeInParts(filled, { tensors, y, gradients, accumulates });
  const { errors, summed } = await resultErrors(fused, { y, residualOut: undefined, tensors });
  const { shape, axes } = groupsOf(fused);
  const exact = reference.moments({ data: x.data, shape }, { axes });
  const [mean, variance] = [exact.mean, exact.variance].map(({ data }) => largest({ data }));
  errors['mean'] = await unitsOff(merged.mean, exact.mean.data, mean! + largest(x));
  errors['variance'] = await unitsOff(merged.variance, exact.variance.data, variance!);
  const back = { fused, summed, dy, dresidualOut: null };
  Object.assign(errors, await gradientErrors(back, Object.entries(gradients), held));
  for (const one of [y, ...Object.values(gradients), ...made]) one.destroy();
  return errors;
}

/** The tensors of the whole. */
interface Whole {
  tensors: Readonly<Record<string, Tensor>>;
  y: Tensor;
  gradients: Readonly<Record<string, Tensor>>;
  accumulates: (name: string) => boolean;
}

/** Makes the call of each part; returns the moments of all, and what else was made on the way. */
function madeInParts(
  { given, fused }: Filled,
  { tensors, y, gradients, accumulates }: Whole,
): { merged: Moments; made: { destroy: () => void }[] } {
  const cut = cutOf(fused);
  const { shape, axes, axisOf } = groupsOf(fused);
  const ends = cut.axis === null ? [1] : endsOf(fused.x.shape[cut.axis]!, given.numbers);
  const parts = ends.map((end, index) => {
    const start = ends[index - 1] ?? 0;
    return { isFirst: start === 0, start, end, of: (tensor: Tensor) => cut.of(tensor, start, end) };
  });
  const x = fused.op === 'groupNorm' ? tensors['x']!.reshape(shape) : tensors['x']!;
  const ownMoments = parts.map(({ start, end }) =>
    moments(cut.axis === null ? x : x.slice(axisOf(cut.axis), start, end), { axes }),
  );
  const merged = mergeMoments(ownMoments);
  const saved = parts.map(({ isFirst, of }): Saved => {
    const arrays = Object.fromEntries(Object.entries(fused.arrays).filter(([name]) => isFirst || !UPDATED.has(name)));
    const more = { out: of(y), moments: merged } as CallOptions;
    return callGpuForward({ ...fused, arrays }, (_, name) => of(tensors[name]!), more).saved;
  });
  const ownSums = parts.map(({ of }, index) => gradientSums(of(tensors['dy']!), saved[index] as never));
  const sums = mergeGradientSums(ownSums);
  for (const [index, { isFirst, of }] of parts.entries()) {
    const into = { out: {} as Record<string, Tensor>, accumulate: {} as Record<string, Tensor> };
    for (const [name, tensor] of Object.entries(gradients)) {
      const own = of(tensor);
      // What all parts have a share in is written by the first.
      const adds = accumulates(name) || (own === tensor && !isFirst);
      into[adds ? 'accumulate' : 'out'][name] = own;
    }
    backwardOf(fused.op)(of(tensors['dy']!), saved[index]!, { sums, ...into } as object);
  }
  return { merged, made: [...ownMoments, merged, ...saved, ...ownSums, sums] };
}

/** Where each part ends along an axis: one, two or three of them. */
function endsOf(size: number, numbers: number): number[] {
  const inner = [0.25, 0.6].slice(0, numbers % 3).map((share) => Math.ceil(share * size));
  return [...new Set([...inner, size])];
}

/** The axis of x that parts are cut along, samples or positions, null where there is none; and of a tensor what is of a part, all of it where it has no such axis. */
function cutOf({ op, x, options }: Fused): {
  axis: number | null;
  of: (whole: Tensor, start: number, end: number) => Tensor;
} {
  const letters = options['layout'] as string;
  const isOfSamples = op === 'batchNorm';
  const axis = [...letters].findIndex((letter) => (isOfSamples ? letter === 'N' : letter !== 'N' && letter !== 'C'));
  return {
    axis: axis < 0 ? null : axis,
    of: (whole, start, end) => {
      const { shape } = whole;
      if (axis >= 0 && shape.length === x.shape.length)
        return shape[axis] === x.shape[axis] ? whole.slice(axis, start, end) : whole;
      return shape.length === 2 && isOfSamples ? whole.slice(0, start, end) : whole;
    },
  };
}

/** Which elements share statistics: the axes along which they differ, of x or of x with its channels in groups; and where an axis of x is there. */
export function groupsOf({ op, x, options }: Fused): {
  shape: readonly number[];
  axes: number[];
  axisOf: (axis: number) => number;
} {
  const letters = options['layout'] as string;
  const [sample, channel] = [letters.indexOf('N'), letters.indexOf('C')];
  const groups = options['numGroups'] as number | undefined;
  const axisOf = (axis: number): number => (groups && axis > channel ? axis + 1 : axis);
  const kept = op === 'batchNorm' ? [channel] : [axisOf(sample), channel];
  const shape = groups ? x.shape.toSpliced(channel, 1, groups, x.shape[channel]! / groups) : x.shape;
  return { shape, axes: [...shape.keys()].filter((axis) => !kept.includes(axis)), axisOf };
}
