import { NormError } from '../errors.ts';
import { formatShape } from './shape.ts';
import type { Shape } from './shape.ts';
import { formatValue, formatName } from '../options/format-value.ts';

/** Where the samples and the channels of a tensor are. */
export interface LayoutOptions {
  /**
   * One letter an axis: `'NCHW'`, `'NHWC'`, `'NCL'`, `'NDHWC'`, `'NC'` (tabular), `'CN'` (features first), `'CHW'` (one
   * sample) … `C` is the channel axis, `N` the sample axis, the others are named as you like. Default: `N` first, `C` second.
   */
  layout?: string | undefined;
  /** The channel axis itself, instead of `layout`; the first axis holds the samples, unless it is the channel axis. */
  channelAxis?: number | undefined;
}

export interface Layout {
  /** The axis of the samples, or -1: all is one sample. */
  batch: number;
  channel: number;
}

/** @throws NormError `layout` where the options fit no shape, or not each other. */
export function checkLayout(op: string, { layout, channelAxis }: LayoutOptions): void {
  if (layout !== undefined && channelAxis !== undefined) {
    throw new NormError(
      'layout',
      `${op}: layout ${formatName(layout)} and channelAxis ${formatValue(channelAxis)} are both given; give one`,
    );
  }
  if (channelAxis !== undefined && !Number.isSafeInteger(channelAxis)) {
    throw new NormError('layout', `${op}: channelAxis is ${formatValue(channelAxis)}; it must be a whole number`);
  }
  if (layout === undefined) return;
  if (typeof layout !== 'string') {
    throw new NormError('layout', `${op}: layout is ${formatValue(layout)}; it must be text, 'NCHW' for example`);
  }
  const letters = [...layout];
  const wrong = letters.some((letter) => !/[A-Z]/.test(letter))
    ? 'must be capital letters'
    : new Set(letters).size < letters.length
      ? 'names an axis twice'
      : !letters.includes('C')
        ? "has no channel axis 'C'"
        : null;
  if (wrong !== null) throw wrongLetters(op, layout, wrong);
}

function wrongLetters(op: string, layout: string, wrong: string): NormError {
  return new NormError('layout', `${op}: layout '${layout}' ${wrong}; give one letter an axis, 'NCHW' for example`);
}

/** @throws NormError `layout` where the options do not fit the shape or each other. */
export function resolveLayout(op: string, shape: Shape, options: LayoutOptions): Layout {
  checkLayout(op, options);
  const { layout, channelAxis } = options;
  const rank = shape.length;
  if (layout !== undefined) {
    if (layout.length !== rank) {
      const wrong = `has ${layout.length} letters, but x ${formatShape(shape)} has ${rank} axes`;
      throw wrongLetters(op, layout, wrong);
    }
    return { batch: layout.indexOf('N'), channel: layout.indexOf('C') };
  }
  const channel = channelAxis === undefined ? 1 : channelAxis;
  if (channel < -rank || channel >= rank) {
    const why =
      channelAxis === undefined ? 'the default layout has channels on axis 1' : `channelAxis is ${channelAxis}`;
    throw new NormError(
      'layout',
      `${op}: ${why}, but x ${formatShape(shape)} has ${rank} axes; give a layout, 'NCHW' for example`,
    );
  }
  const axis = channel < 0 ? channel + rank : channel;
  return { batch: axis === 0 ? -1 : 0, channel: axis };
}
