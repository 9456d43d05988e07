import { checkFloat, checkInputs, checkTensor } from '../calls/checks.ts';
import { NormError } from '../errors.ts';
import { builtInType, formatValue } from '../options/format-value.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { isHalf } from '../problem/dtype.ts';
import { formatShape } from '../problem/shape.ts';
import { bitsOf } from '../runtime/halves.ts';
import { Tensor } from '../runtime/tensor.ts';
import { Usage } from '../runtime/usage.ts';

/** Numbers that are reduced and written over: on the GPU in f32, f16 or bf16, or on the CPU. */
export type Reducible = Tensor<FloatDtype> | Float32Array;

/** @throws NormError `option`, `dtype`, `shape`, `usage`, `destroyed`, `lost` unless all can be read and written. */
export function checkReducible(op: string, arrays: unknown): void {
  if (!Array.isArray(arrays)) {
    throw new NormError(
      'option',
      `${op}: arrays are ${formatValue(arrays)}; give an Array of tensors or Float32Arrays`,
    );
  }
  for (const [index, array] of (arrays as unknown[]).entries()) {
    if (builtInType(array) !== 'Float32Array') checkReducibleTensor(op, `array ${index}`, array);
  }
}

function checkReducibleTensor(op: string, name: string, tensor: unknown): void {
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
}

/** All numbers in one array, one after the other. */
export async function readAll(arrays: readonly Reducible[]): Promise<Float32Array<ArrayBuffer>> {
  const parts = await Promise.all(arrays.map(async (array) => (array instanceof Tensor ? array.read() : array)));
  const numbers = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) numbers.set(part, (end += part.length) - part.length);
  return numbers;
}

/** @throws NormError `destroyed`, `lost` where a tensor was destroyed since it was read: its memory may be that of another by now. */
export async function writeAll(
  op: string,
  arrays: readonly Reducible[],
  numbers: Float32Array<ArrayBuffer>,
): Promise<void> {
  let end = 0;
  // One after the other: halves of two tensors may share a word.
  for (const [index, array] of arrays.entries()) {
    const part = numbers.subarray(end, (end += array instanceof Tensor ? array.size : array.length));
    if (array instanceof Tensor) {
      await write(array, part, () => checkInputs(op, array.runtime, { [`array ${index}`]: array }));
    } else array.set(part);
  }
}

/** Dtypes and shapes, for a message. */
export function formatReducible(array: Reducible): string {
  return array instanceof Tensor ? array.dtype + formatShape(array.shape) : `f32[${array.length}]`;
}

/** Writes over a tensor that can still be written; where halves begin or end within a word, its other one is kept. */
async function write(
  { runtime, storage, dtype, byteOffset }: Tensor,
  numbers: Float32Array<ArrayBuffer>,
  check: () => void,
): Promise<void> {
  const { queue } = runtime.device;
  check();
  if (numbers.length === 0) return;
  if (!isHalf(dtype)) return queue.writeBuffer(storage.buffer, byteOffset, numbers);
  const bits = bitsOf(numbers, dtype);
  const [before, after] = [(byteOffset % 4) / 2, ((byteOffset + bits.byteLength) % 4) / 2];
  const words = new Uint16Array(before + bits.length + after);
  if (before) words.set(await halfAt(byteOffset - 2), 0);
  if (after) words.set(await halfAt(byteOffset + bits.byteLength), words.length - 1);
  words.set(bits, before);
  check();
  queue.writeBuffer(storage.buffer, byteOffset - 2 * before, words);

  async function halfAt(offset: number): Promise<Uint16Array> {
    check();
    return new Uint16Array(await runtime.download(storage.buffer, offset, 2));
  }
}
