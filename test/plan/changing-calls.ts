import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { dynamicTanhDefinition } from '../../src/norms/dynamic-tanh.ts';
import { globalResponseNormDefinition } from '../../src/norms/global-response-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { rmsNormQuantizedDefinition } from '../../src/norms/quantized.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import type { Dtype } from '../../src/problem/dtype.ts';
import { measureProblem } from '../../src/problem/problem.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { described, state, stateForward } from './every-problem.ts';

/** Sizes that change from call to call: rows or tokens, a batch of pictures, their sides, a length, channels. */
export interface Sizes {
  n: number;
  b: number;
  h: number;
  w: number;
  l: number;
  c: number;
}

export type Call = (sizes: Sizes) => Problem;

const channels = (count: number, dtype: Dtype = 'f32') => ({
  weight: described([count], dtype),
  bias: described([count], dtype),
});
const running = (count: number) => ({ runningMean: described([count]), runningVar: described([count]) });
const trained = (count: number) => ({ training: true, ...running(count), ...channels(count) });

/** Calls that an app makes on pictures of any size and batches of any number. */
export const TABLE: Record<string, Call> = {
  'LayerNorm [n,768]': ({ n }) => stateForward(layerNormDefinition, [n, 768], channels(768)),
  'LayerNorm CHW [2,16,h,w]': ({ h, w }) => stateForward(layerNormDefinition, [2, 16, h, w], { axes: [1, 2, 3] }),
  'InstanceNorm [1,32,h,w]': ({ h, w }) => stateForward(instanceNormDefinition, [1, 32, h, w], channels(32)),
  'GroupNorm + SiLU [1,64,h,w]': ({ h, w }) =>
    stateForward(groupNormDefinition, [1, 64, h, w], { numGroups: 32, activation: 'silu', ...channels(64) }),
  'BatchNorm [n,32,16,16]': ({ n }) => stateForward(batchNormDefinition, [n, 32, 16, 16], trained(32)),
  'BatchNorm [4,32,h,w]': ({ h, w }) => stateForward(batchNormDefinition, [4, 32, h, w], trained(32)),
  'BatchNorm inference [4,32,h,w]': ({ h, w }) =>
    stateForward(batchNormDefinition, [4, 32, h, w], { ...running(32), ...channels(32) }),
};

