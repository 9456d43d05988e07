import * as norm from 'webgpu-norm';
import type { Statistic, Tensor } from 'webgpu-norm';
import * as reference from 'webgpu-norm/reference';
import type { NdArray } from 'webgpu-norm/reference';
import type { ModeId } from './modes.ts';
import { CHANNELS } from './parameters.ts';
import type { GpuParameters, Parameters } from './parameters.ts';

/** Each mode as the same call twice: on the GPU, and by the float64 reference. */

/** What a mode is called with: x are all pictures, or the one that is shown. */
export interface GpuCall {
  x: Tensor;
  style: Tensor;
  parameters: GpuParameters;
  /** Where the result goes, if it is of the shape of x, and what the call is recorded on. */
  record: { out?: Tensor; encoder?: GPUCommandEncoder };
}

type GpuNorm = (call: GpuCall) => Tensor;

const layer =
  (axes: readonly number[]): GpuNorm =>
  ({ x, parameters: { modulation }, record }) =>
    norm.layerNorm(x, { axes, modulation, ...record });

const group =
  (numGroups: number): GpuNorm =>
  ({ x, parameters: { weight, bias }, record }) =>
    norm.groupNorm(x, { numGroups, weight, bias, ...record });

const centred =
  (axes: readonly number[]): GpuNorm =>
  ({ x, parameters: { channelWeight, channelBias }, record }) =>
    norm.normalize(x, { axes, statistic: 'mean-variance', weight: channelWeight, bias: channelBias, ...record });

const divided =
  (axes: readonly number[], statistic: Statistic): GpuNorm =>
  ({ x, record }) =>
    norm.normalize(x, { axes, statistic, ...record });

const GPU: Readonly<Record<ModeId, GpuNorm>> = {
  'batch-training': ({ x, parameters: { weight, bias }, record }) =>
    norm.batchNorm(x, { training: true, weight, bias, ...record }),
  // A training call with momentum 1 sets the running statistics; its result makes way.
  'batch-inference': ({ x, parameters: { weight, bias, running }, record }) => {
    const out = norm.batchNorm(x, { training: true, momentum: 1, ...running, ...record });
    return norm.batchNorm(x, { weight, bias, ...running, ...record, out });
  },
  'layer-chw': layer([1, 2, 3]),
  'layer-last': layer([3]),
  instance: ({ x, parameters: { weight, bias }, record }) => norm.instanceNorm(x, { weight, bias, ...record }),
  'group-1': group(1),
  'group-3': group(3),
  // α · AdaIN(x) + (1 − α) · x
  adain: ({ x, style, parameters: { share, rest }, record }) => {
    const out = norm.batchNorm(x, { ...rest, ...record });
    return norm.adaptiveInstanceNorm(x, style, { modulation: share, add: out, ...record, out });
  },
  rms: ({ x, record }) => norm.rmsNorm(x, { axes: [1, 2, 3], ...record }),
  pixel: centred([0, 1]),
  activation: centred([0]),
  'sum-image': divided([1, 2, 3], 'sum'),
  'sum-channel': divided([2, 3], 'sum'),
  l2: divided([1], 'l2'),
  l1: divided([1], 'l1'),
  moments: ({ x, record: { encoder } }) => norm.moments(x, { axes: [0], keepDims: true, encoder }).mean,
};

export const onGpu = (id: ModeId, call: GpuCall): Tensor => GPU[id](call);

export interface CpuCall {
  x: NdArray;
  style: NdArray;
}

type CpuNorm = (call: CpuCall) => NdArray;

const byStatistic =
  (axes: number[], statistic: Statistic): CpuNorm =>
  ({ x }) =>
    reference.normalize(x, { axes, statistic }).y;

/** What is normalized, without γ and β. */
const CPU: Readonly<Record<ModeId, CpuNorm>> = {
  'batch-training': ({ x }) => reference.batchNorm(x, { training: true }).y,
  'batch-inference': ({ x }) => {
    const zeros = { data: new Float64Array(CHANNELS), shape: [CHANNELS] };
    const start = { runningMean: zeros, runningVar: zeros };
    const { runningMean, runningVar } = reference.batchNorm(x, { training: true, momentum: 1, ...start });
    return reference.batchNorm(x, { runningMean: runningMean!, runningVar: runningVar! }).y;
  },
  'layer-chw': ({ x }) => reference.layerNorm(x, { axes: [1, 2, 3] }).y,
  'layer-last': ({ x }) => reference.layerNorm(x).y,
  instance: ({ x }) => reference.instanceNorm(x).y,
  'group-1': ({ x }) => reference.groupNorm(x, { numGroups: 1 }).y,
  'group-3': ({ x }) => reference.groupNorm(x, { numGroups: 3 }).y,
  adain: ({ x, style }) => reference.adaptiveInstanceNorm(x, style).y,
  rms: ({ x }) => reference.rmsNorm(x, { axes: [1, 2, 3] }).y,
  pixel: byStatistic([0, 1], 'mean-variance'),
  activation: byStatistic([0], 'mean-variance'),
  'sum-image': byStatistic([1, 2, 3], 'sum'),
  'sum-channel': byStatistic([2, 3], 'sum'),
  l2: byStatistic([1], 'l2'),
  l1: byStatistic([1], 'l1'),
  moments: ({ x }) => reference.moments(x, { axes: [0], keepDims: true }).mean,
};

export function byReference(id: ModeId, call: CpuCall, affine: boolean, parameters: Parameters): NdArray {
  const { data, shape } = CPU[id](call);
  const { gamma, beta, alpha } = parameters;
  const plane = shape[2]! * shape[3]!;
  const channelOf = (index: number): number => Math.floor(index / plane) % CHANNELS;
  const { data: x } = call.x;
  if (affine) return { shape, data: Float64Array.from(data, (y, i) => gamma[channelOf(i)]! * y + beta[channelOf(i)]!) };
  if (id === 'adain') return { shape, data: Float64Array.from(data, (y, i) => alpha * y + (1 - alpha) * x[i]!) };
  return { data, shape };
}
