import { NormError } from '../errors.ts';
import { checkChoice } from '../options/checks.ts';
import { formatList, formatValue } from '../options/format-value.ts';

/** The channels of a tensor, in their order; `'grayscale'` is one, the luma. */
export type Channels = 'RGB' | 'BGR' | 'RGBA' | 'BGRA' | 'grayscale';

/** The component of a pixel (red, green, blue, alpha) that each channel is. */
const COMPONENTS: Readonly<Record<Channels, readonly number[]>> = {
  RGB: [0, 1, 2],
  BGR: [2, 1, 0],
  RGBA: [0, 1, 2, 3],
  BGRA: [2, 1, 0, 3],
  grayscale: [0],
};

/** By how many there are. */
const USUAL: Readonly<Record<number, Channels>> = { 1: 'grayscale', 3: 'RGB', 4: 'RGBA' };

/** A number for all channels, or one for each, in their order. */
export type PerChannel = number | readonly number[];

/** Mean and deviation that pixels are normalized by: (pixel − mean) / std, pixels from 0 to 1. */
export interface NormalizationOptions {
  /** A number, or one a channel in the order of the tensor's channels, of pixels from 0 to 1. Default: 0. */
  mean?: PerChannel | undefined;
  /** The same; greater than 0. Default: 1. */
  std?: PerChannel | undefined;
}

/** @throws NormError `option`. */
export function checkChannels(op: string, channels: unknown): asserts channels is Channels {
  checkChoice(op, 'channels', channels, Object.keys(COMPONENTS));
}

export function componentsOf(channels: Channels): readonly number[] {
  return COMPONENTS[channels];
}

/** @throws NormError `shape` where so many channels are no image. */
export function usualChannels(op: string, count: number): Channels {
  const usual = USUAL[count];
  if (!usual) throw new NormError('shape', `${op}: the tensor has ${count} channels; an image has 1, 3 or 4`);
  return usual;
}

/**
 * A mean and a deviation for each channel.
 *
 * @throws NormError `option` where one is no number, a deviation is not greater than 0, or there are more or fewer than channels.
 */
export function normalizationOf(
  op: string,
  { mean = 0, std = 1 }: NormalizationOptions,
  channels: Channels,
): Record<'mean' | 'std', readonly number[]> {
  const { length } = COMPONENTS[channels];
  const means = perChannel(op, 'mean', mean, channels, length);
  const deviations = perChannel(op, 'std', std, channels, length);
  const wrong = deviations.find((one) => !(Math.fround(one) > 0));
  if (wrong !== undefined) {
    throw new NormError('option', `${op}: std has ${wrong}; a deviation must be greater than 0, as f32`);
  }
  return { mean: means, std: deviations };
}

/** @throws NormError `option`. */
export function perChannel(
  op: string,
  name: string,
  given: PerChannel,
  channels: string,
  length: number,
): readonly number[] {
  const listed: readonly unknown[] =
    typeof given === 'number' ? Array.from({ length }, () => given) : Array.isArray(given) ? Array.from(given) : [];
  if (listed.length !== length) {
    throw new NormError(
      'option',
      `${op}: ${name} is ${formatValue(given)}; it must be a number, or an Array of ${length} for ${channels}`,
    );
  }
  if (!listed.every((one) => typeof one === 'number' && Number.isFinite(Math.fround(one)))) {
    throw new NormError('option', `${op}: ${name} is ${formatList(listed)}; it must be finite numbers, as f32`);
  }
  return listed as number[];
}
