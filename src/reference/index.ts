/**
 * Every normalization on the CPU in float64, from the definitions of the papers, in plain loops: what the GPU's results
 * are held against. It shares no code with them. It mutates nothing; NaN and infinity spoil their own group only.
 */
export { adaptiveInstanceNorm } from './adaptive.ts';
export type { AdaptiveInstanceNormOptions } from './adaptive.ts';
export { batchNorm } from './batch.ts';
export type { BatchNormOptions } from './batch.ts';
export type { Affine, Normalized } from './core.ts';
export { groupNorm } from './group.ts';
export type { GroupNormOptions } from './group.ts';
export { instanceNorm } from './instance.ts';
export type { InstanceNormOptions } from './instance.ts';
export { layerNorm } from './layer.ts';
export type { LayerNormOptions } from './layer.ts';
export type { LayoutOptions } from './layout.ts';
export { mergeMoments, moments } from './moments.ts';
export type { Moments, MomentsOptions } from './moments.ts';
export type { Float64NdArray, NdArray } from './ndarray.ts';
export { normalize } from './normalize.ts';
export type { NormalizeOptions } from './normalize.ts';
export { rmsNorm } from './rms.ts';
export type { RmsNormOptions } from './rms.ts';
export type { Running, RunningOptions } from './running.ts';
export type { Statistic } from './statistics.ts';
