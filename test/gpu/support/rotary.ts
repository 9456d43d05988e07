import type { RotaryOptions, Tensor } from '../../../src/index.ts';
import type { Format } from './formats.ts';
import { rounded } from './fused.ts';
import type { Fused } from './fused.ts';
import type { Random } from './random.ts';
import { normalizedRow } from './rows.ts';
import { tablesFor } from './rotary-tables.ts';
import type { Numbers, TABLES, Tables } from './rotary-tables.ts';
import type { RowOptions } from './rows.ts';
import { sizeOf } from './run.ts';
import type { Filled } from './run.ts';

/** Normalization of heads and rotary embedding as float64 loops from the definition: nothing of the library is in them. */

/** Where tokens, heads and samples are in x, whose last axis is that of a head's elements. */
export interface HeadLayout {
  name: string;
  shape: (sizes: { samples: number; tokens: number; heads: number; size: number }) => number[];
  tokenAxis: number;
}

export const LAYOUTS: readonly HeadLayout[] = [
  { name: '[N,T,H,D]', shape: ({ samples, tokens, heads, size }) => [samples, tokens, heads, size], tokenAxis: 1 },
  { name: '[N,H,T,D]', shape: ({ samples, tokens, heads, size }) => [samples, heads, tokens, size], tokenAxis: -2 },
  { name: '[T,H,D]', shape: ({ tokens, heads, size }) => [tokens, heads, size], tokenAxis: 0 },
  { name: '[T,D]', shape: ({ tokens, size }) => [tokens, size], tokenAxis: 0 },
];

export interface RotaryCall {
  shape: number[];
  tokenAxis: number;
  dims: number;
  interleaved: boolean;
  tables: Tables;
}

/** Each row of the last axis, rotated by the angles of its token, or by those negated. */
export function rotatedRows(call: RotaryCall, rows: Float64Array, direction: 1 | -1): Float64Array {
  const { shape, dims, interleaved, tables } = call;
  const size = shape.at(-1)!;
  const axis = (call.tokenAxis + shape.length) % shape.length;
  const { cos, sin, positions } = tables;
  const half = dims / 2;
  const rotated = Float64Array.from(rows);
  for (let from = 0; from < rows.length; from += size) {
    let rest = from / size;
    const index: number[] = [];
    for (let each = shape.length - 2; each >= 0; each--) {
      index[each] = rest % shape[each]!;
      rest = Math.floor(rest / shape[each]!);
    }
    const [sample, token] = [index[0]!, index[axis]!];
    const inPositions = positions && (positions.shape.length === 2 ? sample * positions.shape[1]! : 0) + token;
    const inTables = (cos.shape.length === 3 ? sample * cos.shape[1]! : 0) + token;
    const row = inPositions === undefined ? inTables : positions!.data[inPositions]!;
    for (let pair = 0; pair < half; pair++) {
      const a = from + (interleaved ? 2 * pair : pair);
      const b = interleaved ? a + 1 : a + half;
      const c = cos.data[row * half + pair]!;
      const s = direction * sin.data[row * half + pair]!;
      rotated[a] = rows[a]! * c - rows[b]! * s;
      rotated[b] = rows[a]! * s + rows[b]! * c;
    }
  }
  return rotated;
}

/** y and all gradients of a call whose weight and bias have the shape of a head, or of all heads where those are the axis before. */
export function rotaryByHand(
  call: RotaryCall,
  x: ArrayLike<number>,
  options: Omit<RowOptions, 'weight' | 'bias'> & { weight?: ArrayLike<number>; bias?: ArrayLike<number> },
  dy: ArrayLike<number>,
): Record<'y' | 'dx' | 'dweight' | 'dbias', Float64Array> {
  const size = call.shape.at(-1)!;
  const { weight, bias, statistic, eps } = options;
  const parameters = (weight ?? bias)?.length ?? size;
  const before = rotatedRows(call, Float64Array.from(dy), -1);
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [dweight, dbias] = [new Float64Array(parameters), new Float64Array(parameters)];
  for (let from = 0; from < x.length; from += size) {
    const first = from % parameters;
    const at = (array: ArrayLike<number> | undefined, neutral: number): number[] =>
      Array.from({ length: size }, (_, e) => array?.[first + e] ?? neutral);
    const [w, b] = [at(weight, 1), at(bias, 0)];
    const row = Array.from({ length: size }, (_, e) => x[from + e]!);
    const own = normalizedRow(row, { statistic, eps, weight: w, bias: b });
    y.set(own.y, from);
    const g = w.map((each, e) => each * before[from + e]!);
    const mean = statistic === 'rms' ? 0 : g.reduce((sum, each) => sum + each, 0) / size;
    const product = g.reduce((sum, each, e) => sum + each * own.xHat[e]!, 0) / size;
    for (let e = 0; e < size; e++) {
      dx[from + e] = own.rstd * (g[e]! - mean - own.xHat[e]! * product);
      dweight[first + e]! += before[from + e]! * own.xHat[e]!;
      dbias[first + e]! += before[from + e]!;
    }
  }
  return { y: rotatedRows(call, y, 1), dx, dweight, dbias };
}

