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
export type { TensorNorm } from './norm.ts';
