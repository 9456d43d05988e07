import type { Case } from './case.ts';

/** The calls that are compared with the peers. Images are given as N,C,H,W. */
export const CASES: readonly Case[] = [
  { name: 'LayerNorm [4096,768]', norm: 'layerNorm', shape: [4096, 768], layout: 'rows', axes: 1 },
  { name: 'LayerNorm [512,4096]', norm: 'layerNorm', shape: [512, 4096], layout: 'rows', axes: 1, quick: true },
  { name: 'LayerNorm [64,32768]', norm: 'layerNorm', shape: [64, 32768], layout: 'rows', axes: 1 },
  { name: 'LayerNorm CHW [8,64,56,56]', norm: 'layerNorm', shape: [8, 64, 56, 56], layout: 'rows', axes: 3 },
  { name: 'RMSNorm [2048,2048]', norm: 'rmsNorm', shape: [2048, 2048], layout: 'rows', axes: 1 },
  { name: 'RMSNorm [1,4096]', norm: 'rmsNorm', shape: [1, 4096], layout: 'rows', axes: 1, quick: true },
  ...images('BatchNorm', 'batchNorm', [32, 64, 56, 56]),
  ...images('BatchNorm', 'batchNorm', [8, 256, 28, 28], { quick: true }),
  ...images('BatchNorm inference', 'batchNormInference', [32, 64, 56, 56]),
  ...images('BatchNorm inference', 'batchNormInference', [8, 256, 28, 28], { quick: true }),
  ...images('InstanceNorm', 'instanceNorm', [8, 64, 128, 128]),
  ...images('GroupNorm', 'groupNorm', [8, 256, 28, 28], { groups: 32, quick: true }),
  ...images('GroupNorm', 'groupNorm', [2, 320, 64, 64], { groups: 32 }),
  ...images('AdaIN', 'adaptiveInstanceNorm', [4, 512, 32, 32]),
  { name: 'Add + RMSNorm [2048,2048]', norm: 'rmsNorm', shape: [2048, 2048], layout: 'rows', axes: 1, residual: true },
  { name: 'RMSNorm to i8 [2048,2048]', norm: 'rmsNorm', shape: [2048, 2048], layout: 'rows', axes: 1, quantized: true },
  {
    name: 'QK-norm + rotary [2,512,16,128]',
    norm: 'rmsNorm',
    shape: [2, 512, 16, 128],
    layout: 'rows',
    axes: 1,
    rotary: true,
  },
  {
    name: 'Gated RMSNorm [2048,2048]',
    norm: 'rmsNorm',
    shape: [2048, 2048],
    layout: 'rows',
    axes: 1,
    multiplied: true,
  },
  { name: 'AdaLN [8,256,1152]', norm: 'layerNorm', shape: [8, 256, 1152], layout: 'rows', axes: 1, modulated: true },
  diffusion([2, 64, 64, 320]),
  diffusion([2, 16, 16, 320], { quick: true }),
  {
    name: 'BatchNorm + ReLU NCHW [32,64,56,56]',
    norm: 'batchNorm',
    shape: [32, 64, 56, 56],
    layout: 'NCHW',
    activation: 'relu',
    tracked: true,
  },
  {
    name: 'BatchNorm + add + ReLU NCHW [32,64,56,56]',
    norm: 'batchNorm',
    shape: [32, 64, 56, 56],
    layout: 'NCHW',
    added: true,
    activation: 'relu',
    tracked: true,
  },
  { name: 'LayerNorm [32,256]', norm: 'layerNorm', shape: [32, 256], layout: 'rows', axes: 1, quick: true },
  { name: 'LayerNorm [1,1024]', norm: 'layerNorm', shape: [1, 1024], layout: 'rows', axes: 1 },
];

/** The same images in both layouts. */
function images(title: string, norm: Case['norm'], shape: number[], rest: Partial<Case> = {}): Case[] {
  const [n, c, h, w] = shape as [number, number, number, number];
  return [
    { name: `${title} NCHW [${shape.join()}]`, norm, shape, layout: 'NCHW', ...rest },
    { name: `${title} NHWC [${[n, h, w, c].join()}]`, norm, shape: [n, h, w, c], layout: 'NHWC', ...rest },
  ];
}

/** A normalization in the UNet of a diffusion model, as it is stored there. */
function diffusion(shape: number[], rest: Partial<Case> = {}): Case {
  const name = `GroupNorm + SiLU f16 NHWC [${shape.join()}]`;
  return { name, norm: 'groupNorm', shape, layout: 'NHWC', groups: 32, dtype: 'f16', activation: 'silu', ...rest };
}
