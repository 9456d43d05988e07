import { Array as JaxArray } from '@jax-js/jax';
import type { DType } from '@jax-js/jax';
import { bytesPerElement, wholeWords } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { checkSize } from '../runtime/buffers.ts';
import { doubtOf } from '../runtime/doubts.ts';
import { borrowedStorage, imaginary } from '../runtime/storage.ts';
import { Tensor } from '../runtime/tensor.ts';
import type { Connection } from './connection.ts';

/** Dtypes that both have a name for; jax-js keeps what is true or false as whole numbers. */
const DTYPES: Partial<Record<DType, Dtype>> = {
  float32: 'f32',
  float16: 'f16',
  int32: 'u32',
  uint32: 'u32',
  bool: 'u32',
};

/** A new array of jax-js in a buffer of its own, its elements undefined. */
export function emptyArray(op: string, { peer, context }: Connection, { shape, dtype }: JaxArray): JaxArray {
  const { backend, shapes } = peer;
  const stored = DTYPES[dtype]!;
  checkSize(op, context.runtime.maxBufferSize, shape, stored);
  const source = backend.malloc(shape.reduce((product, size) => product * size, bytesPerElement(stored)));
  return new JaxArray({ source, st: shapes.fromShape(shape), dtype, weakType: false, backend, committed: true });
}

/** A tensor of ours that shows the buffer of an array; what jax-js has yet to compute of it, it submits. All that are empty have one buffer there. */
export function tensorOf({ context }: Connection, array: JaxArray): Tensor {
  const { shape, dtype, size } = array;
  const storage = size === 0 ? imaginary(false) : borrowedStorage(array.ref.gpuBufferSync());
  return new Tensor(context.runtime, storage, shape, DTYPES[dtype]!);
}

/** An array on the device: of a gradient that jax-js makes of numbers alone, it does not say where it is. */
export function onDevice({ peer }: Connection, array: JaxArray): JaxArray {
  return array.ref._putSync(peer.backend);
}

/** Tells what the device finds wrong with work, as jax-js does: an array of it cannot carry that. */
export async function report({ range }: Tensor): Promise<void> {
  const wrong = await doubtOf(range);
  if (wrong) console.error(wrong);
}

/** New arrays that hold what others do. */
export function copiesOf(op: string, connection: Connection, arrays: readonly JaxArray[]): JaxArray[] {
  const { device } = connection.peer;
  const encoder = device.createCommandEncoder();
  const copies = arrays.map((array) => {
    const copy = emptyArray(op, connection, array);
    const bytes = wholeWords(array.size * bytesPerElement(DTYPES[array.dtype]!));
    // All that are empty have one buffer, which none may be copied to from itself.
    if (bytes > 0) encoder.copyBufferToBuffer(array.ref.gpuBufferSync(), 0, copy.ref.gpuBufferSync(), 0, bytes);
    return copy;
  });
  device.queue.submit([encoder.finish()]);
  return copies;
}
