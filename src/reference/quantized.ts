import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { QUANTIZATION } from '../options/names.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { layerNorm, OPTIONS as LAYER_NORM } from './layer-norm.ts';
import type { LayerNormOptions } from './layer-norm.ts';
import type { Float64NdArray, NdArray } from './ndarray.ts';
import { checkArray, formatShape, resolveAxes, sizeOf } from './ndarray.ts';
import { OPTIONS as RMS_NORM, rmsNorm } from './rms-norm.ts';
import type { RmsNormOptions } from './rms-norm.ts';

/** How a result z becomes whole numbers. */
export interface QuantizationOptions {
  /** Elements of a row that share a scale, a power of two of at least 4. Default: all. */
  groupSize?: number | undefined;
  /** One number, one for each group of a row, or of the shape of those that are computed: max |z| / 127. */
  scales?: NdArray | undefined;
}

/** z = y · scale, to half a scale. */
export interface Quantized {
  /** From -127 to 127; the shape of x. */
  y: NdArray<Int8Array>;
  /** Scales: those that were given; or of the shape of x, with 1 and last the groups of a row in the place of the normalized axes. */
  scales: Float64NdArray;
  /** Where a residual was given, x + gate · residual; the shape of x. */
  residualOut?: Float64NdArray;
}

/** Options of the normalizations that rows of whole numbers do not take. */
const REFUSED = ['segments'] as const;
type Refused = (typeof REFUSED)[number];
const isTaken = (name: string): boolean => !REFUSED.includes(name as Refused);
/** A scale of less has no normal number of f32. */
const LEAST_PEAK = 2 ** -119;

/**
 * y = round({@link layerNorm} / scale), of two as near the even one, for each row of the normalized axes or each `groupSize` elements of one.
 *
 * @throws NormError as {@link layerNorm}; `axes` where the normalized axes are not the last ones, `option`, `parameter`.
 * @example const { y, scales } = layerNormQuantized(x, { groupSize: 128 });
 */
export function layerNormQuantized(
  x: NdArray,
  options: Omit<LayerNormOptions, Refused> & QuantizationOptions = {},
  ...more: readonly never[]
): Quantized {
  checkCall('layerNormQuantized', { x }, options, [...LAYER_NORM.filter(isTaken), ...QUANTIZATION], more);
  const { groupSize, scales, ...rest } = options;
  return quantize(layerNorm(x, rest), { axes: rest.axes, groupSize, scales });
}

/**
 * y = round({@link rmsNorm} / scale), likewise.
 *
 * @throws NormError as {@link rmsNorm}; `axes` where the normalized axes are not the last ones, `option`, `parameter`.
 * @example const { y, scales } = rmsNormQuantized(x, { weight });
 */
export function rmsNormQuantized(
  x: NdArray,
  options: Omit<RmsNormOptions, Refused> & QuantizationOptions = {},
  ...more: readonly never[]
): Quantized {
  checkCall('rmsNormQuantized', { x }, options, [...RMS_NORM.filter(isTaken), ...QUANTIZATION], more);
  const { groupSize, scales, ...rest } = options;
  return quantize(rmsNorm(x, rest), { axes: rest.axes, groupSize, scales });
}

/**
 * y · scale: what was quantized, to half a scale. `axes` and `groupSize` as they were.
 *
 * @throws NormError `axes`, `shape`, `option`, `parameter`.
 * @example const z = dequantize(y, scales, { groupSize: 128 });
 */
export function dequantize(
  y: NdArray,
  scales: NdArray,
  options: Omit<Spans, 'scales'> = {},
  ...more: readonly never[]
): Float64NdArray {
  checkCall('dequantize', { y, scales }, options, ['axes', 'groupSize'], more);
  checkArray('y', y);
  const rows = rowsOf(y.shape, options.axes, options.groupSize);
  const at = scaleIndex(scales, rows);
  const data = Float64Array.from(y.data, (value, place) => value * scales.data[at(place)]!);
  return { data, shape: y.shape };
}

/** Spans, whose elements share a scale. */
interface Spans extends QuantizationOptions {
  axes?: number | readonly number[] | undefined;
}

function quantize({ y: z, residualOut }: Normalized, { axes, groupSize, scales }: Spans): Quantized {
  const rows = rowsOf(z.shape, axes, groupSize);
  const found = scales ? { data: Float64Array.from(scales.data), shape: scales.shape } : peaksOf(z.data, rows);
  const at = scaleIndex(found, rows);
  const data = Int8Array.from(z.data, (value, place) => {
    const quotient = value / found.data[at(place)]!;
    return Number.isNaN(quotient) || found.data[at(place)] === 0
      ? 0
      : Math.max(-127, Math.min(127, roundEven(quotient)));
  });
  return { y: { data, shape: z.shape }, scales: found, ...(residualOut && { residualOut }) };
}

/** The largest magnitude of each group of a row, divided by 127. */
function peaksOf(z: Float64Array, rows: Rows): Float64NdArray {
  const data = new Float64Array(sizeOf(rows.shape));
  const at = scaleIndex({ data, shape: rows.shape }, rows);
  z.forEach((value, place) => (data[at(place)] = Math.max(data[at(place)]!, Math.abs(value))));
  return { data: data.map((peak) => (peak < LEAST_PEAK ? 0 : peak / 127)), shape: rows.shape };
}

/** Rows of an array, and the groups of each. */
interface Rows {
  length: number;
  groupSize: number;
  /** Of a row. */
  groups: number;
  /** Of the scales. */
  shape: number[];
}

function rowsOf(shape: readonly number[], given: LayerNormOptions['axes'] = [-1], groupSize?: number): Rows {
  const axes = resolveAxes(given, shape);
  const first = shape.length - axes.length;
  if (axes[0] !== first) {
    throw new NormError('axes', `axes [${axes.join(',')}] are not the last of ${formatShape(shape)}`);
  }
  if (groupSize !== undefined && !POWERS.includes(groupSize)) {
    throw new NormError('option', `groupSize is ${formatValue(groupSize)}; it must be a power of two of at least 4`);
  }
  const length = sizeOf(shape.slice(first));
  const size = Math.min(groupSize ?? length, length);
  const groups = length === 0 ? 1 : Math.ceil(length / size);
  const ones = axes.slice(1).map(() => 1);
  return { length, groupSize: size, groups, shape: [...shape.slice(0, first), ...ones, groups] };
}

const POWERS = Array.from({ length: 50 }, (_, exponent) => 2 ** (exponent + 2));

/** Where the scale of an element is. */
function scaleIndex(scales: NdArray, { length, groupSize, groups, shape }: Rows): (place: number) => number {
  checkArray('scales', scales);
  const group = (place: number): number => Math.floor((place % length) / groupSize);
  if (scales.data.length === 1) return () => 0;
  if (formatShape(scales.shape) === formatShape([groups])) return group;
  if (formatShape(scales.shape) === formatShape(shape)) {
    return (place) => Math.floor(place / length) * groups + group(place);
  }
  throw new NormError(
    'parameter',
    `scales have shape ${formatShape(scales.shape)}; there may be one, ${formatShape([groups])} or ${formatShape(shape)}`,
  );
}

function roundEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}
