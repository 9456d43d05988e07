import { NormError } from '../errors.ts';
import type { BufferRange } from '../runtime/storage.ts';
import type { Tensor } from '../runtime/tensor.ts';

/**
 * The images of a tensor [N,…], each a view.
 *
 * @throws NormError `limit` where one is larger than a binding.
 */
export function partsOf(op: string, tensor: Tensor): Tensor[] {
  const most = tensor.runtime.device.limits.maxStorageBufferBindingSize;
  return Array.from({ length: tensor.shape[0]! }, (_, index) => {
    const image = tensor.slice(0, index, index + 1);
    if (image.range.size <= most) return image;
    throw new NormError(
      'limit',
      `${op}: an image takes ${image.byteLength} bytes; this device binds ${most} at once, ask for more by the limit maxStorageBufferBindingSize`,
    );
  });
}

/** A range as a bind group takes it. */
export function bindingOf({ storage, offset, size }: BufferRange): GPUBufferBinding {
  return { buffer: storage.buffer, offset, size };
}
