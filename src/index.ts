export { createContext } from './dispatch/context.ts';
export type { Context } from './dispatch/context.ts';
export type { ContextOptions } from './dispatch/acquire.ts';
export type { BackwardOptions, BackwardRecord, Gradient, Gradients, ParameterGradient } from './dispatch/backward.ts';
export type {
  Forward,
  NoSave,
  NoSum,
  PlainForward,
  RecordOptions,
  ReturnSum,
  Save,
  Summing,
} from './dispatch/forms.ts';
export { gradientSums, loadGradientSums, mergeGradientSums } from './dispatch/gradient-sums.ts';
export type { GradientSums, GradientSumsData } from './dispatch/gradient-sums.ts';
export type { Saved, Saving } from './dispatch/saved.ts';
export { loadMoments, mergeMoments } from './dispatch/moments.ts';
export type { Moments, MomentsData } from './dispatch/moments.ts';
export type { DataOf, Tensor } from './dispatch/tensor.ts';
export { NormError } from './errors.ts';
export type { NormErrorCode } from './errors.ts';
export {
  adaptiveInstanceNorm,
  adaptiveInstanceNormBackward,
  adaptiveInstanceNormDefinition,
} from './norms/adaptive.ts';
export type { AdaptiveInstanceNormGradients, AdaptiveInstanceNormOptions } from './norms/adaptive.ts';
export { batchNorm, batchNormBackward, batchNormDefinition } from './norms/batch.ts';
export type { BatchNormOptions } from './norms/batch.ts';
export { groupNorm, groupNormBackward, groupNormDefinition } from './norms/group.ts';
export type { GroupNormOptions } from './norms/group.ts';
export { instanceNorm, instanceNormBackward, instanceNormDefinition } from './norms/instance.ts';
export type { InstanceNormOptions } from './norms/instance.ts';
export { layerNorm, layerNormBackward, layerNormDefinition } from './norms/layer.ts';
export type { LayerNormOptions } from './norms/layer.ts';
export { moments } from './norms/moments.ts';
export type { MomentsOptions } from './norms/moments.ts';
export { normalize, normalizeBackward, normalizeDefinition } from './norms/normalize.ts';
export type { NormalizeOptions } from './norms/normalize.ts';
export type { FusionOptions, MaskOptions } from './norms/options.ts';
export { rmsNorm, rmsNormBackward, rmsNormDefinition } from './norms/rms.ts';
export type { RmsNormOptions } from './norms/rms.ts';
export type { HalfArray } from './dispatch/half.ts';
export type { Activation } from './problem/fusion.ts';
export type { Dtype } from './problem/dtype.ts';
export { parameterShapes } from './problem/definition.ts';
export type { Definition, ParameterShapes, Statistic } from './problem/definition.ts';