/** Others, by name. */
export const CHANGING_CALLS: Record<string, Call> = {
  'LayerNorm f16 [n,768]': ({ n }) => stateForward(layerNormDefinition, [n, 768], channels(768, 'f16'), 'f16'),
  'LayerNorm [16,l]': ({ l }) => stateForward(layerNormDefinition, [16, l], channels(l)),
  'LayerNorm [n,l]': ({ n, l }) => stateForward(layerNormDefinition, [n, l], channels(l)),
  'LayerNorm bf16 [16,l]': ({ l }) => stateForward(layerNormDefinition, [16, l], channels(l, 'bf16'), 'bf16'),
  'RMSNorm f16 [16,l]': ({ l }) => stateForward(rmsNormDefinition, [16, l], { weight: described([l], 'f16') }, 'f16'),
  'RMSNorm + residual [n,w]': ({ n, w }) =>
    stateForward(rmsNormDefinition, [n, w], { residual: described([n, w]), weight: described([w]) }),
  'RMSNorm rotated [1,n,8,64]': ({ n }) =>
    stateForward(rmsNormDefinition, [1, n, 8, 64], {
      weight: described([64]),
      rotary: { cos: described([n, 32]), sin: described([n, 32]), tokenAxis: 1 },
    }),
  'RMSNorm partial [n,l]': ({ n, l }) =>
    stateForward(rmsNormDefinition, [n, l], { partial: 0.4, weight: described([l]) }),
  'LayerNorm CHW weighted [b,3,h,w]': ({ b, h, w }) =>
    stateForward(layerNormDefinition, [b, 3, h, w], {
      axes: [1, 2, 3],
      weight: described([3, h, w]),
      bias: described([3, h, w]),
    }),
  'LayerNorm modulated [b,w,768]': ({ b, w }) =>
    stateForward(layerNormDefinition, [b, w, 768], {
      modulation: { scale: described([b, 1, 768]), shift: described([b, 1, 768]) },
    }),
  'LayerNorm of sequences [h · w,96]': ({ h, w, n }) =>
    stateForward(layerNormDefinition, [h * w, 96], { segments: described([n + 1], 'u32'), ...channels(96) }),
  'InstanceNorm [b,c,l]': ({ b, c, l }) => stateForward(instanceNormDefinition, [b, c, l], channels(c)),
  'InstanceNorm NHWC [2,h,w,c]': ({ h, w, c }) =>
    stateForward(instanceNormDefinition, [2, h, w, c], { layout: 'NHWC', ...channels(c) }),
  'InstanceNorm + ReLU f16 [3,5,h,w]': ({ h, w }) =>
    stateForward(instanceNormDefinition, [3, 5, h, w], { activation: 'relu', ...channels(5, 'f16') }, 'f16'),
  'InstanceNorm masked [2,8,h,w]': ({ h, w }) =>
    stateForward(instanceNormDefinition, [2, 8, h, w], {
      mask: described([2, h, w]),
      maskOutput: true,
      ...channels(8),
    }),
  'InstanceNorm meanScale [1,32,h,w]': ({ h, w }) =>
    stateForward(instanceNormDefinition, [1, 32, h, w], { meanScale: described([32]), ...channels(32) }),
  'InstanceNorm of sequences [h · w,32]': ({ h, w, n }) =>
    stateForward(instanceNormDefinition, [h * w, 32], { segments: described([n + 1], 'u32'), ...channels(32) }),
  'GroupNorm + SiLU bf16 [2,64,h,w]': ({ h, w }) =>
    stateForward(
      groupNormDefinition,
      [2, 64, h, w],
      { numGroups: 32, activation: 'silu', ...channels(64, 'bf16') },
      'bf16',
    ),
  'GroupNorm NHWC [2,h,w,64]': ({ h, w }) =>
    stateForward(groupNormDefinition, [2, h, w, 64], { numGroups: 8, layout: 'NHWC', ...channels(64) }),
  'GroupNorm + SiLU f16 NHWC [2,h,w,320]': ({ h, w }) =>
    stateForward(
      groupNormDefinition,
      [2, h, w, 320],
      { layout: 'NHWC', numGroups: 32, activation: 'silu', ...channels(320, 'f16') },
      'f16',
    ),
  'GroupNorm modulated [b,64,h,w]': ({ b, h, w }) =>
    stateForward(groupNormDefinition, [b, 64, h, w], {
      numGroups: 32,
      modulation: { scale: described([b, 64]), shift: described([b, 64]) },
      activation: 'silu',
      ...channels(64),
    }),
  'GroupNorm modulated f16 [b,64,h,w]': ({ b, h, w }) =>
    stateForward(
      groupNormDefinition,
      [b, 64, h, w],
      {
        numGroups: 32,
        modulation: { scale: described([b, 64], 'f16'), shift: described([b, 64], 'f16') },
        ...channels(64, 'f16'),
      },
      'f16',
    ),
  'GroupNorm of sequences [h · w,32]': ({ h, w, n }) =>
    stateForward(groupNormDefinition, [h * w, 32], {
      numGroups: 8,
      segments: described([n + 1], 'u32'),
      ...channels(32),
    }),
  'BatchNorm f16 [b,8,h,w]': ({ b, h, w }) =>
    stateForward(batchNormDefinition, [b, 8, h, w], { training: true, ...running(8), ...channels(8, 'f16') }, 'f16'),
  'BatchNorm [n,64]': ({ n }) => stateForward(batchNormDefinition, [n + 1, 64], trained(64)),
  'BatchNorm [n,c]': ({ n, c }) => stateForward(batchNormDefinition, [n + 1, c], trained(c)),
  'BatchNorm NHWC [4,h,w,32]': ({ h, w }) =>
    stateForward(batchNormDefinition, [4, h, w, 32], { layout: 'NHWC', ...trained(32) }),
  'BatchNorm [c,n], channels first': ({ n, c }) =>
    stateForward(batchNormDefinition, [c, n + 1], { layout: 'CN', ...trained(c) }),
  'BatchNorm masked [4,16,h,w]': ({ h, w }) =>
    stateForward(batchNormDefinition, [4, 16, h, w], { mask: described([4, h, w]), ...trained(16) }),
  'AdaIN [1,16,h,w]': ({ h, w }) =>
    stateForward(adaptiveInstanceNormDefinition, [1, 16, h, w], { style: described([1, 16, h, w]) }),
  'GRN NHWC [2,h,w,48]': ({ h, w }) =>
    stateForward(globalResponseNormDefinition, [2, h, w, 48], { layout: 'NHWC', ...channels(48) }),
  'GRN [2,48,h,w]': ({ h, w }) => stateForward(globalResponseNormDefinition, [2, 48, h, w], channels(48)),
  'normalize l2 [n,l]': ({ n, l }) => stateForward(normalizeDefinition, [n, l], { axes: 1, statistic: 'l2' }),
  'normalize linf [n,l]': ({ n, l }) => stateForward(normalizeDefinition, [n, l], { axes: 1, statistic: 'linf' }),
  'normalize over n [n,h,w]': ({ n, h, w }) =>
    stateForward(normalizeDefinition, [n, h, w], { axes: 0, statistic: 'l2' }),
  'normalize over b,w [b,h,w]': ({ b, h, w }) =>
    stateForward(normalizeDefinition, [b, h, w], { axes: [0, 2], statistic: 'mean-variance' }),
  'DyT [n,l]': ({ n, l }) =>
    stateForward(dynamicTanhDefinition, [n, l], { pointwise: { alpha: described([1]) }, ...channels(l) }),
};

/** Calls without a gradient. */
export const CHANGING_CALLS_FORWARD: Record<string, Call> = {
  'rmsNormQuantized [n,l]': ({ n, l }) => state(rmsNormQuantizedDefinition, [n, l], { weight: described([l]) }),
  'rmsNormQuantized by 32 [n,32 · c]': ({ n, c }) =>
    state(rmsNormQuantizedDefinition, [n, 32 * c], { weight: described([32 * c]), groupSize: 32 }),
};

/** Tensors of which moments are taken. */
export const MEASURED: Record<string, Call> = {
  'moments of [b,c,h,w] over b,h,w': ({ b, h, w }) => measured([b, 32, h, w], [0, 2, 3]),
  'moments of [n,l] over l': ({ n, l }) => measured([n, l], [1]),
};

function measured(shape: number[], reduced: readonly number[]): Problem {
  const axes = shape.map((size, axis) => ({
    axis,
    size,
    reduced: reduced.includes(axis),
    parameter: false,
    channel: false,
  }));
  return measureProblem('moments', described(shape), axes, 'variance');
}
