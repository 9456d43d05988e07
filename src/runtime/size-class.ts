import { wholeWords } from '../problem/dtype.ts';

/** The smallest buffer there is: a smaller one is no cheaper to any driver. */
export const LEAST = 256;

/**
 * The bytes of the buffer that is made for so many: 256, and four classes an octave, 2^k · {1.25, 1.5, 1.75, 2}. Whatever
 * falls into a class fits every buffer of it, and leaves at most a fifth of it unused (a quarter of its own bytes). Where
 * the class is larger than any buffer of the device, it is the bytes themselves.
 */
export function sizeClass(bytes: number, maxBufferSize: number): number {
  if (bytes <= LEAST) return LEAST;
  const step = 2 ** Math.floor(Math.log2(bytes)) / 4;
  const size = Math.ceil(bytes / step) * step;
  return size <= maxBufferSize ? size : wholeWords(bytes);
}
