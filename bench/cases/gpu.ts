import { sizeOf } from './case.ts';
import type { Case } from './case.ts';

/** Calls that fill a large GPU: x is larger than any cache, so that what is measured is how memory is used. */

/** Elements of x. */
const ELEMENTS = 2 ** 25;

export const GPU_CASES: readonly Case[] = [
  rows('LayerNorm', 'layerNorm', 768),
  rows('LayerNorm', 'layerNorm', 4096),
  rows('LayerNorm', 'layerNorm', 32768),
  rows('LayerNorm f16', 'layerNorm', 1024, { dtype: 'f16' }),
  rows('RMSNorm', 'rmsNorm', 4096),
  rows('RMSNorm f16', 'rmsNorm', 4096, { dtype: 'f16' }),
  rows('RMSNorm', 'rmsNorm', 128),
  rows('RMSNorm f16', 'rmsNorm', 64, { dtype: 'f16' }),
  rows('Add + RMSNorm f16', 'rmsNorm', 4096, { dtype: 'f16', residual: true }),
  rows('RMSNorm f16 to i8', 'rmsNorm', 4096, { dtype: 'f16', quantized: true }),
  rows('Gated RMSNorm f16', 'rmsNorm', 4096, { dtype: 'f16', multiplied: true }),
  modulated([32, 1152]),
  ...images('BatchNorm', 'batchNorm', [64, 56, 56]),
  ...images('BatchNorm + ReLU', 'batchNorm', [256, 28, 28], { activation: 'relu', tracked: true }),
  ...images('BatchNorm + add + ReLU', 'batchNorm', [256, 28, 28], { added: true, activation: 'relu', tracked: true }),
  ...images('BatchNorm inference', 'batchNormInference', [64, 56, 56]),
  ...images('InstanceNorm', 'instanceNorm', [64, 128, 128]),
  ...images('GroupNorm + SiLU', 'groupNorm', [320, 64, 64], { groups: 32, activation: 'silu' }),
  ...images('GroupNorm + SiLU f16', 'groupNorm', [320, 64, 64], { groups: 32, activation: 'silu', dtype: 'f16' }),
  ...images('AdaIN', 'adaptiveInstanceNorm', [512, 32, 32]),
];

/** The same call on so few rows or samples that a reference can follow. */
export function excerptOf(of: Case, most: number): Case {
  const [outer, ...inner] = of.shape;
  return { ...of, shape: [Math.max(1, Math.min(outer!, Math.floor(most / sizeOf(inner)))), ...inner] };
}

function rows(title: string, norm: Case['norm'], length: number, rest: Partial<Case> = {}): Case {
  return named(title, { norm, shape: [Math.floor(ELEMENTS / length), length], layout: 'rows', axes: 1, ...rest });
}

/** As many rows of a sample have one scale and one shift. */
function modulated([positions, channels]: [number, number]): Case {
  const shape = [Math.floor(ELEMENTS / positions / channels), positions, channels];
  return named('AdaLN', { norm: 'layerNorm', shape, layout: 'rows', axes: 1, modulated: true });
}

/** The same images in both layouts, as many as it takes. */
function images(
  title: string,
  norm: Case['norm'],
  [c, h, w]: [number, number, number],
  rest: Partial<Case> = {},
): Case[] {
  const n = Math.floor(ELEMENTS / c / h / w);
  return [
    named(`${title} NCHW`, { norm, shape: [n, c, h, w], layout: 'NCHW', ...rest }),
    named(`${title} NHWC`, { norm, shape: [n, h, w, c], layout: 'NHWC', ...rest }),
  ];
}

function named(title: string, rest: Omit<Case, 'name'>): Case {
  return { name: `${title} [${rest.shape.join()}]`, ...rest };
}
