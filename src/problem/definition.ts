import type { Layout } from './layout.ts';
import type { Shape } from './shape.ts';
import type { Pointwise, Response, Statistic } from './statistics.ts';

/** The normalizations, by the names of their functions. */
export type Mode =
  | 'adaptiveInstanceNorm'
  | 'batchNorm'
  | 'dynamicErf'
  | 'dynamicTanh'
  | 'globalResponseNorm'
  | 'groupNorm'
  | 'instanceNorm'
  | 'layerNorm'
  | 'normalize'
  | 'rmsNorm'
  | 'scaleNorm';

/**
 * One axis of x as a normalization sees it (GroupNorm sees the channel axis as two).
 * `reduced`: its elements share statistics. `parameter`: weight and bias vary along it. `channel`: running statistics do.
 */
export interface Axis {
  /** The axis of x that it is, or is a part of. */
  axis: number;
  size: number;
  reduced: boolean;
  parameter: boolean;
  channel: boolean;
}

/**
 * A normalization: which elements share statistics, which of them share parameters. All that tells one mode from another;
 * the kernels are the same for all.
 */
export interface Definition<Options> {
  op: string;
  /** The options the call takes, outputDtype with them; any other name is refused. */
  options: readonly ((keyof Options & string) | 'outputDtype')[];
  axes(shape: Shape, options: Options): Axis[];
  statistic(options: Options): Statistic | Pointwise | Response;
  eps(options: Options): number;
  /** Weight and bias may vary along more of the last axes than the normalized ones. */
  trailing?: boolean;
  /** Weight and bias broadcast against x by NumPy's rules instead of having the shape of the parameter axes. */
  broadcasts?: boolean;
  /** Where samples and channels are, for what varies by them. Default: the first axis and the last one. */
  layout?(shape: Shape, options: Options): Layout;
  /** Whether the statistics are the running ones rather than those of x. */
  usesRunning?(options: Options): boolean;
  /** Refuses what this mode cannot do. */
  check?(shape: Shape, options: Options): void;
  /** Sets of shader files that it takes besides those that all do (src/programs/shaders.ts). */
  shaders?: readonly Readonly<Record<string, string>>[];
  /** What becomes of options that few modes have: each gives fields of the problem (src/problem/state-problem.ts), of a {@link Stated} call. */
  states?: readonly ((call: never) => object)[];
}

/** The sizes of weight and bias, in axis order, as x has its axes. */
export function parameterShape(axes: readonly Axis[]): number[] {
  const sizes = new Map<number, number>();
  for (const { axis, size, parameter } of axes) {
    if (parameter) sizes.set(axis, (sizes.get(axis) ?? 1) * size);
  }
  return [...sizes.values()];
}
