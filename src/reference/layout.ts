import { NormError } from '../errors.ts';
import { formatShape, otherAxes } from './ndarray.ts';

/** Where the samples and the channels of a tensor are. Default: samples on axis 0, channels on axis 1, as in PyTorch. */
export interface LayoutOptions {
  /** One capital letter an axis, `C` the channels, `N` the samples if there are any: 'NCHW', 'NHWC', 'NC', 'CN', 'CHW' … */
  layout?: string | undefined;
  /** The channel axis, instead of `layout`; samples are then on axis 0, unless that is the channel axis. */
  channelAxis?: number | undefined;
}

/** The axes of a tensor by what they are; there is one axis of samples or none. */
export interface Layout {
  channel: number;
  sample: number[];
  spatial: number[];
}

/** @throws NormError `layout` where the options do not fit the shape or each other. */
export function layoutOf(shape: readonly number[], { layout, channelAxis }: LayoutOptions): Layout {
  if (layout !== undefined && channelAxis !== undefined)
    throw new NormError('layout', 'give layout or channelAxis, not both');
  const [channel, sample] = layout === undefined ? byNumber(shape, channelAxis ?? 1) : byLetters(shape, layout);
  return { channel, sample, spatial: otherAxes(shape, [channel, ...sample]) };
}

function byNumber(shape: readonly number[], channelAxis: number): [channel: number, sample: number[]] {
  const rank = shape.length;
  if (!Number.isInteger(channelAxis) || channelAxis < -rank || channelAxis >= rank) {
    throw new NormError('layout', `x ${formatShape(shape)} has no axis ${channelAxis} for channels`);
  }
  const channel = (channelAxis + rank) % rank;
  return [channel, channel === 0 ? [] : [0]];
}

function byLetters(shape: readonly number[], layout: string): [channel: number, sample: number[]] {
  const letters = [...layout];
  const unique = new Set(letters).size === letters.length;
  if (letters.length !== shape.length || !unique || !/^[A-Z]+$/.test(layout) || !letters.includes('C')) {
    throw new NormError(
      'layout',
      `layout '${layout}' does not name each axis of x ${formatShape(shape)} by a capital letter of its own, one of them C`,
    );
  }
  return [letters.indexOf('C'), letters.includes('N') ? [letters.indexOf('N')] : []];
}
