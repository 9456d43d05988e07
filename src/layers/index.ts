/**
 * Normalization layers with state, on the functions of the same names: parameters, gradients, running statistics, state dicts.
 *
 * @module layers
 */
export { BatchNorm1d, BatchNorm2d, BatchNorm3d } from './batch-norm.ts';
export type { BatchNormLayerOptions } from './batch-norm.ts';
export { DynamicErf } from './dynamic-erf.ts';
export type { DynamicErfLayerOptions } from './dynamic-erf.ts';
export { DynamicTanh } from './dynamic-tanh.ts';
export type { DynamicTanhLayerOptions } from './dynamic-tanh.ts';
export { GlobalResponseNorm } from './global-response-norm.ts';
export type { GlobalResponseNormLayerOptions } from './global-response-norm.ts';
export { GraphNorm } from './graph-norm.ts';
export type { GraphNormLayerOptions } from './graph-norm.ts';
export { GroupNorm } from './group-norm.ts';
export type { GroupNormLayerOptions } from './group-norm.ts';
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './instance-norm.ts';
export type { InstanceNormLayerOptions } from './instance-norm.ts';
export type { Layer } from './layer.ts';
export { LayerNorm } from './layer-norm.ts';
export type { LayerNormLayerOptions } from './layer-norm.ts';
export type { IncompatibleKeys, LoadableEntry, LoadOptions } from './load.ts';
export type { Parameter } from './parameter.ts';
export { RMSNorm } from './rms-norm.ts';
export type { RmsNormLayerOptions } from './rms-norm.ts';
export { RMSNormGated } from './rms-norm-gated.ts';
export type { GatedGradient, GateInput, RmsNormGatedLayerOptions } from './rms-norm-gated.ts';
export { ScaleNorm } from './scale-norm.ts';
export type { ScaleNormLayerOptions } from './scale-norm.ts';
export { readSafetensors } from './safetensors/read.ts';
export type { ReadSafetensorsOptions } from './safetensors/read.ts';
export type { Bytes, BytesLater } from './safetensors/source.ts';
export { writeSafetensors } from './safetensors/write.ts';
export { entriesUnder } from './state.ts';
export type { StateDict, StateEntry } from './state.ts';
