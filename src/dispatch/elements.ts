import { NormError } from '../errors.ts';
import type { Dtype } from '../problem/parameters.ts';

/** @throws NormError `dtype` unless it is one that tensors have. */
export function checkDtypeName(dtype: string): asserts dtype is Dtype {
  if (dtype !== 'f32' && dtype !== 'u32') {
    throw new NormError('dtype', `tensor: dtype '${dtype}' is not known; f32 and u32 (for counts) are`);
  }
}

/**
 * Numbers as the elements of a tensor.
 *
 * @throws NormError `dtype` where one cannot be held: an array of another type, a fraction as u32, 1e39 as f32.
 */
export function elementsOf(
  data: ArrayLike<number>,
  dtype: Dtype,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  checkDtypeName(dtype);
  const Elements = dtype === 'u32' ? Uint32Array : Float32Array;
  if (ArrayBuffer.isView(data) && !(data instanceof Elements)) {
    throw new NormError(
      'dtype',
      `tensor: the data is a ${data.constructor.name}, but ${dtype} takes a ${Elements.name}; convert it first`,
    );
  }
  if (data instanceof Elements) return data as Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
  const elements = Elements.from(data);
  for (let index = 0; index < data.length; index++) {
    const [given, held] = [data[index], elements[index]];
    const fits =
      dtype === 'u32'
        ? given === held
        : typeof given === 'number' && (Number.isFinite(held) || !Number.isFinite(given));
    if (!fits)
      throw new NormError('dtype', `tensor: element ${index} is ${String(given)}, which does not fit ${dtype}`);
  }
  return elements;
}