/** The option of a call, its arrays placed. */
export function rotaryOption(
  { dims, interleaved, tokenAxis, tables }: RotaryCall,
  place: (array: Numbers, name: 'cos' | 'sin') => Tensor,
  placePositions: (positions: NonNullable<Tables['positions']>) => Tensor,
): RotaryOptions<Tensor> {
  const { cos, sin, positions } = tables;
  return {
    cos: place(cos, 'cos'),
    sin: place(sin, 'sin'),
    ...(positions && { positions: placePositions(positions) }),
    dims,
    interleaved,
    tokenAxis,
  };
}

/** What a call rotates, and does besides. */
export interface Rotating {
  op: 'rmsNorm' | 'layerNorm';
  layout: HeadLayout;
  sizes: { samples: number; tokens: number; heads: number; size: number };
  dims: number;
  interleaved: boolean;
  kind: (typeof TABLES)[number];
  dtype: Format;
  like: boolean;
  affine: 'none' | 'weight' | 'both' | 'zero-centered' | 'of heads';
  residual: 'none' | 'plain' | 'gated';
  modulation: 'none' | 'sample' | 'full';
  multiply: 'none' | 'before' | 'after';
  add: 'none' | 'full' | 'sample';
  activation: 'none' | 'silu';
  partial: boolean;
  output: Format | 'as x';
}

/** A call with its numbers. */
export function rotating(of: Rotating, random: Random): Fused {
  const { op, layout, sizes, dims, interleaved, kind, affine, residual, modulation, activation, partial, output } = of;
  // Which of a residual and a factor comes first is not said.
  const multiply = of.multiply === 'before' && residual !== 'none' ? 'after' : of.multiply;
  const shape = layout.shape(sizes);
  const array = (sizesOf: number[], mean = 0): Filled['x'] => ({
    data: random.normals(sizeOf(sizesOf), mean, 0.7),
    shape: sizesOf,
  });
  const { positions, ...tables } = tablesFor({ shape, tokenAxis: layout.tokenAxis, dims }, kind, random);
  const parameter = affine === 'of heads' ? shape.slice(-2) : shape.slice(-1);
  const perSample = [shape[0]!, shape.at(-1)!];
  const arrays: Filled['arrays'] = {
    ...(affine !== 'none' && { weight: array(parameter, affine === 'zero-centered' ? 0 : 1) }),
    ...(affine === 'both' && { bias: array(parameter) }),
    ...(residual !== 'none' && { residual: array(shape) }),
    ...(residual === 'gated' && { gate: array(perSample) }),
    ...(modulation !== 'none' && { scale: array(modulation === 'full' ? shape : perSample), shift: array(perSample) }),
    ...(multiply !== 'none' && { by: array(shape) }),
    ...(of.add !== 'none' && { add: array(of.add === 'full' ? shape : perSample) }),
    ...tables,
    ...(positions && { positions: { data: Float32Array.from(positions.data), shape: positions.shape } }),
  };
  const options = {
    rotary: { dims, interleaved, tokenAxis: layout.tokenAxis },
    ...(affine === 'zero-centered' && { zeroCenteredWeight: true }),
    ...(multiply !== 'none' && { multiply: { where: multiply } }),
    ...(activation !== 'none' && { activation }),
    ...(partial && op === 'rmsNorm' && { partial: 0.6 }),
    ...(output !== 'as x' && { outputDtype: output }),
  };
  return rounded({ op, x: array(shape, 0.4), options, arrays }, of);
}
