import { NormError } from '../errors.ts';
import { builtInType } from '../options/format-value.ts';
import type { Axis } from './definition.ts';
import type { Strided } from './modulation.ts';
import { checkDtype } from './parameters.ts';
import type { TensorSpec } from './parameters.ts';
import { formatShape } from './shape.ts';
import type { Shape } from './shape.ts';

/** Starts of packed sequences as numbers. */
export type SegmentStarts = readonly number[] | Int32Array | Uint32Array;

/** Sequences of unequal length, or the nodes of several graphs, packed; `T` is a tensor of counts, `S` what starts may be. */
export interface SegmentsOptions<T, S = T | SegmentStarts> {
  /**
   * Where the sequences of x begin, x being `[T,C]`, the rows of all of them one after the other: S + 1 starts, ascending, the first 0 and the last T
   * (flash-attention's `cu_seqlens`, PyG's `ptr`), a u32 tensor or an array of numbers. Statistics are of whole sequences, each channel or group of channels
   * by itself, or for LayerNorm all of `[length,C]`; weight and bias are `[C]`. An empty sequence is written nothing of, and gives no gradient.
   *
   * Numbers are checked, and uploaded once: the same numbers again, in this array or another, are there already. A tensor is read on the GPU alone. What ends before it starts is taken for empty, what lies beyond x is left out: nothing outside of the
   * tensors is touched. Rows of no sequence are undefined in the results, and of rows in several any one sequence's result holds.
   */
  segments?: S | undefined;
}

/** Rows first, channels second. */
export const PACKED_LAYOUT = { batch: 0, channel: 1 } as const;

/** Axes of packed rows: sequences, rows, and channels, of which each or `numGroups` groups or all together share statistics. */
export function packedAxes(
  op: string,
  shape: Shape,
  segments: TensorSpec,
  numGroups: number | 'each channel' | 'all channels',
): Axis[] {
  checkPacked(op, shape);
  const [rows, channels] = shape as readonly [number, number];
  const ofChannels = (size: number, reduced: boolean): Axis => {
    return { axis: 1, size, reduced, parameter: true, channel: false };
  };
  return [
    { axis: -1, size: sequencesOf(op, segments), reduced: false, parameter: false, channel: false },
    { axis: 0, size: rows, reduced: true, parameter: false, channel: false },
    ...(typeof numGroups === 'number'
      ? [ofChannels(numGroups, false), ofChannels(channels / numGroups, true)]
      : [ofChannels(channels, numGroups === 'all channels')]),
  ];
}

/** @throws NormError `shape` unless x is rows of channels. */
export function checkPacked(op: string, shape: Shape): void {
  if (shape.length === 2) return;
  throw new NormError(
    'shape',
    `${op}: x has shape ${formatShape(shape)}; with segments it must be [T,C], the rows of all sequences one after the other`,
  );
}

/** Of whatever realm. */
const WHOLE: ReadonlySet<string> = new Set(['Int32Array', 'Uint32Array']);

/** Whether starts are numbers rather than a tensor. */
export function isStarts(segments: unknown): segments is SegmentStarts {
  return Array.isArray(segments) || (ArrayBuffer.isView(segments) && WHOLE.has(builtInType(segments)));
}

function sequencesOf(op: string, segments: TensorSpec): number {
  checkDtype(op, 'segments', segments, 'u32');
  const { shape } = segments;
  if (shape.length !== 1 || shape[0]! < 2) {
    throw new NormError(
      'shape',
      `${op}: segments has shape ${formatShape(shape)}; it must be [S + 1], the starts of S sequences and the end of the last`,
    );
  }
  return shape[0]! - 1;
}

/** @throws NormError `parameter` where what follows weight and bias varies from row to row: it has no gradient there. */
export function checkModulated(
  op: string,
  axes: readonly Axis[],
  arrays: Partial<Record<'scale' | 'shift', Strided | null>>,
): void {
  const rows = axes.findIndex(({ axis }) => axis === 0);
  for (const name of ['scale', 'shift'] as const) {
    if (!arrays[name]?.strides[rows]) continue;
    throw new NormError(
      'parameter',
      `${op}: ${name} varies from row to row; with segments it must be [C], one number a channel`,
    );
  }
}
