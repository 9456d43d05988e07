import type { ElementOffsets } from '../plan/element-offsets.ts';
import type { BufferRange } from '../runtime/storage.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Tensors by the names of a plan's resources. */
export type Tensors = Readonly<Record<string, Tensor | undefined>>;

/** Buffers bound in a call: those of its tensors, by their names. */
export function resourcesOf(...all: readonly Tensors[]): Record<string, BufferRange> {
  const resources: Record<string, BufferRange> = {};
  for (const tensors of all) for (const name in tensors) if (tensors[name]) resources[name] = tensors[name].range;
  return resources;
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
