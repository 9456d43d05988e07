import { expect } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { openContexts } from './contexts.ts';
import { roundTo } from './formats.ts';
import type { Format, Half } from './formats.ts';
import { fusedErrors } from './fused-errors.ts';
import { gradientFor, placing } from './fused.ts';
import type { Fused } from './fused.ts';
import { backwardOf } from './gradients.ts';
import type { Operation } from './modes.ts';
import { Random } from './random.ts';
import { callGpuForward } from './run.ts';
import type { Place } from './run.ts';

/** Calls in half precision, and the bits of their results. */

/** The plans of both kinds of adapter by name; where halves can be stored one by one, also those of where they cannot. */
export async function openHalfContexts(): Promise<[plans: string, context: Context][]> {
  const plans = await openContexts();
  const { device } = plans.software;
  const profile = { software: true, parallel: 64, f16: false };
  const packing = await createContext({ device, profile, specialize: false });
  return Object.entries<Context>(device.features.has('shader-f16') ? { ...plans, packing } : { ...plans });
}

/** A call of numbers as the format holds them, parameters too. */
export function halfCall(
  dtype: Half,
  op: Operation,
  shape: number[],
  data: ArrayLike<number>,
  options: Record<string, unknown> = {},
  arrays: Readonly<Record<string, NdArray>> = {},
): Fused {
  const dtypes: Fused['dtypes'] = { x: dtype, dy: dtype };
  const round = (array: NdArray, format: Format): Fused['x'] => ({
    data: Float32Array.from(array.data, (value) => roundTo(format, value)),
    shape: [...array.shape],
  });
  const stored: Fused['arrays'] = {};
  for (const [name, array] of Object.entries(arrays)) stored[name] = round(array, (dtypes[name] = dtype));
  return { op, x: round({ data, shape }, dtype), options, arrays: stored, dtypes };
}

/** A weight about 1 and a bias about 0. */
export function affineOf(size: number, random: Random): Record<'weight' | 'bias', NdArray> {
  const shape = [size];
  return { weight: { data: random.normals(size, 1, 0.3), shape }, bias: { data: random.normals(size), shape } };
}

/** Every result of a call and of its gradient is within a unit of the last place of the exact one, rounded. */
export async function expectWithinOneUlp(context: Context, fused: Fused): Promise<void> {
  const errors = await fusedErrors(context, fused, gradientFor(fused, new Random(3), 0), null);
  for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
}

/** The bits of a tensor of halves. */
export async function bitsOf(tensor: Tensor): Promise<Uint16Array> {
  const { buffer, byteOffset, byteLength } = (await tensor.read(tensor.dtype)) as unknown as Uint16Array;
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** The bits of y and of all gradients. */
export async function bitsOfAll(
  context: Context,
  fused: Fused,
  dy: Fused['x'],
  place: Place = placing(context, fused),
): Promise<Record<string, Uint16Array>> {
  const { y, saved } = callGpuForward(fused, place);
  const gradients = backwardOf(fused.op)(place(dy, 'dy'), saved);
  const bits: Record<string, Uint16Array> = {};
  for (const [name, tensor] of Object.entries({ y, ...gradients })) {
    bits[name] = await bitsOf(tensor);
    tensor.destroy();
  }
  saved.destroy();
  return bits;
}

/** The first element whose bits differ, of those that `counts` takes; -1 where there is none. */
export function firstDifference(
  a: Uint16Array,
  b: Uint16Array,
  counts: (index: number) => boolean = () => true,
): number {
  return a.findIndex((bits, index) => bits !== b[index] && counts(index));
}
