/**
 * Normalizations of Arrays of jax-js, in its own buffers, with gradients.
 *
 * @module jax
 */
export { NormError } from '../errors.ts';
export type { NormErrorCode } from '../errors.ts';
export { connect } from './connection.ts';
export {
  adaptiveInstanceNorm,
  batchNorm,
  batchNormTracked,
  dynamicErf,
  dynamicTanh,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  instanceNormTracked,
  layerNorm,
  normalize,
  rmsNorm,
  scaleNorm,
} from './functions.ts';
export type {
  AdaptiveInstanceNormOptions,
  BatchNormOptions,
  BatchNormTrackedOptions,
  DynamicErfOptions,
  DynamicTanhOptions,
  GlobalResponseNormOptions,
  GroupNormOptions,
  InstanceNormOptions,
  InstanceNormTrackedOptions,
  LayerNormOptions,
  NormalizeOptions,
  RmsNormOptions,
  ScaleNormOptions,
} from './functions.ts';
export type { ArrayNorm, Running, TrackingNorm } from './norm.ts';
