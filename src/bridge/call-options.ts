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

/** Starts of packed sequences are a tensor, not numbers. */
type Packed<O, T> = Omit<O, Left | 'segments'> & { segments?: T | undefined };

/** Options of each normalization on tensors `T` of another library. */
export interface OptionsOf<T> {
  adaptiveInstanceNorm: Omit<AdaptiveInstanceNormOptions<T>, Left>;
  batchNorm: Omit<BatchNormOptions<T>, Left>;
  dynamicErf: Omit<DynamicErfOptions<T>, Left>;
  dynamicTanh: Omit<DynamicTanhOptions<T>, Left>;
  globalResponseNorm: Omit<GlobalResponseNormOptions<T>, Left>;
  groupNorm: Packed<GroupNormOptions<T>, T>;
  instanceNorm: Packed<InstanceNormOptions<T>, T>;
  layerNorm: Packed<LayerNormOptions<T>, T>;
  normalize: Omit<NormalizeOptions<T>, Left>;
  rmsNorm: Omit<RmsNormOptions<T>, Left>;
  scaleNorm: Omit<ScaleNormOptions<T>, Left>;
}
