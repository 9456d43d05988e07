import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { checkDtype } from './parameters.ts';
import type { Stated, TensorSpec } from './parameters.ts';
import { formatShape, isSameShape, sizeOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** How a result becomes whole numbers of 8 bits: y = round(result / scale), between -127 and 127. */
export interface QuantizationOptions<F> {
  /** Elements of a row that share a scale, a power of two of at least 4; the last ones of a row may be fewer. Default: all of a row. */
  groupSize?: number | undefined;
  /**
   * Scales that are known, in f32: one for all, one for each group of a row, or of the shape of those that are computed. Left out: the
   * largest magnitude of each row, or group of it, divided by 127.
   */
  scales?: F | undefined;
}

/** A span is what shares a scale: elements of a group that follow each other. */
export interface Quantization {
  /** Elements of a span; null: all of a group. */
  span: number | null;
  /** Spans of a group. */
  spans: number;
  /** The shape of scales that are computed: that of x, with the spans in the place of the normalized axes. */
  shape: number[];
  /** How far apart scales are that are given, from group to group and from span to span; null: they are computed. */
  given: { group: number; span: number } | null;
}

/** Groups are rows of at least so many elements: what a load of four brings is of one span. */
const LEAST = 4;

/**
 * The quantization of a call.
 *
 * @throws NormError `axes` where the normalized axes are not the last ones, `option` where groupSize is no power of two, `dtype` or `parameter`
 * where scales do not fit.
 */
export function stateQuantization({
  definition: { op },
  x: { shape: x },
  axes,
  options: { groupSize, scales },
}: Stated<QuantizationOptions<TensorSpec>>): { quantization: Quantization; outputDtype: 'i8' } {
  const first = axes.findIndex(({ reduced }) => reduced);
  if (axes.slice(first).some(({ reduced }) => !reduced)) {
    const normalized = axes.flatMap(({ axis, reduced }) => (reduced ? [axis] : []));
    throw new NormError(
      'axes',
      `${op}: axes [${normalized.join()}] are not the last of x ${formatShape(x)}; what shares a scale must be a row, so normalize the ` +
        'last axes, [-1] for example',
    );
  }
  if (groupSize !== undefined) checkGroupSize(op, groupSize);
  const length = sizeOf(x.slice(first));
  const span = groupSize === undefined || groupSize >= length ? null : groupSize;
  const spans = span === null ? 1 : Math.ceil(length / span);
  const shape = x.map((size, axis) => (axis < first ? size : axis === x.length - 1 ? spans : 1));
  const given = scales ? givenStrides(op, scales, shape, spans) : null;
  return { quantization: { span, spans, shape, given }, outputDtype: 'i8' };
}

function checkGroupSize(op: string, groupSize: unknown): void {
  const size = Number.isSafeInteger(groupSize) ? (groupSize as number) : 0;
  if (size >= LEAST && 2 ** Math.round(Math.log2(size)) === size) return;
  throw new NormError(
    'option',
    `${op}: groupSize is ${formatValue(groupSize)}; it must be a power of two of at least ${LEAST}, 128 for example`,
  );
}

function givenStrides(op: string, given: TensorSpec, shape: Shape, spans: number): NonNullable<Quantization['given']> {
  checkDtype(op, 'scales', given, 'f32');
  if (sizeOf(given.shape) === 1) return { group: 0, span: 0 };
  if (isSameShape(given.shape, [spans])) return { group: 0, span: 1 };
  if (isSameShape(given.shape, shape)) return { group: spans, span: 1 };
  throw new NormError(
    'parameter',
    `${op}: scales have shape ${formatShape(given.shape)}; there may be one, ${spans > 1 ? `${formatShape([spans])} for the groups of a row, ` : ''}` +
      `or ${formatShape(shape)}`,
  );
}
