import { affine, drawn, standardize } from './formula.ts';
import type { NodeCase } from './formula.ts';

interface Rows {
  name: string;
  shape: readonly number[];
  skip?: readonly number[];
  beta?: boolean;
  bias?: boolean;
  epsilon?: number;
}

/** SkipLayerNormalization and SkipSimplifiedLayerNormalization: rows of the last axis. */
export function skipRows(
  { name, shape, skip: skipShape = shape, beta, bias, epsilon }: Rows,
  centred: boolean,
): NodeCase {
  const length = shape.at(-1)!;
  const input = drawn(shape);
  const skip = drawn(skipShape, 0);
  const gamma = drawn([length], 1);
  const b = beta ? drawn([length]) : null;
  const c = bias ? drawn([length]) : null;
  const s = Float64Array.from(
    input.data,
    (value, index) => value + skip.data[index % skip.data.length]! + (c?.data[index % length] ?? 0),
  );
  const rows = s.length / length;
  const { x_hat, mean, rstd } = standardize(s, rows, (i) => Math.floor(i / length), epsilon ?? 1e-12, centred);
  const each = [...shape.slice(0, -1), 1];
  return {
    name,
    opType: centred ? 'SkipLayerNormalization' : 'SkipSimplifiedLayerNormalization',
    domain: 'com.microsoft',
    opset: 21,
    attributes: epsilon === undefined ? {} : { epsilon },
    inputs: { input, skip, gamma, ...(centred && { beta: b }), bias: c },
    outputs: {
      output: { data: affine(x_hat, gamma.data, b?.data, (i) => i % length), shape },
      mean: centred ? { data: mean, shape: each } : null,
      inv_std_var: { data: rstd, shape: each },
      input_skip_bias_sum: { data: s, shape },
    },
  };
}

interface Groups {
  name: string;
  /** N, H, W, C. */
  size: readonly [number, number, number, number];
  groups: number;
  last?: boolean;
  silu?: boolean;
  skip?: 'whole' | 'N11C' | 'NC';
  bias?: boolean;
}

/** GroupNorm and SkipGroupNorm. */
export function groupNorm({ name, size, groups, last = true, silu = false, skip: kind, bias }: Groups): NodeCase {
  const [n, h, w, c] = size;
  const shape = last ? [n, h, w, c] : [n, c, h, w];
  const channelOf = (i: number): number => (last ? i % c : Math.floor(i / (h * w)) % c);
  const sampleOf = (i: number): number => Math.floor(i / (h * w * c));
  const X = drawn(shape);
  const [gamma, beta] = [drawn([c], 1), drawn([c])];
  const skip = kind ? drawn(kind === 'whole' ? shape : kind === 'NC' ? [n, c] : [n, 1, 1, c], 0) : null;
  const b = bias ? drawn([c]) : null;
  const skipAt = (i: number): number => (kind === 'whole' ? i : sampleOf(i) * c + channelOf(i));
  const s = Float64Array.from(
    X.data,
    (value, i) => value + (skip?.data[skipAt(i)] ?? 0) + (b?.data[channelOf(i)] ?? 0),
  );
  const groupOf = (i: number): number => sampleOf(i) * groups + Math.floor((channelOf(i) * groups) / c);
  const { x_hat } = standardize(s, n * groups, groupOf, 1e-5);
  const z = affine(x_hat, gamma.data, beta.data, channelOf);
  const y = silu ? z.map((value) => value / (1 + Math.exp(-value))) : z;
  return {
    name,
    opType: skip ? 'SkipGroupNorm' : 'GroupNorm',
    domain: 'com.microsoft',
    opset: 21,
    attributes: { groups, activation: silu ? 1 : 0, ...(!last && { channels_last: 0 }) },
    inputs: { X, gamma, beta, ...(skip && { skip, bias: b }) },
    outputs: { Y: { data: y, shape }, ...(skip && { S: { data: s, shape } }) },
    byRuntime: false,
  };
}
