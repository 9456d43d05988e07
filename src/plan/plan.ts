import type { ArrayName } from '../problem/arrays.ts';
import type { Dtype } from '../problem/dtype.ts';
import type { IndexMap } from './tiling/index-map.ts';
import type { Uniforms } from './uniforms.ts';

/** The use of an array by a pass. `update`: reads it and writes it, as the shader says. */
export type Access = 'read' | 'write' | 'accumulate' | 'update';

/** An array that a pass binds, in the order of the bindings. */
export interface Binding {
  /** The name it has in the shader. */
  name: ArrayName;
  /** An operand of the call (`x`, `weight`, `y` …), or a scratch buffer of the plan. */
  resource: string;
  /** The type of an access: as many elements as the shader's type has. */
  type: 'Value' | 'Accumulator' | 'f32' | 'u32';
  access: Access;
  /** How the elements are stored; left out: as f32. */
  dtype?: Dtype;
  /** Whether halves are stored one by one, which takes the feature `shader-f16`. */
  native?: boolean;
  /** Elements before the first, where that is not what is bound. */
  elementOffset?: number;
  /** Bytes into the resource. */
  byteOffset?: number;
  /** Bytes that are bound; left out: all from there. */
  byteSize?: number;
}

/** The file of each folder of shaders that serves. */
export interface Choice {
  reduce?: 'invocation' | 'subgroup' | 'subgroups' | 'workgroup';
  vector?: 'scalar' | 'row' | 'column' | 'segments';
  tail?: 'exact' | 'row' | 'column';
  tile?: 'memory' | 'registers';
  moments?: 'corrected' | 'streamed';
  output?: 'per_element' | 'per_segment' | 'four_groups' | 'quantized';
  source?: 'computed' | 'tracked' | 'moments' | 'running' | 'pointwise' | 'saved' | 'saved_per_lane' | 'saved_mapped';
  lookup?: 'uniform' | 'per_lane' | 'identity' | 'pointwise' | 'response';
  /** The file of shaders/activation that x_hat is the function of, where nothing is measured. */
  curve?: 'identity' | 'tanh' | 'erf';
  inclusion?: 'all' | 'partial' | 'masked';
  rotation?: 'none' | 'adjacent' | 'split';
  statistic?: string;
  gradient?: string;
  activation?: string;
  /** The file of activation/ that a factor goes through. */
  multiplier?: string;
}

/** One dispatch, as data: which kernel, of which pieces, over what. */
export interface Pass {
  kernel: string;
  choose: Choice;
  /** Numbers and flags that the compiler knows; a flag that is left out is false. */
  constants: Record<string, number | boolean>;
  maps: Record<string, IndexMap>;
  /** The dtype that `rounded_to_x` rounds to; left out: f32, nothing is rounded. */
  rounding?: Dtype | undefined;
  bindings: Binding[];
  /** Arrays that are one of the others: by their names the name of that. */
  same?: Partial<Record<ArrayName, ArrayName>>;
  uniforms: Uniforms;
  workgroups: [number, number];
}

/** A plan of a call: scratch buffers by size in bytes, then passes in order. */
export interface Plan {
  label: string;
  scratch: Record<string, number>;
  /** Buffers that the call keeps for its gradient, by size in bytes. */
  saved: Record<string, number>;
  passes: Pass[];
}

/** A plan without passes: of a call whose tensors have no elements. */
export function planOfNothing(label: string): Plan {
  return { label, scratch: {}, saved: {}, passes: [] };
}

export function isWritten({ access }: Pick<Binding, 'access'>): boolean {
  return access !== 'read';
}

/** Whether a pass reads an array before it writes it. */
export function isReadAndWritten({ access }: Pick<Binding, 'access'>): boolean {
  return access === 'accumulate' || access === 'update';
}

/** Floats between two planes of statistics: every plane can be bound by itself. */
export function planeSize(groups: number): number {
  return Math.ceil(groups / 64) * 64;
}

/** As shaders/math/planes.wgsl numbers them. */
export const PLANES = { mean: 0, mean_lo: 1, rstd: 2, deviation: 3, count: 4 } as const;

/** Bytes of the planes up to and with the last one named. */
export function planesBytes(groups: number, last: keyof typeof PLANES): number {
  return planeSize(groups) * (PLANES[last] + 1) * 4;
}
