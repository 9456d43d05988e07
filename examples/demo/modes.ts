import * as norm from 'webgpu-norm';
import type { Context, Tensor } from 'webgpu-norm';
import * as reference from 'webgpu-norm/reference';
import type { NdArray } from 'webgpu-norm/reference';
import { CHANNELS } from './picture.ts';
import type { Array4 } from './picture.ts';

/** The modes of the page: each the same call twice, on the GPU and by the float64 reference. */
export interface Mode {
  id: string;
  title: string;
  formula: string;
  /** The axes of [N, C, H, W] whose elements share statistics. */
  shares: readonly number[];
  note: string;
  code: string;
  /** How results are made visible: about zero, up to the largest, or as they are, from 0 to 1. */
  show: 'centred' | 'positive' | 'unit';
  /** Whether it takes statistics from the style picture. */
  styled?: true;
  /** What the shared elements come to afterwards, beside mean and deviation. */
  total?: 'sum' | 'norm' | 'absolute';
  gpu(context: Context, x: Tensor, style: Tensor): Tensor;
  cpu(x: Array4, style: Array4): NdArray;
}

const over = (above: string, below: string): string =>
  `<span class="fraction"><span>${above}</span><span>${below}</span></span>`;
const CENTRED = `y = ${over('x − μ', '√(σ² + ε)')}`;

function statisticMode(
  mode: Pick<Mode, 'id' | 'title' | 'formula' | 'shares' | 'note' | 'show' | 'total'>,
  statistic: norm.Statistic,
): Mode {
  const axes = mode.shares;
  return {
    ...mode,
    code: `normalize(x, { axes: [${axes.join(', ')}], statistic: '${statistic}' })`,
    gpu: (_, x) => norm.normalize(x, { axes, statistic }),
    cpu: (x) => reference.normalize(x, { axes: [...axes], statistic }).y,
  };
}

/** Inference with running statistics that one training call with momentum 1 has set. */
const inference: Pick<Mode, 'gpu' | 'cpu'> = {
  gpu: (context, x) => {
    using runningMean = context.tensor(new Float32Array(CHANNELS), [CHANNELS]);
    using runningVar = context.tensor(new Float32Array(CHANNELS).fill(1), [CHANNELS]);
    norm.batchNorm(x, { training: true, momentum: 1, runningMean, runningVar }).destroy();
    return norm.batchNorm(x, { runningMean, runningVar });
  },
  cpu: (x) => {
    const zeros = { data: new Float64Array(CHANNELS), shape: [CHANNELS] };
    const start = { runningMean: zeros, runningVar: zeros };
    const { runningMean, runningVar } = reference.batchNorm(x, { training: true, momentum: 1, ...start });
    return reference.batchNorm(x, { runningMean: runningMean!, runningVar: runningVar! }).y;
  },
};

