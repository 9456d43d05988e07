import { each, silu, spread, sum } from '../support/formula.ts';
import type { Numbers } from '../support/formula.ts';
import { testRecipes } from '../support/recipes.ts';

/** docs/models.md, models that make pictures. */

/** (x - mean) / sqrt(variance + eps) of an element of [N,C,H,W], over the channels of its group and the positions. */
function grouped(x: Numbers, [n, c, h, w]: number[], groups: number, eps: number): number {
  const [, C, H, W] = x.shape;
  const size = C! / groups;
  const first = size * Math.floor(c! / size);
  const group = spread([size, H!, W!], (k, i, j) => x.at(n!, first + k, i, j));
  return (x.at(n!, c!, h!, w!) - group.mean) / Math.sqrt(group.variance + eps);
}

const PICTURE = [2, 6, 3, 3];

await testRecipes([
  {
    name: 'Stable Diffusion, UNet: before a convolution',
    op: 'groupNorm',
    x: PICTURE,
    arrays: { weight: [6], bias: [6] },
    options: { numGroups: 3, eps: 1e-5, activation: 'silu' },
    formula: ({ x, weight, bias }) =>
      each(PICTURE, (...at) => silu(grouped(x!, at, 3, 1e-5) * weight!.at(at[1]!) + bias!.at(at[1]!))),
  },
  {
    name: 'Stable Diffusion, UNet: after the time step',
    op: 'groupNorm',
    x: PICTURE,
    arrays: { inputBias: [2, 6], weight: [6], bias: [6] },
    options: { numGroups: 3, activation: 'silu' },
    formula: ({ x, inputBias, weight, bias }) => {
      const sum: Numbers = { shape: PICTURE, at: (n, c, h, w) => x!.at(n!, c!, h!, w!) + inputBias!.at(n!, c!) };
      return each(PICTURE, (...at) => silu(grouped(sum, at, 3, 1e-5) * weight!.at(at[1]!) + bias!.at(at[1]!)));
    },
  },
  {
    name: 'Stable Diffusion, VAE: channels last',
    op: 'groupNorm',
    x: [2, 3, 3, 6],
    arrays: { weight: [6], bias: [6] },
    options: { layout: 'NHWC', numGroups: 2, eps: 1e-6, activation: 'silu' },
    formula: ({ x, weight, bias }) =>
      each([2, 3, 3, 6], (n, h, w, c) => {
        const first = 3 * Math.floor(c / 3);
        const group = spread([3, 3, 3], (i, j, k) => x!.at(n, i, j, first + k));
        const normalized = (x!.at(n, h, w, c) - group.mean) / Math.sqrt(group.variance + 1e-6);
        return silu(normalized * weight!.at(c) + bias!.at(c));
      }),
  },
  {
    name: 'AdaGN: scale and shift of a time step',
    op: 'groupNorm',
    x: PICTURE,
    arrays: { weight: [6], bias: [6], scale: [2, 6], shift: [2, 6] },
    options: { numGroups: 3, activation: 'silu' },
    formula: ({ x, weight, bias, scale, shift }) =>
      each(PICTURE, (...at) => {
        const [n, c] = at as [number, number];
        const affine = grouped(x!, at, 3, 1e-5) * weight!.at(c) + bias!.at(c);
        return silu(affine * (1 + scale!.at(n, c)) + shift!.at(n, c));
      }),
  },
  {
    name: 'DiT, FLUX, SD3: adaptive LayerNorm after a gated residual',
    op: 'layerNorm',
    x: [2, 4, 10],
    arrays: { residual: [2, 4, 10], gate: [2, 10], scale: [2, 10], shift: [2, 10] },
    options: { eps: 1e-6 },
    formula: ({ x, residual, gate, scale, shift }) =>
      each([2, 4, 10], (n, t, c) => {
        const h = (k: number): number => x!.at(n, t, k) + gate!.at(n, k) * residual!.at(n, t, k);
        const token = spread([10], h);
        return ((h(c) - token.mean) / Math.sqrt(token.variance + 1e-6)) * (1 + scale!.at(n, c)) + shift!.at(n, c);
      }),
  },
  {
    name: 'StyleGAN: a style a sample',
    op: 'instanceNorm',
    x: PICTURE,
    arrays: { scale: [2, 6], shift: [2, 6] },
    options: { eps: 1e-8 },
    formula: ({ x, scale, shift }) =>
      each(PICTURE, (...at) => {
        const [n, c] = at as [number, number];
        return grouped(x!, at, 6, 1e-8) * (1 + scale!.at(n, c)) + shift!.at(n, c);
      }),
  },
  {
    // 1 / sqrt(Σ w² + eps) of n weights is that of their mean square, with eps / n, by sqrt(n).
    name: 'StyleGAN2: demodulation',
    op: 'normalize',
    x: [2, 4, 3, 3, 3],
    arrays: { weight: [1] },
    options: { axes: [2, 3, 4], statistic: 'rms', eps: 1e-8 / 27 },
    formula: ({ x: w, weight }) =>
      each([2, 4, 3, 3, 3], (n, o, ...at) => {
        const demodulated = w!.at(n, o, ...at) / Math.sqrt(sum([3, 3, 3], (...k) => w!.at(n, o, ...k) ** 2) + 1e-8);
        return demodulated * Math.sqrt(27) * weight!.at(0);
      }),
  },
  {
    name: 'SPADE: a map of scales and shifts',
    op: 'batchNorm',
    x: PICTURE,
    arrays: { scale: PICTURE, shift: PICTURE },
    options: { training: true },
    formula: ({ x, scale, shift }) =>
      each(PICTURE, (n, c, h, w) => {
        const channel = spread([2, 3, 3], (i, j, k) => x!.at(i, c, j, k));
        const normalized = (x!.at(n, c, h, w) - channel.mean) / Math.sqrt(channel.variance + 1e-5);
        return normalized * (1 + scale!.at(n, c, h, w)) + shift!.at(n, c, h, w);
      }),
  },
  {
    name: 'style transfer: AdaIN',
    op: 'adaptiveInstanceNorm',
    x: PICTURE,
    arrays: { style: [2, 6, 2, 5] },
    options: { unbiased: true },
    formula: ({ x, style }) =>
      each(PICTURE, (n, c, h, w) => {
        const content = spread([3, 3], (i, j) => x!.at(n, c, i, j));
        const wanted = spread([2, 5], (i, j) => style!.at(n, c, i, j));
        const deviation = (variance: number, size: number): number => Math.sqrt((variance * size) / (size - 1) + 1e-5);
        const normalized = (x!.at(n, c, h, w) - content.mean) / deviation(content.variance, 9);
        return normalized * deviation(wanted.variance, 10) + wanted.mean;
      }),
  },
]);
