import { bytesPerElement, wholeWords } from '../problem/dtype.ts';
import type { ElementOffsets } from '../plan/element-offsets.ts';
import type { BufferRange } from '../runtime/executor.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Tensors by the names of a plan's resources. */
export type Tensors = Readonly<Record<string, Tensor | undefined>>;

/** What is bound of a tensor: from the nearest offset that can be, to the end of its last word. */
export function rangeOf({ storage, byteOffset, byteLength, elementOffset, dtype }: Tensor): BufferRange {
  const before = elementOffset * bytesPerElement(dtype);
  return { storage, offset: byteOffset - before, size: wholeWords(before + byteLength) };
}

export function rangesOf(tensors: Readonly<Record<string, Tensor>>): Record<string, BufferRange> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rangeOf(tensor)]));
}

/** Where tensors begin in what is bound of them, as far as that is not at once. */
export function elementOffsetsOf(tensors: Tensors): ElementOffsets {
  const offsets: Record<string, number> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (tensor && tensor.elementOffset > 0) offsets[name] = tensor.elementOffset;
  }
  return offsets;
}

/** The same in a key, and how they lie where they are strided; made at each call, and mostly empty. */
export function placesSignature(...all: readonly Tensors[]): string {
  let signature = '';
  for (const tensors of all) {
    for (const name in tensors) {
      const tensor = tensors[name];
      if (tensor === undefined) continue;
      if (tensor.elementOffset > 0) signature += ` ${name}+${tensor.elementOffset}`;
      if (!tensor.contiguous) signature += ` ${name}/${tensor.strides.join()}`;
    }
  }
  return signature;
}
