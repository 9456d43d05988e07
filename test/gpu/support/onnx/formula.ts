import type { NdArray } from '../../../../src/reference/index.ts';
import { Random } from '../random.ts';
import { sizeOf } from '../run.ts';

/** Nodes whose results are written down here as formulas, in float64: what ONNX publishes no numbers of. */
export interface NodeCase {
  name: string;
  opType: string;
  domain: '' | 'com.microsoft';
  opset: number;
  attributes: Readonly<Record<string, number | readonly number[]>>;
  /** In the operator's order; null where an optional one is left out. */
  inputs: Readonly<Record<string, NdArray<Float32Array<ArrayBuffer>> | null>>;
  /** What is asked for, in the operator's order; null for what is not. */
  outputs: Readonly<Record<string, NdArray<Float64Array> | null>>;
  /** Whether ONNX Runtime gives it on the CPU; default: it does. */
  byRuntime?: boolean;
}

const random = new Random(1);
/** Numbers of mean 0.5 and deviation 1. */
export const drawn = (shape: readonly number[], mean = 0.5): NdArray<Float32Array<ArrayBuffer>> => ({
  data: random.normals(sizeOf(shape), mean),
  shape: [...shape],
});

export type Numbers = ArrayLike<number>;

/** (s - mean) · rstd, or s · rstd, of elements that share a number. */
export function standardize(
  s: Float64Array,
  groups: number,
  groupOf: (index: number) => number,
  eps: number,
  centred = true,
) {
  const sums = (term: (value: number, group: number) => number): Float64Array => {
    const sum = new Float64Array(groups);
    s.forEach((value, index) => (sum[groupOf(index)]! += term(value, groupOf(index))));
    return sum.map((one) => (one * groups) / s.length);
  };
  const mean = centred ? sums((value) => value) : new Float64Array(groups);
  const rstd = sums((value, group) => (value - mean[group]!) ** 2).map((one) => 1 / Math.sqrt(one + eps));
  const x_hat = s.map((value, index) => (value - mean[groupOf(index)]!) * rstd[groupOf(index)]!);
  return { x_hat, mean, rstd };
}

export const affine = (
  x_hat: Float64Array,
  weight: Numbers,
  bias: Numbers | undefined,
  at: (index: number) => number,
) => x_hat.map((value, index) => value * weight[at(index)]! + (bias?.[at(index)] ?? 0));
