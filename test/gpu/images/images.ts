import { roundTo, ulpOf } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';

/** Images made of known bytes, and what tensors of them hold, in float64 from the definitions. */

/** Bytes of an image, RGBA, rows from the top. */
export interface Bytes {
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** Colours as test/conformance/images.py has them, and every alpha. */
export function imageOf(height: number, width: number, alpha?: number): Bytes {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) data[4 * pixel + channel] = colourAt(3 * pixel + channel);
    data[4 * pixel + 3] = alpha ?? (pixel * 29 + 3) % 256;
  }
  return { data, width, height };
}

export function colourAt(index: number): number {
  return (index * index * 7 + index * 13 + 5) % 256;
}

/** The component of a pixel that each channel is. */
export const ORDERS = { RGB: [0, 1, 2], BGR: [2, 1, 0], RGBA: [0, 1, 2, 3], BGRA: [2, 1, 0, 3] } as const;

export interface Expectation {
  channels?: keyof typeof ORDERS | 'grayscale';
  layout?: 'NCHW' | 'NHWC';
  mean?: readonly number[];
  std?: readonly number[];
  background?: readonly number[];
}

/** (pixel / 255 − mean) / std of every channel, in the order of the layout. */
export function expected({ data, width, height }: Bytes, given: Expectation = {}): Float64Array<ArrayBuffer> {
  const { channels = 'RGB', layout = 'NCHW', mean = [0, 0, 0, 0], std = [1, 1, 1, 1], background } = given;
  const count = channels === 'grayscale' ? 1 : ORDERS[channels].length;
  const values = new Float64Array(count * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const rgba = Array.from(data.subarray(4 * pixel, 4 * pixel + 4), (byte) => byte / 255);
    if (background) {
      const alpha = rgba[3]!;
      for (let at = 0; at < 3; at++) rgba[at] = rgba[at]! * alpha + background[at]! * (1 - alpha);
      rgba[3] = 1;
    }
    for (let channel = 0; channel < count; channel++) {
      const value =
        channels === 'grayscale'
          ? 0.299 * rgba[0]! + 0.587 * rgba[1]! + 0.114 * rgba[2]!
          : rgba[ORDERS[channels][channel]!]!;
      const at = layout === 'NCHW' ? channel * width * height + pixel : pixel * count + channel;
      values[at] = (value - mean[channel]!) / std[channel]!;
    }
  }
  return values;
}

/**
 * The largest difference, in units of what is allowed: of f32 a few roundings of numbers of the size of 1 / std, of halves one unit in the
 * last place beyond that.
 */
export function largestError(
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  dtype: Format = 'f32',
  size = 5,
): number {
  if (actual.length !== exact.length) return Infinity;
  const most = Array.from(exact, (value, index) => {
    const allowed = size * 2 ** -22 + (dtype === 'f32' ? 0 : ulpOf(dtype, roundTo(dtype, value)));
    const error = Math.abs(actual[index]! - value) / allowed;
    return Number.isNaN(error) ? Infinity : error;
  });
  return Math.max(...most);
}
