import * as norm from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { numbersOf, placing } from './fused.ts';
import type { Fused } from './fused.ts';
import { exactOptionsWith, optionsWith, sizeOf } from './run.ts';

/** A call whose result is quantized. */
export interface QuantizedCall extends Fused {
  op: 'layerNorm' | 'rmsNorm';
  /** Whether x + gate · residual is stored too. */
  writesResidualOut?: boolean;
}

/** What f32 may cost on the way to z: some tens of roundings. */
const ON_THE_WAY = 48 * 2 ** -24;

export const functions = {
  layerNorm: norm.layerNormQuantized,
  rmsNorm: norm.rmsNormQuantized,
} as const;
const references = { layerNorm: reference.layerNormQuantized, rmsNorm: reference.rmsNormQuantized } as const;

/** How far a quantized result is from that of float64. */
export interface QuantizedErrors {
  /** Of the scales: beyond what f32 may cost on the way, relative to themselves. */
  scales: number;
  /** Of y · scale: beyond that, in scales; half a one is the best there is. */
  steps: number;
  /** Numbers that differ though no error of f32 could round them to another one, and the share of those of which none could. */
  wrong: number;
  compared: number;
}

export interface QuantizedTensors {
  y: Tensor;
  scales: Tensor;
  residualOut: Tensor | undefined;
}

export function callQuantized(context: Context, call: QuantizedCall, more: object = {}): QuantizedTensors {
  const place = placing(context, call);
  const arrays = Object.fromEntries(Object.entries(call.arrays).map(([name, array]) => [name, place(array, name)]));
  const x = place(call.x, 'x');
  const residualOut = call.writesResidualOut
    ? context.empty(x.shape, { dtype: call.dtypes['dresidualOut']! })
    : undefined;
  const options = { ...optionsWith(call.options, arrays), ...(residualOut && { residualOut }), ...more };
  return { ...functions[call.op](x, options), residualOut };
}

/** The same by float64, of x + gate · residual as it was stored. */
export async function quantizedByReference(
  call: QuantizedCall,
  residualOut: Tensor | undefined,
): Promise<reference.Quantized & { z: Float64Array }> {
  const options = exactOptionsWith(call.options, call.arrays);
  let { x }: { x: NdArray } = call;
  if (residualOut) {
    const stored = await numbersOf(residualOut);
    const exact = references[call.op](x, options).residualOut!.data;
    const data = Float64Array.from(x.data, (value, at) => value + (stored[at]! - exact[at]!));
    x = { data, shape: x.shape };
  }
  const { groupSize: _, scales: __, ...plain } = options as { groupSize?: number; scales?: NdArray };
  return { ...references[call.op](x, options), z: reference[call.op](x, plain).y.data };
}

export async function quantizedErrors(context: Context, call: QuantizedCall): Promise<QuantizedErrors> {
  const { y, scales, residualOut } = callQuantized(context, call);
  const exact = await quantizedByReference(call, residualOut);
  const [numbers, found] = [await y.read('i8'), await scales.read()];
  const onTheWay = ON_THE_WAY * magnitudeOf(call, exact.z);
  const errors: QuantizedErrors = { scales: 0, steps: 0, wrong: 0, compared: 0 };
  const { axes, groupSize } = call.options as { axes?: number[]; groupSize?: number };
  for (const [at, value] of exact.scales.data.entries()) {
    const off = Math.max(0, Math.abs(found[at]! - value) - onTheWay / 127) / value;
    if (found[at] !== value && !(off <= errors.scales)) errors.scales = off;
  }
  const [measured, ofExact] = [found, exact.scales.data].map((data) => {
    const ones = { data: Float64Array.from(exact.z, () => 1), shape: call.x.shape };
    return reference.dequantize(ones, { data, shape: exact.scales.shape }, { axes, groupSize }).data;
  });
  for (const [at, z] of exact.z.entries()) {
    const [scale, number] = [measured![at]!, numbers[at]!];
    const bounded = Math.max(-127 * scale, Math.min(127 * scale, z));
    const steps = Math.max(0, Math.abs(number * scale - bounded) - onTheWay) / scale;
    if (scale !== 0) errors.steps = Math.max(errors.steps, steps);
    if (isNearTie(z / ofExact![at]!, (2 * onTheWay) / ofExact![at]!)) continue;
    errors.compared++;
    if (number !== exact.y.data[at]) errors.wrong++;
  }
  errors.compared /= Math.max(1, exact.z.length);
  for (const tensor of [y, scales, residualOut]) tensor?.destroy();
  return errors;
}

/** Whether an error of f32 could round a quotient to another number. */
export function isNearTie(quotient: number, onTheWay: number): boolean {
  const slack = onTheWay + (Math.abs(quotient) + 1) * 2 ** -21;
  return Math.abs(quotient - Math.floor(quotient) - 0.5) <= slack;
}

/** How large what z is a sum of may be. */
function magnitudeOf({ arrays }: QuantizedCall, z: Float64Array): number {
  const largest = (data: ArrayLike<number> = [], least = 0): number =>
    Array.from(data).reduce((most, value) => Math.max(most, Math.abs(value)), least);
  const { weight, bias, scale, shift, by, add } = arrays;
  const modulated = 1 + largest(scale?.data);
  const affine = (1 + largest(weight?.data, 1) + largest(bias?.data)) * modulated + largest(shift?.data);
  return largest(z, 1) + affine * (1 + largest(by?.data)) + largest(add?.data);
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
