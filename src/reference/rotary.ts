import { NormError } from '../errors.ts';
import { checkFlags } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { checkIsArray } from './checks.ts';
import type { NdArray } from './ndarray.ts';
import { checkArray, formatShape, otherAxes } from './ndarray.ts';

/**
 * Rotary position embedding of y: of the pair k of a token's first `dims` elements, a and b,
 *
 *     a′ = a · cos[row, k] − b · sin[row, k]        b′ = b · cos[row, k] + a · sin[row, k]
 *
 * Su et al. 2021, RoFormer: Enhanced Transformer with Rotary Position Embedding, https://arxiv.org/abs/2104.09864
 */
export interface RotaryOptions {
  /** [rows, dims / 2], a row a position; or without positions [samples, tokens, dims / 2], samples being the first axis of x. */
  cos: NdArray;
  /** Of the shape of cos. */
  sin: NdArray;
  /** [tokens] or [samples, tokens]: which row a token takes. Default 0, 1, 2, … */
  positions?: NdArray | undefined;
  /** Default: all elements of the last axis. */
  dims?: number | undefined;
  /** Whether a pair is (2k, 2k + 1). Default false: it is (k, k + dims / 2). */
  interleaved?: boolean | undefined;
  /** The axis of x that counts tokens. Default: the first, where there are two. */
  tokenAxis?: number | undefined;
}

/** A row of y, by its group, rotated by its angles, or by those negated. */
export type Rotation = (row: Float64Array, group: number, direction: 1 | -1) => Float64Array;

/** The axes of x that tell its tokens apart, and those tokens apart that are of other samples. */
interface Tokens {
  axis: number;
  count: number;
  samples: number | null;
}

/**
 * @throws NormError `axes`, `shape`, `parameter`, `option` where more than the last axis is normalized, or a part is missing or does not fit x.
 */
export function rotationOf(
  op: string,
  shape: readonly number[],
  axes: readonly number[],
  options: RotaryOptions | undefined,
): Rotation | undefined {
  if (options === undefined) return undefined;
  checkFlags(op, options, ['interleaved']);
  for (const name of ['cos', 'sin'] as const) {
    checkIsArray(op, name, options[name]);
    checkArray(name, options[name]);
  }
  const rank = shape.length;
  const size = shape[rank - 1]!;
  if (axes.length !== 1 || axes[0] !== rank - 1) throw new NormError('axes', `${op}: rotary is of the last axis alone`);
  if (rank < 2) throw new NormError('shape', `${op}: rotary needs an axis of tokens`);
  if (size % 2 === 1) throw new NormError('shape', `${op}: rotary pairs elements of the last axis, which has ${size}`);
  const { cos, sin, positions, dims = size, interleaved = false } = options;
  if (!(Number.isInteger(dims / 2) && dims > 0 && dims <= size)) {
    throw new NormError('option', `${op}: dims is ${formatValue(dims)}; it must be even, and at most ${size}`);
  }
  const tokens = tokensOf(op, shape, options.tokenAxis);
  const rowOf = rowsOf(op, cos, tokens, positions, dims / 2);
  if (formatShape(sin.shape) !== formatShape(cos.shape)) {
    throw new NormError(
      'parameter',
      `${op}: sin has shape ${formatShape(sin.shape)}, but cos ${formatShape(cos.shape)}`,
    );
  }
  const kept = otherAxes(shape, axes);
  return (row, group, direction) => {
    const indices = new Map<number, number>();
    let rest = group;
    for (const axis of kept.toReversed()) {
      indices.set(axis, rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    const first = rowOf(indices.get(0)!, indices.get(tokens.axis)!) * (dims / 2);
    const rotated = Float64Array.from(row);
    for (let k = 0; k < dims / 2; k++) {
      const [i, j] = interleaved ? [2 * k, 2 * k + 1] : [k, k + dims / 2];
      const [c, s] = [cos.data[first + k]!, direction * sin.data[first + k]!];
      rotated[i] = row[i]! * c - row[j]! * s;
      rotated[j] = row[j]! * c + row[i]! * s;
    }
    return rotated;
  };
}

function tokensOf(op: string, shape: readonly number[], given: number | undefined): Tokens {
  const rank = shape.length;
  const axis = given ?? (rank === 2 ? 0 : NaN);
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank || axis === -1 || axis === rank - 1) {
    throw new NormError('option', `${op}: tokenAxis is ${formatValue(given)}; it must be an axis of x before the last`);
  }
  const resolved = (axis + rank) % rank;
  return { axis: resolved, count: shape[resolved]!, samples: resolved === 0 ? null : shape[0]! };
}

/** From a sample and a token to the row of the tables. */
function rowsOf(
  op: string,
  cos: NdArray,
  { count, samples }: Tokens,
  positions: NdArray | undefined,
  pairs: number,
): (sample: number, token: number) => number {
  const [rows, width] = cos.shape.slice(-2);
  const hasSamples = (shape: readonly number[]): boolean =>
    samples !== null && (shape[0] === 1 || shape[0] === samples);
  const perSample = cos.shape.length === 3 && !positions && hasSamples(cos.shape);
  const enough = positions ? rows! > 0 || count === 0 : rows! >= count;
  if (width !== pairs || !(cos.shape.length === 2 || perSample) || !enough) {
    throw new NormError(
      'parameter',
      `${op}: cos ${formatShape(cos.shape)} does not fit ${count} tokens of ${pairs} pairs`,
    );
  }
  if (!positions) return (sample, token) => (perSample && cos.shape[0] !== 1 ? sample * rows! : 0) + token;
  checkIsArray(op, 'positions', positions);
  checkArray('positions', positions);
  const { data, shape } = positions;
  if (shape.at(-1) !== count || !(shape.length === 1 || (shape.length === 2 && hasSamples(shape)))) {
    throw new NormError('parameter', `${op}: positions ${formatShape(shape)} are not those of ${count} tokens`);
  }
  for (const position of Array.from(data)) {
    if (Number.isInteger(position) && position >= 0 && position < rows!) continue;
    throw new NormError('parameter', `${op}: there is a position ${position}; the tables have ${rows} rows`);
  }
  return (sample, token) => data[(shape.length === 2 && shape[0] !== 1 ? sample * count : 0) + token]!;
}
