import { batchNorm, groupNorm, instanceNorm, layerNorm, normalize, rmsNorm } from '../../src/reference/index.ts';
import type { NormApi } from './norm-api.ts';

export const referenceApi: NormApi = {
  layerNorm: async (x, options) => layerNorm(x, options),
  rmsNorm: async (x, options) => rmsNorm(x, options),
  batchNorm: async (x, options) => batchNorm(x, options),
  instanceNorm: async (x, options) => instanceNorm(x, options),
  groupNorm: async (x, options) => groupNorm(x, options),
  normalize: async (x, options) => normalize(x, options),
};
