/**
 * Normalizations and layers on tensors of TensorFlow.js, in its own buffers and command encoder.
 *
 * @module tfjs
 */
export { NormError } from '../errors.ts';
export type { NormErrorCode } from '../errors.ts';
export { connect } from './connection.ts';
export {
  adaptiveInstanceNorm,
  batchNorm,
  dynamicErf,
  dynamicTanh,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  normalize,
  rmsNorm,
  scaleNorm,
} from './functions.ts';
export type {
  AdaptiveInstanceNormOptions,
  BatchNormOptions,
  DynamicErfOptions,
  DynamicTanhOptions,
  GlobalResponseNormOptions,
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  NormalizeOptions,
  RmsNormOptions,
  ScaleNormOptions,
} from './functions.ts';
export { BatchNormalization } from './layers/batch-normalization.ts';
export { GroupNormalization } from './layers/group-normalization.ts';
export type { GroupNormalizationConfig } from './layers/group-normalization.ts';
export { InstanceNormalization } from './layers/instance-normalization.ts';
export { LayerNormalization } from './layers/layer-normalization.ts';
export { Normalization } from './layers/normalization.ts';
export type { NormalizationConfig } from './layers/normalization.ts';
export { RMSNormalization } from './layers/rms-normalization.ts';
export type { RMSNormalizationConfig } from './layers/rms-normalization.ts';
export { UnitNormalization } from './layers/unit-normalization.ts';
export type { UnitNormalizationConfig } from './layers/unit-normalization.ts';
export type { ChannelsConfig } from './layers/channels.ts';
export type { BatchNormalizationConfig, LayerNormalizationConfig } from './layers/stock.ts';
export type { TensorNorm } from './norm.ts';
