import { NormError } from '../errors.ts';
import { formatList, formatValue } from '../options/format-value.ts';
import type { CommonOptions } from '../problem/problem.ts';
import { checkPacked, isStarts } from '../problem/segments.ts';
import type { SegmentStarts } from '../problem/segments.ts';
import { formatShape } from '../problem/shape.ts';
import { imaginary } from '../runtime/storage.ts';
import type { Storage } from '../runtime/storage.ts';
import { Tensor } from '../runtime/tensor.ts';
import { checkTensor } from './checks.ts';

/** A call whose starts are a tensor, and how that comes to be where they were numbers. */
export interface Started<O> {
  options: O;
  /** Uploads the numbers, once all of the call is known to be right; null where they are there, or were none. */
  upload: (() => Tensor) | null;
}

/** @throws NormError `option` where starts that are numbers do not ascend from 0 to the rows of x. */
export function withStarts<O extends CommonOptions<Tensor>>(op: string, x: Tensor, options: O): Started<O> {
  const { segments } = options;
  if (!isStarts(segments)) return { options, upload: null };
  checkTensor(op, 'x', x);
  checkPacked(op, x.shape);
  const { runtime } = x;
  const { sequenceStarts } = runtime;
  const known = segments.length > 0 ? sequenceStarts.find(segments) : null;
  if (!known || segments[segments.length - 1] !== x.shape[0]) checkStarts(op, segments, x);
  const tensorIn = (storage: Storage): Tensor => new Tensor(runtime, storage, [segments.length], 'u32');
  const waits = !known && !runtime.planned;
  return {
    options: { ...options, segments: tensorIn(known ?? imaginary(false)) },
    upload: waits ? () => tensorIn(sequenceStarts.add(segments)) : null,
  };
}

function checkStarts(op: string, segments: SegmentStarts, { shape }: Tensor): void {
  const rows = shape[0]!;
  const wrong = wrongWith(segments, rows);
  if (wrong === null) return;
  throw new NormError(
    'option',
    `${op}: segments are ${formatList(numbersOf(segments))}, ${wrong}; starts of sequences must ascend, the first 0, the last the ${rows} rows of x ${formatShape(shape)}`,
  );
}

/** Starts as a list; an array that was transferred has none left, and no iterator. */
function numbersOf(segments: SegmentStarts): number[] {
  return segments.length > 0 ? Array.from(segments) : [];
}

/** The fault of starts, in words; null: none. */
function wrongWith(segments: SegmentStarts, rows: number): string | null {
  if (segments.length < 2) return 'which is no sequence: there must be a start and an end';
  if (segments[0] !== 0) return `which begin with ${formatValue(segments[0])}`;
  for (let index = 1; index < segments.length; index++) {
    const start = segments[index]!;
    if (!Number.isInteger(start)) return `of which number ${index} is ${formatValue(start)}, no whole number`;
    if (start < segments[index - 1]!) return `of which number ${index} is ${start}, after ${segments[index - 1]}`;
  }
  return segments[segments.length - 1] === rows ? null : `which end with ${segments[segments.length - 1]}`;
}
