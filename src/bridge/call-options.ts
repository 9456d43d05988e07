import type { AdaptiveInstanceNormOptions } from '../norms/adaptive-instance-norm.ts';
import type { BatchNormOptions } from '../norms/batch-norm.ts';
import type { DynamicErfOptions } from '../norms/dynamic-erf.ts';
import type { DynamicTanhOptions } from '../norms/dynamic-tanh.ts';
import type { GlobalResponseNormOptions } from '../norms/global-response-norm.ts';
import type { GroupNormOptions } from '../norms/group-norm.ts';
import type { InstanceNormOptions } from '../norms/instance-norm.ts';
import type { LayerNormOptions } from '../norms/layer-norm.ts';
import type { NormalizeOptions } from '../norms/normalize.ts';
import type { RmsNormOptions } from '../norms/rms-norm.ts';
import type { ScaleNormOptions } from '../norms/scale-norm.ts';
import type { Left } from './kind.ts';

/** Of options that are one of several kinds, each kind. */
type Taken<O> = O extends unknown ? Omit<O, Left> : never;

/** Options of each normalization on tensors `T` of another library; starts of packed sequences are such a tensor, not numbers. */
export interface OptionsOf<T> {
  adaptiveInstanceNorm: Taken<AdaptiveInstanceNormOptions<T>>;
  batchNorm: Taken<BatchNormOptions<T>>;
  dynamicErf: Taken<DynamicErfOptions<T>>;
  dynamicTanh: Taken<DynamicTanhOptions<T>>;
  globalResponseNorm: Taken<GlobalResponseNormOptions<T>>;
  groupNorm: Taken<GroupNormOptions<T, T, T>>;
  instanceNorm: Taken<InstanceNormOptions<T, T, T>>;
  layerNorm: Taken<LayerNormOptions<T, T, T>>;
  normalize: Taken<NormalizeOptions<T>>;
  rmsNorm: Taken<RmsNormOptions<T>>;
  scaleNorm: Taken<ScaleNormOptions<T>>;
}
