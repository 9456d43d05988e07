/**
 * Normalizations on WebGPU: each with its Forward and Backward function, the context that they run on, and moments.
 *
 * @module webgpu-norm
 */
export { gradientSums, loadGradientSums, mergeGradientSums } from './calls/gradient-sums.ts';
export type { GradientSums, GradientSumsData } from './calls/gradient-sums.ts';
export { loadMoments, mergeMoments, moments } from './calls/moments.ts';
export type { Moments, MomentsData, MomentsOptions } from './calls/moments.ts';
export type { PackedData } from './calls/parts.ts';
export type { Saved } from './calls/saved.ts';
export type {
  BackwardOptions,
  CallOptions,
  Counts,
  ForwardResult,
  GivenSums,
  Gradients,
  GradientTensor,
  GradientTensors,
  ListedGradients,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  QuantizedCallOptions,
  QuantizedOut,
  QuantizedResult,
  ResultOptions,
} from './calls/types.ts';
export { NormError } from './errors.ts';
export type { NormErrorCode } from './errors.ts';
export {
  adaptiveInstanceNorm,
  adaptiveInstanceNormBackward,
  adaptiveInstanceNormForward,
} from './functions/adaptive-instance-norm.ts';
export type { AdaptiveInstanceNormOptions } from './functions/adaptive-instance-norm.ts';
export { batchNorm, batchNormBackward, batchNormForward } from './functions/batch-norm.ts';
export type { BatchNormOptions, TrackedBatchNormOptions, UntrackedBatchNormOptions } from './functions/batch-norm.ts';
export { dynamicErf, dynamicErfBackward, dynamicErfForward } from './functions/dynamic-erf.ts';
export type { DynamicErfOptions } from './functions/dynamic-erf.ts';
export { dynamicTanh, dynamicTanhBackward, dynamicTanhForward } from './functions/dynamic-tanh.ts';
export type { DynamicTanhOptions } from './functions/dynamic-tanh.ts';
export {
  globalResponseNorm,
  globalResponseNormBackward,
  globalResponseNormForward,
} from './functions/global-response-norm.ts';
export type { GlobalResponseNormOptions } from './functions/global-response-norm.ts';
export { groupNorm, groupNormBackward, groupNormForward } from './functions/group-norm.ts';
export type { GroupNormOptions, PictureGroupNormOptions, PackedGroupNormOptions } from './functions/group-norm.ts';
export { instanceNorm, instanceNormBackward, instanceNormForward } from './functions/instance-norm.ts';
export type {
  InstanceNormOptions,
  TrackedInstanceNormOptions,
  UntrackedInstanceNormOptions,
  PackedInstanceNormOptions,
} from './functions/instance-norm.ts';
export { layerNorm, layerNormBackward, layerNormForward, layerNormQuantized } from './functions/layer-norm.ts';
export type {
  LayerNormOptions,
  AxesLayerNormOptions,
  PackedLayerNormOptions,
  LayerNormQuantizedOptions,
} from './functions/layer-norm.ts';
export { normalize, normalizeBackward, normalizeForward } from './functions/normalize.ts';
export type { NormalizeOptions } from './functions/normalize.ts';
export { rmsNorm, rmsNormBackward, rmsNormForward, rmsNormQuantized } from './functions/rms-norm.ts';
export type { RmsNormOptions, RmsNormQuantizedOptions } from './functions/rms-norm.ts';
export { scaleNorm, scaleNormBackward, scaleNormForward } from './functions/scale-norm.ts';
export type { ScaleNormOptions } from './functions/scale-norm.ts';
export type {
  AffineOptions,
  NoRunningStatistics,
  RunningOptions,
  RunningStatistics,
  TrackingOptions,
} from './norms/options.ts';
export type { Activation, ActivationOptions, MultiplierActivation } from './options/activation.ts';
export type { GradientName } from './plan/gradient-request.ts';
export type { Access, Binding, Choice, Pass, Plan } from './plan/plan.ts';
export type { Profile } from './plan/profile.ts';
export type { Schedule } from './plan/schedule.ts';
export type { IndexMap, Digit } from './plan/tiling/index-map.ts';
export type { Uniforms } from './plan/uniforms.ts';
export type { ArrayName } from './problem/arrays.ts';
export type { Statistic } from './problem/statistics.ts';
export type { Mode } from './problem/definition.ts';
export type { Dtype, FloatDtype } from './problem/dtype.ts';
export type { FusionOptions, Modulation } from './problem/fusion.ts';
export type { Multiply, MultiplyAddOptions } from './problem/multiply-add.ts';
export type { LayoutOptions } from './problem/layout.ts';
export type { MaskOptions } from './problem/mask.ts';
export type { RotaryOptions } from './problem/rotary.ts';
export type { SegmentsOptions, SegmentStarts } from './problem/segments.ts';
export type { MomentsOption } from './problem/running.ts';
export type { Shape } from './problem/shape.ts';
export type { Context } from './runtime/context.ts';
export { createContext } from './runtime/create-context.ts';
export type { ContextOptions } from './runtime/create-context.ts';
export type { Encoder, EncoderOptions } from './runtime/encoder.ts';
export type { MemoryKind, MemoryUse } from './runtime/ledger.ts';
export type { MemoryOptions } from './runtime/memory-options.ts';
export type { MemoryReport } from './runtime/memory.ts';
export type { HalfArray } from './runtime/halves.ts';
export type { Tensor } from './runtime/tensor.ts';
export type { DataFor, DataOf, Numbers, TensorOptions, WrapOptions } from './runtime/tensor-types.ts';
