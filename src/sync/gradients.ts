import { NormError } from '../errors.ts';
import { checkAlone, checkCount, checkNames } from '../options/checks.ts';
import { checkGroup } from './checks.ts';
import type { Group } from './group.ts';
import { allReduceInTurn } from './in-turn.ts';
import { counted, countOf, first, numbersOf, sum, weightedMean } from './merge.ts';
import type { Merge } from './merge.ts';
import { checkReducible, formatReducible, readAll, writeAll } from './reducible.ts';
import type { Reducible } from './reducible.ts';

export interface AverageOptions {
  /** The weight of this member's gradients: the samples whose mean loss they are of. 0 where it had none: what they hold counts for nothing. */
  count: number;
}

/**
 * Data-parallel training: each gradient becomes Σ nᵢ · gᵢ / Σ nᵢ over members, nᵢ their counts: that of the mean loss of all samples
 * together. Gradients are tensors in f32, f16 or bf16, or Float32Arrays. All go in one message; sums are taken in float64 in the order
 * of ranks and written over what was given, which then holds the same bits on all members.
 *
 * @throws NormError (rejects) `option`, `dtype`, `shape`, `usage`, `destroyed`, `lost`; `peer`, `mismatch` as {@link Group.allReduce};
 * `training` where nobody has a sample.
 * @example await averageGradients(group, layer.parameters().map(({ grad }) => grad), { count: x.shape[0]! });
 */
export async function averageGradients(
  group: Group,
  gradients: readonly Reducible[],
  options: AverageOptions,
  ...more: readonly never[]
): Promise<void> {
  const op = 'averageGradients';
  checkAlone(op, more, ['count']);
  checkNames(op, options, ['count']);
  const { count } = options;
  checkCount(op, 'count', count, 0);
  await reduce(op, group, gradients, weightedMean, {
    pack: (numbers) => counted(count, numbers),
    unpack: (merged) => {
      if (countOf(merged) > 0) return numbersOf(merged);
      throw new NormError('training', `${op}: no member has a sample; all counts are 0`);
    },
  });
}

/**
 * Each gradient becomes the sum over members: of a loss that is summed up, or of shares in a loss whose mean is over all samples.
 * Otherwise as {@link averageGradients}; a sum beyond what halves hold is infinite.
 *
 * @throws NormError (rejects) `option`, `dtype`, `shape`, `usage`, `destroyed`, `lost`; `peer`, `mismatch` as {@link Group.allReduce}.
 * @example await sumGradients(group, [dweight, dbias]);
 */
export async function sumGradients(
  group: Group,
  gradients: readonly Reducible[],
  ...more: readonly never[]
): Promise<void> {
  checkAlone('sumGradients', more);
  await reduce('sumGradients', group, gradients, sum);
}

/**
 * Gives all members the numbers of rank 0, so that they begin with the same parameters.
 *
 * @throws NormError (rejects) `option`, `dtype`, `shape`, `usage`, `destroyed`, `lost`; `peer`, `mismatch` as {@link Group.allReduce}.
 * @example await broadcastParameters(group, [weight, bias]);
 */
export async function broadcastParameters(
  group: Group,
  parameters: readonly Reducible[],
  ...more: readonly never[]
): Promise<void> {
  checkAlone('broadcastParameters', more);
  await reduce('broadcastParameters', group, parameters, first);
}

type Change = (numbers: Float32Array<ArrayBuffer>) => Float32Array<ArrayBuffer>;
const SAME: Record<'pack' | 'unpack', Change> = { pack: (numbers) => numbers, unpack: (numbers) => numbers };

async function reduce(
  op: string,
  group: Group,
  arrays: readonly Reducible[],
  merge: Merge,
  { pack, unpack } = SAME,
): Promise<void> {
  checkGroup(op, group);
  checkReducible(op, arrays);
  const label = `${op} of ${arrays.map(formatReducible).join(' ')}`;
  const part = readAll(arrays).then(pack);
  await writeAll(op, arrays, unpack(await allReduceInTurn(group, part, { merge, label })));
}
