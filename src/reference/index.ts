/**
 * Every normalization on the CPU in float64, from the definitions of the papers, in plain loops: what the GPU's results
 * are held against. It shares no code with them. It mutates nothing; NaN and infinity spoil their own group only.
 *
 * @module reference
 */
export type { Activation, ActivationOptions, MultiplierActivation } from '../options/activation.ts';
export { adaptiveInstanceNorm, adaptiveInstanceNormBackward } from './adaptive-instance-norm.ts';
export type { AdaptiveInstanceNormGradients, AdaptiveInstanceNormOptions } from './adaptive-instance-norm.ts';
export type { Affine } from './affine.ts';
export { batchNorm, batchNormBackward, gradientSums } from './batch-norm.ts';
export type { BatchNormBackwardOptions, BatchNormOptions } from './batch-norm.ts';
export type { Normalized } from './core.ts';
export type { MaskOptions } from './counting.ts';
export type { FusionOptions } from './fusion.ts';
export { dynamicErf, dynamicErfBackward } from './dynamic-erf.ts';
export type { DynamicErfOptions } from './dynamic-erf.ts';
export { dynamicTanh, dynamicTanhBackward } from './dynamic-tanh.ts';
export type { DynamicTanhOptions } from './dynamic-tanh.ts';
export { globalResponseNorm, globalResponseNormBackward } from './global-response-norm.ts';
export type { GlobalResponseNormOptions } from './global-response-norm.ts';
export { groupNorm, groupNormBackward } from './group-norm.ts';
export type { GroupNormOptions } from './group-norm.ts';
export { instanceNorm, instanceNormBackward } from './instance-norm.ts';
export type { InstanceNormOptions } from './instance-norm.ts';
export { layerNorm, layerNormBackward } from './layer-norm.ts';
export type { LayerNormOptions } from './layer-norm.ts';
export type { BackwardOptions, Gradients } from './gradients.ts';
export type { LayoutOptions } from './layout.ts';
export { mergeMoments, moments } from './moments.ts';
export type { Moments, MomentsOptions } from './moments.ts';
export type { Float64NdArray, NdArray } from './ndarray.ts';
export type { GradientSums, PartBackwardOptions, PartOptions } from './parts.ts';
export { normalize, normalizeBackward } from './normalize.ts';
export type { NormalizeOptions } from './normalize.ts';
export { dequantize, layerNormQuantized, rmsNormQuantized } from './quantized.ts';
export type { QuantizationOptions, Quantized } from './quantized.ts';
export { rmsNorm, rmsNormBackward } from './rms-norm.ts';
export type { RmsNormOptions } from './rms-norm.ts';
export { scaleNorm, scaleNormBackward } from './scale-norm.ts';
export type { ScaleNormOptions } from './scale-norm.ts';
export type { PointwiseGradients, PointwiseOptions } from './pointwise.ts';
export type { HalfDtype } from './rounding.ts';
export type { RotaryOptions } from './rotary.ts';
export type { Running, RunningOptions } from './running.ts';
export type { Statistic } from './statistics.ts';
