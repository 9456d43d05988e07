import * as norm from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import type { Call, Mode, Operation } from './modes.ts';
import type { Random } from './random.ts';

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Which parameters a call has. */
export const AFFINE = { none: [], weight: ['weight'], bias: ['bias'], both: ['weight', 'bias'] } as const;

/** A call with its numbers: x, parameters and whatever else, by the names of the options; `castBeforeWeight` names a dtype. */
export interface Filled {
  op: Operation;
  x: NdArray<Float32Array<ArrayBuffer>>;
  options: Record<string, unknown>;
  arrays: Record<string, NdArray<Float32Array<ArrayBuffer>>>;
}

/** Numbers for a call, with mean 0.5 and deviation 1. */
export function fill(mode: Mode, call: Call, affine: keyof typeof AFFINE, random: Random): Filled {
  const array = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean), shape });
  const x = array(call.shape, 0.5);
  if (mode.positive) x.data.forEach((value, index) => (x.data[index] = Math.abs(value)));
  const arrays: Filled['arrays'] = {};
  for (const [name, shape] of Object.entries(call.tensors)) {
    const { [name]: numbers } = NUMBERS;
    arrays[name] = numbers ? { data: Float32Array.from(numbers(shape, random, x)), shape } : array(shape, 0.5);
  }
  const { parameters = ['weight', 'bias'] } = mode;
  const names = AFFINE[affine].filter((name) => parameters.includes(name));
  if (call.affine) for (const name of names) arrays[name] = array(call.affine);
  return { op: mode.op, x, options: call.options, arrays };
}

/** Numbers of arrays that do not hold any. */
const NUMBERS: Readonly<Record<string, (shape: number[], random: Random, x: Filled['x']) => ArrayLike<number>>> = {
  runningVar: ([channels], random) => random.normals(channels!, 0.5).map((value) => 0.5 + value * value),
  numBatchesTracked: (_, random) => [Math.floor(10 ** (4 * random.uniform())) - 1],
  segments: ([starts], random, { shape: [rows] }) => {
    const inner = Array.from({ length: starts! - 2 }, () => Math.floor(random.uniform() * (rows! + 1)));
    return [0, ...inner.toSorted((a, b) => a - b), rows!];
  },
};

/** Makes a tensor of an array: uploads it, or places it in some buffer. */
export type Place = (array: NdArray<Float32Array<ArrayBuffer>>, name: string) => Tensor;

type Gpu<Result> = (x: Tensor, ...rest: unknown[]) => Result;
type Reference = (x: NdArray, ...rest: unknown[]) => reference.Normalized;

/** The options of a call: its numbers, and its arrays by name, of which some are parts of an option. */
export function optionsWith<T>(
  options: Filled['options'],
  arrays: Readonly<Record<string, T>>,
): Record<string, unknown> {
  const { scale, shift, by, cos, sin, positions, ...others } = arrays;
  const multiply = by && { multiply: { ...(options['multiply'] as object | undefined), by } };
  const modulation = { ...(scale && { scale }), ...(shift && { shift }) };
  const tables = { cos, sin, ...(positions && { positions }) };
  const rotary = cos && { rotary: { ...(options['rotary'] as object | undefined), ...tables } };
  const cast = options['castBeforeWeight'] !== undefined && {
    castBeforeWeight: Boolean(options['castBeforeWeight']),
  };
  return { ...options, ...cast, ...others, ...((scale || shift) && { modulation }), ...multiply, ...rotary };
}

/** Those of the reference, whose results are stored as nothing else, and which names the dtype that values are rounded to. */
export function exactOptionsWith(options: Filled['options'], arrays: Filled['arrays']): object {
  const { outputDtype: _, ...exact } = optionsWith(options, arrays);
  const { castBeforeWeight } = options;
  return { ...exact, ...(castBeforeWeight !== undefined && { castBeforeWeight }) };
}

export function callGpu(filled: Filled, place: Place, options: norm.CallOptions = {}): Tensor {
  return call(norm[filled.op] as unknown as Gpu<Tensor>, filled, place, options);
}

/** The same for training. */
export function callGpuForward(filled: Filled, place: Place, options: norm.CallOptions = {}): norm.ForwardResult {
  return call(norm[`${filled.op}Forward`] as unknown as Gpu<norm.ForwardResult>, filled, place, options);
}

function call<Result>(of: Gpu<Result>, filled: Filled, place: Place, more: norm.CallOptions): Result {
  const { style, ...others } = Object.fromEntries(
    Object.entries(filled.arrays).map(([name, array]) => [name, place(array, name)]),
  ) as Record<string, Tensor>;
  const all = { ...optionsWith(filled.options, others), ...more };
  const x = place(filled.x, 'x');
  return style ? of(x, style, all) : of(x, all);
}

export function normalizedByReference({ op, x, options, arrays }: Filled): reference.Normalized {
  const { style, ...others } = arrays;
  const of = reference[op] as unknown as Reference;
  const all = exactOptionsWith(options, others);
  return style ? of(x, style, all) : of(x, all);
}

export function callReference(filled: Filled): Float64Array {
  return normalizedByReference(filled).y.data;
}

export const upload =
  (context: Context): Place =>
  ({ data, shape }) =>
    context.tensor(data, shape);

/** The largest error, relative to the largest magnitude there is; NaN and infinities must be the same. */
export function relativeError(
  actual: ArrayLike<number>,
  exact: ArrayLike<number>,
  ...magnitudes: (NdArray | undefined)[]
): number {
  if (actual.length !== exact.length) return Infinity;
  let worst = 0;
  let largest = 2 ** -100;
  for (let index = 0; index < exact.length; index++) {
    const [a, b] = [actual[index]!, exact[index]!];
    if (Number.isFinite(b)) largest = Math.max(largest, Math.abs(b));
    if (Object.is(a, b) || a === b) continue;
    const error = Math.abs(a - b);
    if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
  }
  for (const array of magnitudes) {
    for (let index = 0; index < (array?.data.length ?? 0); index++)
      largest = Math.max(largest, Math.abs(array!.data[index]!));
  }
  return worst / largest;
}
