import { checkFloat, checkInputs, checkTensor } from '../calls/checks.ts';
import { NormError } from '../errors.ts';
import { checkAlone, checkCount, checkNames } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { isHalf } from '../problem/dtype.ts';
import { formatShape } from '../problem/shape.ts';
import { bitsOf } from '../runtime/halves.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { Usage } from '../runtime/usage.ts';
import { checkGroup } from './checks.ts';
import type { Group } from './group.ts';
import { counted, countOf, first, numbersOf, sum, weightedMean } from './merge.ts';
import type { Merge } from './merge.ts';

export interface AverageOptions {
  /** What weighs this member's gradients: the samples whose mean loss they are of. 0 where it had none: what they hold counts for nothing. */
  count: number;
}

/**
 * Data-parallel training: each gradient becomes Σ nᵢ · gᵢ / Σ nᵢ over members, nᵢ their counts: that of the mean loss of all samples
 * together. All gradients go in one message; sums are taken in float64 in the order of ranks, and written over the tensors, which then hold the same
 * bits on all members. f32, f16 or bf16.
 *
 * @throws NormError (rejects) `option`, `dtype`, `usage`, `destroyed`; `peer`, `mismatch` as {@link Group.allReduce}; `training` where
 * nobody has a sample.
 * @example await averageGradients(group, layer.parameters().map(({ grad }) => grad), { count: x.shape[0]! });
 */
export async function averageGradients(
  group: Group,
  gradients: readonly Tensor[],
  options: AverageOptions,
  ...more: readonly never[]
): Promise<void> {
  const op = 'averageGradients';
  checkAlone(op, more, ['count']);
  checkAll(op, group, gradients);
  checkNames(op, options, ['count']);
  checkCount(op, 'count', options.count, 0);
  await reduce(
    op,
    group,
    gradients,
    weightedMean,
    (numbers) => counted(options.count, numbers),
    (merged) => {
      if (countOf(merged) > 0) return numbersOf(merged);
      throw new NormError('training', `${op}: no member has a sample; all counts are 0`);
    },
  );
}

/**
 * Each gradient becomes the sum over members: of a loss that is summed up, or whose mean each member took over all samples. Otherwise as
 * {@link averageGradients}.
 *
 * @throws NormError (rejects) `option`, `dtype`, `usage`, `destroyed`; `peer`, `mismatch` as {@link Group.allReduce}.
 * @example await sumGradients(group, [dweight, dbias]);
 */
export async function sumGradients(
  group: Group,
  gradients: readonly Tensor[],
  ...more: readonly never[]
): Promise<void> {
  checkAlone('sumGradients', more);
  checkAll('sumGradients', group, gradients);
  await reduce('sumGradients', group, gradients, sum);
}

/**
 * Gives all members the numbers of rank 0: parameters before the first step, or after a new member came.
 *
 * @throws NormError (rejects) `option`, `dtype`, `usage`, `destroyed`; `peer`, `mismatch` as {@link Group.allReduce}.
 * @example await broadcastTensors(group, [weight, bias]);
 */
export async function broadcastTensors(
  group: Group,
  tensors: readonly Tensor[],
  ...more: readonly never[]
): Promise<void> {
  checkAlone('broadcastTensors', more);
  checkAll('broadcastTensors', group, tensors);
  await reduce('broadcastTensors', group, tensors, first);
}

const same = (numbers: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> => numbers;

async function reduce(
  op: string,
  group: Group,
  tensors: readonly Tensor[],
  merge: Merge,
  pack = same,
  unpack = same,
): Promise<void> {
  const parts = await Promise.all(tensors.map(async (tensor) => tensor.read()));
  const numbers = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let end = 0;
  for (const part of parts) numbers.set(part, (end += part.length) - part.length);
  const label = `${op} of ${tensors.map(({ shape, dtype }) => dtype + formatShape(shape)).join(' ')}`;
  const merged = unpack(await group.allReduce(pack(numbers), { merge, label }));
  end = 0;
  // One after the other: halves of two tensors may share a word.
  for (const tensor of tensors) await write(tensor, merged.slice(end, (end += tensor.size)));
}

/** Writes over a tensor; where halves begin or end within a word, its other one is kept. */
async function write(
  { runtime, storage, dtype, byteOffset }: Tensor,
  numbers: Float32Array<ArrayBuffer>,
): Promise<void> {
  const { queue } = runtime.device;
  if (numbers.length === 0) return;
  if (!isHalf(dtype)) return queue.writeBuffer(storage.buffer, byteOffset, numbers);
  const bits = bitsOf(numbers, dtype);
  const [before, after] = [(byteOffset % 4) / 2, ((byteOffset + bits.byteLength) % 4) / 2];
  const words = new Uint16Array(before + bits.length + after);
  if (before) words.set(await halfAt(byteOffset - 2), 0);
  if (after) words.set(await halfAt(byteOffset + bits.byteLength), words.length - 1);
  words.set(bits, before);
  queue.writeBuffer(storage.buffer, byteOffset - 2 * before, words);

  async function halfAt(offset: number): Promise<Uint16Array> {
    return new Uint16Array(await runtime.download(storage.buffer, offset, 2));
  }
}

function checkAll(op: string, group: Group, tensors: readonly Tensor[]): void {
  checkGroup(op, group);
  if (!Array.isArray(tensors)) {
    throw new NormError('option', `${op}: tensors is ${formatValue(tensors)}; it must be an Array of tensors`);
  }
  tensors.forEach((tensor: Tensor, index) => {
    const name = `tensor ${index}`;
    checkTensor(op, name, tensor);
    checkFloat(op, name, tensor);
    checkInputs(op, tensor.runtime, { [name]: tensor });
    if (!tensor.contiguous) {
      throw new NormError(
        'shape',
        `${op}: ${name} has strides ${formatShape(tensor.strides)}; it is written over, so it must be contiguous`,
      );
    }
    if (~tensor.storage.buffer.usage & (Usage.COPY_SRC | Usage.COPY_DST)) {
      throw new NormError(
        'usage',
        `${op}: the buffer of ${name} was made without GPUBufferUsage.COPY_SRC and COPY_DST, by which it is read and written`,
      );
    }
  });
}
