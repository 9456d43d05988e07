import * as norm from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { placing } from './fused.ts';
import type { Fused } from './fused.ts';
import { magnitudeOf, stored } from './fused-errors.ts';
import type { Making } from './fused-errors.ts';
import { exactOptionsWith, optionsWith, sizeOf } from './run.ts';
import { largest, ON_THE_WAY, unitsOff } from './units.ts';
import { isUnsure } from './unsure.ts';

/** A call whose result is quantized. */
export interface QuantizedCall extends Fused {
  op: 'layerNorm' | 'rmsNorm';
  /** Whether x + gate · residual is stored too. */
  writesResidualOut?: boolean;
}

export const functions = {
  layerNorm: norm.layerNormQuantized,
  rmsNorm: norm.rmsNormQuantized,
} as const;
const references = { layerNorm: reference.layerNormQuantized, rmsNorm: reference.rmsNormQuantized } as const;

/** What scales may be off of themselves, and y · scale of z, in scales. */
export const MOST_OF_SCALES = 2 ** -22;
export const MOST_STEPS = 0.5 + 2 ** -14;

/** How far a quantized result is from that of float64. */
export interface QuantizedErrors {
  /** Of the scales: beyond what f32 may cost on the way, relative to themselves. */
  scales: number;
  /** Of y · scale: beyond that, in scales; half a one is the best there is. */
  steps: number;
  /** Numbers that differ though no error of f32 could round them to another one, and the share of those of which none could. */
  wrong: number;
  compared: number;
  /** Of x + gate · residual, in units of its last place. */
  residualOut: number;
}

export interface QuantizedTensors {
  y: Tensor;
  scales: Tensor;
  residualOut: Tensor | undefined;
}

export function callQuantized(
  context: Context,
  call: QuantizedCall,
  { place = placing(context, call), destination = () => undefined }: Partial<Making> = {},
): QuantizedTensors {
  const { shape } = call.x;
  const arrays = Object.fromEntries(Object.entries(call.arrays).map(([name, array]) => [name, place(array, name)]));
  const x = place(call.x, 'x');
  const dtype = call.dtypes['dresidualOut']!;
  const residualOut = call.writesResidualOut
    ? (destination('residualOut', dtype, shape) ?? context.empty(shape, { dtype }))
    : undefined;
  const y = destination('y', 'i8', shape);
  const scales = arrays['scales'] ? undefined : destination('scales', 'f32', scalesShape(shape, call.options));
  const out = { ...(y && { y }), ...(scales && { scales }) } as norm.QuantizedOut;
  const options = { ...optionsWith(call.options, arrays), ...(residualOut && { residualOut }), out };
  return { ...functions[call.op](x, options), residualOut };
}

/** The same by float64, of x + gate · residual as it was stored; `summed`: the call with an x of which that is the sum. */
async function quantizedByReference(
  call: QuantizedCall,
  residualOut: Tensor | undefined,
): Promise<reference.Quantized & { z: Float64Array; summed: Fused }> {
  const options = exactOptionsWith(call.options, call.arrays);
  const exactOut = residualOut && references[call.op](call.x, options).residualOut!;
  const x = residualOut ? await stored(residualOut, exactOut!.data, call.x) : call.x;
  const { groupSize: _, scales: __, ...plain } = options as { groupSize?: number; scales?: NdArray };
  return {
    ...references[call.op](x, options),
    ...(exactOut && { residualOut: exactOut }),
    z: reference[call.op](x, plain).y.data,
    summed: { ...call, x },
  };
}

export async function quantizedErrors(
  context: Context,
  call: QuantizedCall,
  making?: Partial<Making>,
): Promise<QuantizedErrors> {
  const { y, scales, residualOut } = callQuantized(context, call, making);
  const exact = await quantizedByReference(call, residualOut);
  const [numbers, found] = [await y.read('i8'), await scales.read()];
  const onTheWay = ON_THE_WAY * magnitudeOf(call, exact.z);
  const errors: QuantizedErrors = { scales: 0, steps: 0, wrong: 0, compared: 0, residualOut: 0 };
  if (residualOut)
    errors.residualOut = await unitsOff(residualOut, exact.residualOut!.data, largest(exact.residualOut));
  const spread = (data: ArrayLike<number>): Float64Array => spreadOver(call, { data, shape: exact.scales.shape });
  // Where it is not sure what was rounded on the way, a scale may be that of another number.
  const unsure = isUnsure(exact.summed) ?? (() => false);
  const spanOf = spread(exact.scales.data.map((_, span) => span));
  const doubts = new Set(call.arrays['scales'] ? [] : spanOf.filter((_, at) => unsure(at)));
  for (const [at, value] of exact.scales.data.entries()) {
    if (doubts.has(at) || Object.is(found[at], value) || found[at] === value) continue;
    const off = Math.max(0, Math.abs(found[at]! - value) - onTheWay / 127) / Math.abs(value);
    if (!(off <= errors.scales)) errors.scales = Number.isNaN(off) ? Infinity : off;
  }
  const [measured, ofExact] = [spread(found), spread(exact.scales.data)];
  for (const [at, z] of exact.z.entries()) {
    if (unsure(at) || doubts.has(spanOf[at]!)) continue;
    const [scale, number] = [measured[at]!, numbers[at]!];
    const bounded = Math.max(-127 * Math.abs(scale), Math.min(127 * Math.abs(scale), z));
    const steps = Math.max(0, Math.abs(number * scale - bounded) - onTheWay) / Math.abs(scale);
    if (scale !== 0 && Number.isFinite(scale) && !Number.isNaN(z)) errors.steps = Math.max(errors.steps, steps);
    if (isNearTie(z / ofExact[at]!, (2 * onTheWay) / Math.abs(ofExact[at]!))) continue;
    errors.compared++;
    if (number !== exact.y.data[at]) errors.wrong++;
  }
  errors.compared /= Math.max(1, exact.z.length);
  for (const tensor of [y, scales, residualOut]) tensor?.destroy();
  return errors;
}

/** What is one for each span, for each element of x. */
function spreadOver({ x: { shape, data }, options }: QuantizedCall, spans: NdArray): Float64Array {
  const { axes, groupSize } = options as { axes?: number[]; groupSize?: number };
  const ones = { data: Float64Array.from(data, () => 1), shape };
  return reference.dequantize(ones, spans, { axes, groupSize }).data;
}

/** Whether an error of f32 could round a quotient to another number. */
export function isNearTie(quotient: number, onTheWay: number): boolean {
  const slack = onTheWay + (Math.abs(quotient) + 1) * 2 ** -21;
  return Math.abs(quotient - Math.floor(quotient) - 0.5) <= slack;
}

/** The shape of the scales of a call. */
export function scalesShape(
  shape: readonly number[],
  { axes = [-1], groupSize }: { axes?: number[]; groupSize?: number },
): number[] {
  const kept = shape.slice(0, -axes.length);
  const length = sizeOf(shape.slice(-axes.length));
  const groups = groupSize === undefined ? 1 : Math.max(1, Math.ceil(length / groupSize));
  return [...kept, ...axes.slice(1).map(() => 1), groups];
}