export const modes: readonly Mode[] = [
  {
    id: 'batch-training',
    title: 'BatchNorm, training',
    formula: CENTRED,
    shares: [0, 2, 3],
    show: 'centred',
    note: 'Each channel over the whole batch: what is dark in all samples stays dark beside the others.',
    code: 'batchNorm(x, { training: true })',
    gpu: (_, x) => norm.batchNorm(x, { training: true }),
    cpu: (x) => reference.batchNorm(x, { training: true }).y,
  },
  {
    id: 'batch-inference',
    title: 'BatchNorm, inference',
    formula: `y = ${over('x − μ<sub>running</sub>', '√(σ²<sub>running</sub> + ε)')}`,
    shares: [0, 2, 3],
    show: 'centred',
    note: 'One linear map a channel, with the unbiased running statistics of a training call.',
    code: 'batchNorm(x, { runningMean, runningVar })',
    ...inference,
  },
  {
    id: 'layer-chw',
    title: 'LayerNorm over C,H,W',
    formula: CENTRED,
    shares: [1, 2, 3],
    show: 'centred',
    note: 'Each sample by itself: the dark copy of the picture comes out like the picture.',
    code: 'layerNorm(x, { axes: [1, 2, 3] })',
    gpu: (_, x) => norm.layerNorm(x, { axes: [1, 2, 3] }),
    cpu: (x) => reference.layerNorm(x, { axes: [1, 2, 3] }).y,
  },
  {
    id: 'layer-last',
    title: 'LayerNorm, last axis',
    formula: CENTRED,
    shares: [3],
    show: 'centred',
    note: 'As transformers use it, on rows of pixels: every row loses its brightness.',
    code: 'layerNorm(x)',
    gpu: (_, x) => norm.layerNorm(x),
    cpu: (x) => reference.layerNorm(x).y,
  },
  {
    id: 'instance',
    title: 'InstanceNorm',
    formula: CENTRED,
    shares: [2, 3],
    show: 'centred',
    note: 'Each channel of each sample: the colour cast of the light disappears.',
    code: 'instanceNorm(x)',
    gpu: (_, x) => norm.instanceNorm(x),
    cpu: (x) => reference.instanceNorm(x).y,
  },
  {
    id: 'group-1',
    title: 'GroupNorm, one group',
    formula: CENTRED,
    shares: [1, 2, 3],
    show: 'centred',
    note: 'All three channels in one group: LayerNorm over C,H,W.',
    code: 'groupNorm(x, { numGroups: 1 })',
    gpu: (_, x) => norm.groupNorm(x, { numGroups: 1 }),
    cpu: (x) => reference.groupNorm(x, { numGroups: 1 }).y,
  },
  {
    id: 'group-3',
    title: 'GroupNorm, three groups',
    formula: CENTRED,
    shares: [2, 3],
    show: 'centred',
    note: 'As many groups as channels: InstanceNorm. Networks take 32 groups of many channels.',
    code: 'groupNorm(x, { numGroups: 3 })',
    gpu: (_, x) => norm.groupNorm(x, { numGroups: 3 }),
    cpu: (x) => reference.groupNorm(x, { numGroups: 3 }).y,
  },
  {
    id: 'adain',
    title: 'AdaIN',
    formula: `y = σ<sub>style</sub> · ${over('x − μ', '√(σ² + ε)')} + μ<sub>style</sub>`,
    shares: [2, 3],
    show: 'unit',
    styled: true,
    note: 'Each channel takes the mean and the deviation of the style, the waves in blue and gold above.',
    code: 'adaptiveInstanceNorm(content, style)',
    gpu: (_, x, style) => norm.adaptiveInstanceNorm(x, style),
    cpu: (x, style) => reference.adaptiveInstanceNorm(x, style).y,
  },
  {
    id: 'rms',
    title: 'RMSNorm over C,H,W',
    formula: `y = ${over('x', '√(mean(x²) + ε)')}`,
    shares: [1, 2, 3],
    show: 'positive',
    note: 'No mean is taken off: black stays black, every sample gets the same energy.',
    code: 'rmsNorm(x, { axes: [1, 2, 3] })',
    gpu: (_, x) => norm.rmsNorm(x, { axes: [1, 2, 3] }),
    cpu: (x) => reference.rmsNorm(x, { axes: [1, 2, 3] }).y,
  },
  statisticMode(
    {
      id: 'pixel',
      title: 'Per pixel, over N,C',
      formula: CENTRED,
      shares: [0, 1],
      show: 'centred',
      note: 'What all samples have in common at a place disappears; their differences remain.',
    },
    'mean-variance',
  ),
  statisticMode(
    {
      id: 'activation',
      title: 'Per activation, over N',
      formula: CENTRED,
      shares: [0],
      show: 'centred',
      note: 'Every number against the same number of the other samples.',
    },
    'mean-variance',
  ),
  statisticMode(
    {
      id: 'sum-image',
      title: 'Sum to one, per image',
      formula: `y = ${over('x', 'Σ x')}`,
      shares: [1, 2, 3],
      show: 'positive',
      total: 'sum',
      note: 'The picture as a distribution: all its numbers add up to one.',
    },
    'sum',
  ),
  statisticMode(
    {
      id: 'sum-channel',
      title: 'Sum to one, per channel',
      formula: `y = ${over('x', 'Σ x')}`,
      shares: [2, 3],
      show: 'positive',
      total: 'sum',
      note: 'Each channel a distribution of its own: the strongest colour loses its lead.',
    },
    'sum',
  ),
  statisticMode(
    {
      id: 'l2',
      title: 'l2, over the colours',
      formula: `y = ${over('x', 'max(‖x‖₂, ε)')}`,
      shares: [1],
      show: 'positive',
      total: 'norm',
      note: 'Every pixel becomes a direction in colour space: light and shade go, hue stays.',
    },
    'l2',
  ),
  statisticMode(
    {
      id: 'l1',
      title: 'l1, over the colours',
      formula: `y = ${over('x', 'max(Σ |x|, ε)')}`,
      shares: [1],
      show: 'positive',
      total: 'absolute',
      note: 'Chromaticity: the shares of red, green and blue in every pixel.',
    },
    'l1',
  ),
  {
    id: 'moments',
    title: 'moments, over N',
    formula: 'μ = mean(x), σ² = mean((x − μ)²)',
    shares: [0],
    show: 'positive',
    note: 'Nothing is normalized: the mean picture of the batch, ready to be merged with that of other devices.',
    code: 'const { mean, variance } = moments(x, { axes: [0], keepDims: true })',
    gpu: (_, x) => norm.moments(x, { axes: [0], keepDims: true }).mean,
    cpu: (x) => reference.moments(x, { axes: [0], keepDims: true }).mean,
  },
];
