import type {
  BatchNormOptions,
  Float64NdArray,
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  NdArray,
  Normalized,
  NormalizeOptions,
  RmsNormOptions,
} from '../../src/reference/index.ts';

/** What a call gives: the running statistics where it updates them. */
export interface NormResult extends Normalized {
  runningMean?: Float64NdArray;
  runningVar?: Float64NdArray;
}

/** The normalizations as functions of arrays: what the CPU reference and the GPU library have in common. */
export interface NormApi {
  layerNorm(x: NdArray, options: LayerNormOptions): Promise<NormResult>;
  rmsNorm(x: NdArray, options: RmsNormOptions): Promise<NormResult>;
  batchNorm(x: NdArray, options: BatchNormOptions): Promise<NormResult>;
  instanceNorm(x: NdArray, options: InstanceNormOptions): Promise<NormResult>;
  groupNorm(x: NdArray, options: GroupNormOptions): Promise<NormResult>;
  normalize(x: NdArray, options: NormalizeOptions): Promise<NormResult>;
}
