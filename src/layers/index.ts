/** Normalization layers with state, on the functions of the same names: parameters, gradients, running statistics, state dicts. */
export { BatchNorm1d, BatchNorm2d, BatchNorm3d } from './batch.ts';
export type { BatchNormLayerOptions } from './batch.ts';
export { GroupNorm } from './group.ts';
export type { GroupNormLayerOptions } from './group.ts';
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './instance.ts';
export type { InstanceNormLayerOptions } from './instance.ts';
export type { Layer, Parameter } from './layer.ts';
export { LayerNorm, RMSNorm } from './rows.ts';
export type { LayerNormLayerOptions, RmsNormLayerOptions } from './rows.ts';
export { readSafetensors, writeSafetensors } from './safetensors.ts';
export { entriesUnder } from './state.ts';
export type { StateDict, StateEntry } from './state.ts';
