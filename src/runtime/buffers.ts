import { NormError } from '../errors.ts';
import { bytesPerElement, sharesWord, wholeWords } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { extentOf, formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { formatValue } from '../options/format-value.ts';
import { Usage } from './usage.ts';

/** @throws NormError `limit` where the device makes no buffer as large. */
export function checkSize(what: string, most: number, shape: Shape, dtype: Dtype): void {
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  if (wholeWords(bytes) > most) {
    throw new NormError(
      'limit',
      `${what}: shape ${formatShape(shape)} takes ${bytes} bytes; this device makes buffers of at most ${most}, ask for more by ` +
        `the limit maxBufferSize`,
    );
  }
}

/** @throws NormError `option` unless it is a buffer. */
export function checkBuffer(buffer: Partial<GPUBuffer> | null): void {
  let wanted = 'a GPUBuffer';
  try {
    const isBuffer = typeof buffer?.size === 'number' && typeof buffer.usage === 'number';
    if (isBuffer && typeof buffer.destroy === 'function') return;
  } catch {
    wanted = 'the GPUBuffer itself, no Proxy of it'; // Whose properties cannot be read by another object.
  }
  throw new NormError('option', `wrap: buffer is ${formatValue(buffer)}; it must be ${wanted}`);
}

/** @throws NormError `usage`, `limit` or `shape` where a part of a buffer of the app cannot be bound. */
export function checkBorrowed(
  device: GPUDevice,
  buffer: GPUBuffer,
  {
    shape,
    dtype,
    byteOffset,
    strides,
  }: { shape: Shape; dtype: Dtype; byteOffset: number; strides?: readonly number[] | undefined },
): void {
  if (!(buffer.usage & Usage.STORAGE)) {
    throw new NormError('usage', 'wrap: the buffer was made without GPUBufferUsage.STORAGE, which kernels need');
  }
  checkOffset('wrap', device, dtype, byteOffset);
  const bytes = (strides ? extentOf(shape, strides) : sizeOf(shape)) * bytesPerElement(dtype);
  const lying = strides ? ` with strides ${formatShape(strides)}` : '';
  const taken = `wrap: shape ${formatShape(shape)}${lying} takes ${bytes} bytes from byteOffset ${byteOffset}`;
  if (byteOffset + bytes > buffer.size) {
    throw new NormError('shape', `${taken}, but the buffer has ${buffer.size}`);
  }
  if (sharesWord(dtype) && wholeWords(byteOffset + bytes) > buffer.size) {
    throw new NormError(
      'shape',
      `${taken}, into a word of 4 bytes that the buffer of ${buffer.size} lacks the rest of; WebGPU binds whole words`,
    );
  }
}

/**
 * Kernels shift what they read as floats from the aligned offset below; counts they do not.
 *
 * @throws NormError `limit` where a tensor cannot begin.
 */
export function checkOffset(op: string, device: GPUDevice, dtype: Dtype, byteOffset: number): void {
  const counts = dtype === 'u32';
  const alignment = counts ? device.limits.minStorageBufferOffsetAlignment : bytesPerElement(dtype);
  if (Number.isInteger(byteOffset) && byteOffset >= 0 && byteOffset % alignment === 0) return;
  const why = counts ? ' for u32 on this device' : `, the bytes of an element of ${dtype}`;
  throw new NormError(
    'limit',
    `${op}: byteOffset is ${formatValue(byteOffset)}; it must be a multiple of ${alignment}${why}`,
  );
}
