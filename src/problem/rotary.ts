import { NormError } from '../errors.ts';
import { formatValue } from '../options/format-value.ts';
import { splitStrides } from './affine.ts';
import type { View } from './affine.ts';
import type { Axis } from './definition.ts';
import type { Dtype } from './dtype.ts';
import { checkParameterDtype } from './parameters.ts';
import type { Stated, TensorSpec } from './parameters.ts';
import { formatShape, isSameShape } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * Rotary position embedding of what is normalized, the last axis of x: of each pair (a, b) of its first `dims` elements,
 * a · cos − b · sin takes the place of a, and b · cos + a · sin that of b. A token's row of `cos` and `sin` has a number for each pair.
 */
export interface RotaryOptions<T, U = T> {
  /**
   * Tables of a row a position, `[rows, dims / 2]`, of as many rows as there are tokens or more; or, without `positions`, of a row a token of
   * each sample, `[N, tokens, dims / 2]`. They hold f32, or what x holds.
   */
  cos: T;
  /** Of the shape of `cos`. */
  sin: T;
  /**
   * The position of each token, `[tokens]` or `[N, tokens]`, as u32: which row of the tables it takes; one beyond them takes the last.
   * Default: 0, 1, 2, …
   */
  positions?: U | undefined;
  /** How many elements are rotated, the first ones: an even number. Default: all. */
  dims?: number | undefined;
  /** Whether pairs are neighbours, (2i, 2i + 1), as GPT-J has them, rather than (i, i + dims / 2), as GPT-NeoX and Hugging Face's Llama. Default: false. */
  interleaved?: boolean | undefined;
  /** The axis of x that counts tokens: 1 of `[N, tokens, heads, size]`, 2 of `[N, heads, tokens, size]`. May be left out where x has two axes. */
  tokenAxis?: number | undefined;
}

/** The option itself. */
interface RotaryOption<T> {
  rotary?: RotaryOptions<T> | undefined;
}

/** The rotation of a problem. */
export interface Rotary {
  /** Pairs of an element. */
  pairs: number;
  /** Whether the two of a pair are neighbours. */
  interleaved: boolean;
  cos: Dtype;
  sin: Dtype;
  /** Rows of the tables. */
  rows: number;
  /** Whether positions are given. */
  positions: boolean;
  /** Where a token's position is in `positions`, or without those its row in the tables. */
  tokens: View;
}

/** Elements of x between the two of a pair. */
export function pairDistance({ pairs, interleaved }: Rotary): number {
  return interleaved ? 1 : pairs;
}

/**
 * The rotation of a call.
 *
 * @throws NormError `axes` where more than the last axis is normalized, `shape` where that is odd, `parameter` and `dtype` where tables or
 * positions do not fit, `option` where a part is missing, unknown or out of range.
 */
export function stateRotary({ definition: { op }, x, axes, options }: Stated<RotaryOption<TensorSpec>>): {
  rotary?: Rotary;
} {
  const { rotary } = options;
  if (rotary === undefined) return {};
  const { cos, sin, positions, interleaved = false } = rotary;
  for (const name of ['cos', 'sin'] as const) {
    if (rotary[name] === undefined) {
      throw new NormError('option', `${op}: rotary has no ${name}; give both tables, rotary: { cos, sin }`);
    }
    checkParameterDtype(op, name, rotary[name], x.dtype);
  }
  if (typeof (interleaved as unknown) !== 'boolean') {
    throw new NormError(
      'option',
      `${op}: interleaved of rotary is ${formatValue(interleaved)}; it must be true or false`,
    );
  }
  checkAxes(op, x.shape, axes);
  const dims = dimsOf(op, x.shape, rotary.dims);
  const tokenAxis = tokenAxisOf(op, x.shape, rotary.tokenAxis);
  if (!isSameShape(cos.shape, sin.shape)) {
    throw new NormError(
      'parameter',
      `${op}: cos has shape ${formatShape(cos.shape)}, but sin has ${formatShape(sin.shape)}; they must be alike`,
    );
  }
  checkTables(op, x.shape, cos.shape, { dims, tokenAxis, positions: positions !== undefined });
  if (positions) checkPositions(op, x.shape, positions, tokenAxis);
  const ofTokens = positions ? positions.shape : cos.shape.slice(0, -1);
  return {
    rotary: {
      pairs: dims / 2,
      // The two are one where there is one pair.
      interleaved: interleaved || dims === 2,
      cos: cos.dtype,
      sin: sin.dtype,
      rows: cos.shape.at(-2)!,
      positions: positions !== undefined,
      tokens: splitStrides(axes, tokenStrides(x.shape, ofTokens, tokenAxis)),
    },
  };
}

