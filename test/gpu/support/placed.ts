import type { Context, Dtype, Tensor } from '../../../src/index.ts';
import { encode } from './formats.ts';

/** Tensors in buffers of the app's, and what becomes of those. */

const STORAGE_AND_COPIES = 0x80 | 0x4 | 0x8;
const AROUND = 4;

/** A tensor in the middle of a buffer. */
export interface Placed {
  tensor: Tensor;
  /** Whether all else in the buffer is as it was. */
  untouched(): Promise<boolean>;
}

/** `elementOffset`: elements before its first. */
export function placeAt(
  context: Context,
  data: ArrayLike<number>,
  shape: readonly number[],
  dtype: Dtype,
  elementOffset: number,
): Placed {
  const numbers = elementsOf(dtype, data);
  const bytes = new Uint8Array(numbers.buffer);
  const byteOffset = elementOffset * numbers.BYTES_PER_ELEMENT;
  const all = new Uint8Array(Math.ceil((byteOffset + bytes.length) / 4) * 4 + AROUND).map((_, index) => index % 251);
  all.set(bytes, byteOffset);
  const buffer = context.device.createBuffer({ size: all.length, usage: STORAGE_AND_COPIES });
  context.device.queue.writeBuffer(buffer, 0, all);
  const untouched = async (): Promise<boolean> => {
    const after = new Uint8Array((await context.wrap(buffer, { shape: [all.length / 4] }).read()).buffer);
    return after.every((byte, at) => (at >= byteOffset && at < byteOffset + bytes.length) || byte === all[at]);
  };
  return { tensor: context.wrap(buffer, { shape, dtype, byteOffset }), untouched };
}

/** Numbers as a dtype has them. */
export function elementsOf(
  dtype: Dtype,
  data: ArrayLike<number>,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int8Array<ArrayBuffer> {
  if (dtype === 'f32') return Float32Array.from(data);
  if (dtype === 'u32') return Uint32Array.from(data);
  return dtype === 'i8' ? Int8Array.from(data) : encode(dtype, data);
}

export async function bytesOf(tensor: Tensor): Promise<number[]> {
  const { buffer, byteOffset, byteLength } = (await tensor.read(tensor.dtype)) as unknown as Uint8Array;
  return [...new Uint8Array(buffer, byteOffset, byteLength)];
}

/** How many bind groups are made meanwhile, and how many of them have a buffer of the tensors twice. */
export function watchingBindings(
  device: GPUDevice,
  tensors: readonly Tensor[],
  work: () => void,
): { groups: number; twice: number } {
  const { createBindGroup } = device;
  const watched = new Set(tensors.map(({ buffer }) => buffer));
  const seen = { groups: 0, twice: 0 };
  device.createBindGroup = (descriptor) => {
    const bound = [...descriptor.entries].map(({ resource }) => (resource as GPUBufferBinding).buffer);
    const buffers = bound.filter((buffer) => watched.has(buffer));
    seen.groups++;
    if (new Set(buffers).size < buffers.length) seen.twice++;
    return createBindGroup.call(device, descriptor);
  };
  try {
    work();
  } finally {
    device.createBindGroup = createBindGroup;
  }
  return seen;
}
