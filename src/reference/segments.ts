import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { isList } from './checks.ts';
import type { Normalized } from './core.ts';
import type { FusionOptions } from './fusion.ts';
import type { Gradients } from './gradients.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { formatShape } from './ndarray.ts';

/** Sequences packed one after the other: x is [T,C], and each of them is normalized by itself. */
export interface SegmentsOptions {
  /** Where they begin, and the last ends: ascending, the first 0, the last T; an array or a list of numbers. */
  segments?: NdArray | readonly number[] | Int32Array | Uint32Array | undefined;
}

/** Arrays of a call that have a row for each of x, if they have as many axes. */
const OF_ROWS = ['residual', 'gate', 'inputBias', 'add', 'dresidualOut'];

type Options = FusionOptions & SegmentsOptions;

/**
 * Each sequence by itself, as `one` normalizes a sample `[1, length, C]`.
 *
 * @throws NormError `option` or `shape` where the starts are none.
 */
export function normalizeSegments<O extends Options>(
  op: string,
  x: NdArray,
  options: O,
  one: (x: NdArray, options: O) => Normalized,
): Normalized {
  const parts = partsOf(op, x, options).map((part) => one(part.take(x), part.options));
  const { residual, inputBias } = options;
  return {
    y: joined(
      x,
      parts.map(({ y }) => y),
    ),
    mean: stacked(parts.map(({ mean }) => mean)),
    rstd: stacked(parts.map(({ rstd }) => rstd)),
    ...((residual ?? inputBias) && {
      residualOut: joined(
        x,
        parts.map(({ residualOut }) => residualOut!),
      ),
    }),
  };
}

/** The gradients likewise: of rows those of their sequence, of other arrays the sums over all. */
export function segmentsBackward<O extends Options>(
  op: string,
  dy: NdArray,
  x: NdArray,
  options: O,
  one: (dy: NdArray, x: NdArray, options: O) => Gradients,
): Gradients {
  const given = Object.fromEntries(Object.entries({ ...options, ...options.modulation })) as Record<string, unknown>;
  const parts = partsOf(op, x, options).map((part) => one(part.take(dy), part.take(x), part.options));
  const names = Object.keys(parts[0] ?? {}) as (keyof Gradients)[];
  const gradients = names.map((name) => {
    const array = name === 'dx' ? x : ((given[name.slice(1)] ?? options.multiply?.by) as NdArray);
    const all = parts.map((part) => part[name]!);
    return [name, isOfRows(array, x) ? joined(array, all) : summed(array, all)];
  });
  return Object.fromEntries(gradients) as unknown as Gradients;
}

function isOfRows({ shape }: NdArray, x: NdArray): boolean {
  return shape.length === 2 && shape[0] === x.shape[0];
}

interface Part<O> {
  /** The rows of a sequence, as a sample. */
  take(array: NdArray): NdArray;
  options: O;
}

function partsOf<O extends Options>(op: string, x: NdArray, options: O): Part<O>[] {
  const { segments, ...rest } = options;
  if (x.shape.length !== 2)
    throw new NormError('shape', `${op}: x ${formatShape(x.shape)} must be [T,C] with segments`);
  const { modulation, multiply } = rest as FusionOptions;
  for (const [name, array] of Object.entries(modulation ?? {}) as [string, NdArray | undefined][]) {
    if (!array || !isOfRows(array, x)) continue;
    throw new NormError('parameter', `${op}: ${name} varies from row to row; with segments it must be [C]`);
  }
  const rowStarts = Array.from(isList(segments) ? segments : (segments as NdArray).data);
  const ascends = rowStarts.every((start, index) => Number.isInteger(start) && start >= (rowStarts[index - 1] ?? 0));
  if (rowStarts.length < 2 || !ascends || rowStarts[0] !== 0 || rowStarts.at(-1) !== x.shape[0]) {
    throw new NormError(
      'option',
      `${op}: segments are ${formatValue(rowStarts)}; they must ascend from 0 to the ${x.shape[0]} rows of x`,
    );
  }
  return rowStarts.slice(1).map((end, index): Part<O> => {
    const start = rowStarts[index]!;
    const take = ({ data, shape }: NdArray): NdArray => {
      const width = shape[1]!;
      return { data: Array.from(data).slice(start * width, end * width), shape: [1, end - start, width] };
    };
    const taken = (array: NdArray): NdArray => (isOfRows(array, x) ? take(array) : array);
    const arrays = Object.entries(rest).filter(([name, value]) => OF_ROWS.includes(name) && value);
    return {
      take,
      options: {
        ...rest,
        ...Object.fromEntries(arrays.map(([name, value]) => [name, taken(value as NdArray)])),
        ...(multiply && { multiply: { ...multiply, by: taken(multiply.by) } }),
      } as unknown as O,
    };
  });
}

function joined({ shape }: NdArray, parts: readonly NdArray[]): Float64NdArray {
  return { data: Float64Array.from(parts.flatMap(({ data }) => Array.from(data))), shape };
}

/** One sample after the other. */
function stacked(parts: readonly NdArray[]): Float64NdArray {
  const [first] = parts;
  return joined({ data: [], shape: [parts.length, ...(first?.shape.slice(1) ?? [])] }, parts);
}

function summed({ shape, data }: NdArray, parts: readonly NdArray[]): Float64NdArray {
  const sums = new Float64Array(data.length);
  for (const part of parts) sums.forEach((sum, index) => (sums[index] = sum + part.data[index]!));
  return { data: sums, shape };
}