function checkAxes(op: string, shape: Shape, axes: readonly Axis[]): void {
  const reduced = axes.filter((axis) => axis.reduced).map(({ axis }) => axis);
  if (reduced.length !== 1 || reduced[0] !== shape.length - 1) {
    throw new NormError(
      'axes',
      `${op}: rotary turns pairs of the last axis, but axes [${reduced.join(',')}] of x ${formatShape(shape)} are normalized; ` +
        `normalize the last alone`,
    );
  }
  if (shape.length < 2) {
    throw new NormError('shape', `${op}: x ${formatShape(shape)} has no axis of tokens; rotary takes two axes or more`);
  }
  if (shape.at(-1)! % 2 !== 0) {
    throw new NormError(
      'shape',
      `${op}: rotary turns pairs of the last axis, but x ${formatShape(shape)} has ${shape.at(-1)!} elements there; it must have an even number`,
    );
  }
}

function dimsOf(op: string, shape: Shape, dims: unknown = shape.at(-1)!): number {
  const size = shape.at(-1)!;
  if (typeof dims === 'number' && Number.isInteger(dims) && dims % 2 === 0 && dims >= 2 && dims <= size) return dims;
  throw new NormError(
    'option',
    `${op}: dims of rotary is ${formatValue(dims)}; of the last axis of x ${formatShape(shape)} it must be an even number from 2 to ${size}`,
  );
}

function tokenAxisOf(op: string, shape: Shape, axis: unknown): number {
  const rank = shape.length;
  const given = axis === undefined && rank === 2 ? 0 : axis;
  if (given === undefined) {
    throw new NormError(
      'option',
      `${op}: rotary has no tokenAxis, the axis of x ${formatShape(shape)} that counts tokens; give it, 1 for [N,tokens,heads,size] ` +
        `or 2 for [N,heads,tokens,size]`,
    );
  }
  const inRange = typeof given === 'number' && Number.isInteger(given) && given >= -rank && given < rank;
  const resolved = inRange && given < 0 ? given + rank : given;
  if (inRange && resolved !== rank - 1) return resolved as number;
  const why = inRange ? 'the axis that is normalized' : `no axis of x ${formatShape(shape)}`;
  throw new NormError(
    'option',
    `${op}: tokenAxis of rotary is ${formatValue(given)}, ${why}; it must be a whole number from 0 to ${rank - 2}`,
  );
}

/** The axis of the samples, which positions and rows of tables may vary along; -1: there is none. */
function sampleAxisOf(tokenAxis: number): number {
  return tokenAxis === 0 ? -1 : 0;
}

function checkTables(
  op: string,
  shape: Shape,
  cos: Shape,
  { dims, tokenAxis, positions }: { dims: number; tokenAxis: number; positions: boolean },
): void {
  const pairs = dims / 2;
  const [tokens, samples] = [shape[tokenAxis]!, shape[sampleAxisOf(tokenAxis)]];
  const row = cos.at(-1);
  if (row !== pairs) {
    const twice =
      row === dims ? '; where each number is there twice, as in Hugging Face’s tables, give the first half' : '';
    throw new NormError(
      'parameter',
      `${op}: cos ${formatShape(cos)} has rows of ${row ?? 1}; for ${dims} elements that are rotated it must have ${pairs}, one a pair${twice}`,
    );
  }
  const isTable = cos.length === 2 && (positions ? cos[0]! > 0 || tokens === 0 : cos[0]! >= tokens);
  const isPerSample = cos.length === 3 && samples !== undefined && (cos[0] === 1 || cos[0] === samples);
  if (isTable || (!positions && isPerSample && cos[1]! >= tokens)) return;
  const x = `x ${formatShape(shape)}, whose axis ${tokenAxis} has ${tokens} tokens`;
  const wanted = positions
    ? `[rows,${pairs}], of which positions name the rows`
    : `[rows,${pairs}] with ${tokens} rows or more${samples === undefined ? '' : `, or [${samples},rows,${pairs}]`}`;
  throw new NormError('parameter', `${op}: cos has shape ${formatShape(cos)}; for ${x}, it must have ${wanted}`);
}

function checkPositions(op: string, shape: Shape, positions: TensorSpec, tokenAxis: number): void {
  if (positions.dtype !== 'u32') {
    throw new NormError('dtype', `${op}: positions holds ${positions.dtype}; it must hold u32`);
  }
  const [tokens, samples] = [shape[tokenAxis]!, shape[sampleAxisOf(tokenAxis)]];
  const given = positions.shape;
  const perSample = given.length === 2 && samples !== undefined && (given[0] === 1 || given[0] === samples);
  if ((given.length === 1 || perSample) && given.at(-1) === tokens) return;
  const wanted = samples === undefined ? `[${tokens}]` : `[${tokens}] or [${samples},${tokens}]`;
  throw new NormError(
    'parameter',
    `${op}: positions has shape ${formatShape(given)}; for x ${formatShape(shape)} with its tokens on axis ${tokenAxis} it must have ${wanted}`,
  );
}

/** The strides, along the axes of x, of an array of a number a token, the same for all samples or not. */
function tokenStrides(shape: Shape, of: Shape, tokenAxis: number): number[] {
  const strides = shape.map(() => 0);
  strides[tokenAxis] = 1;
  if (of.length === 2 && of[0] !== 1) strides[sampleAxisOf(tokenAxis)] = of[1]!;
  return strides;
}
