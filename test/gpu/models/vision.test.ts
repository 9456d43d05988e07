import { each, mean, silu, spread, sum } from '../support/formula.ts';
import type { Numbers } from '../support/formula.ts';
import { testRecipes } from '../support/recipes.ts';

/** docs/models.md, vision models and the weights of convolutions. */

/** (x - mean) / sqrt(variance + eps) of an element of [N,C,H,W], over channel c of all samples. */
function batchNormalized(x: Numbers, [n, c, h, w]: number[], eps: number): number {
  const [N, , H, W] = x.shape;
  const channel = spread([N!, H!, W!], (i, j, k) => x.at(i, c!, j, k));
  return (x.at(n!, c!, h!, w!) - channel.mean) / Math.sqrt(channel.variance + eps);
}

/** The same over the channels of each pixel. */
function pixelNormalized(x: Numbers, [n, c, h, w]: number[], eps: number): number {
  const pixel = spread([x.shape[1]!], (k) => x.at(n!, k, h!, w!));
  return (x.at(n!, c!, h!, w!) - pixel.mean) / Math.sqrt(pixel.variance + eps);
}

const PICTURE = [3, 5, 2, 3];
const KERNEL = [4, 3, 3, 3];

await testRecipes([
  {
    name: 'ViT',
    op: 'layerNorm',
    x: [2, 5, 22],
    arrays: { weight: [22], bias: [22] },
    options: { eps: 1e-6 },
    formula: ({ x, weight, bias }) =>
      each([2, 5, 22], (n, t, c) => {
        const token = spread([22], (k) => x!.at(n, t, k));
        return ((x!.at(n, t, c) - token.mean) / Math.sqrt(token.variance + 1e-6)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'DINOv2: LayerScale of the block before',
    op: 'layerNorm',
    x: [2, 4, 10],
    arrays: { residual: [2, 4, 10], gate: [10], weight: [10], bias: [10] },
    options: { eps: 1e-6 },
    formula: ({ x, residual, gate, weight, bias }) =>
      each([2, 4, 10], (n, t, c) => {
        const h = (k: number): number => x!.at(n, t, k) + gate!.at(k) * residual!.at(n, t, k);
        const token = spread([10], h);
        return ((h(c) - token.mean) / Math.sqrt(token.variance + 1e-6)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'ConvNeXt (channels first), SAM: LayerNorm2d',
    op: 'layerNorm',
    x: PICTURE,
    arrays: { weight: [5], bias: [5] },
    options: { axes: [1], eps: 1e-6 },
    formula: ({ x, weight, bias }) =>
      each(PICTURE, (...at) => pixelNormalized(x!, at, 1e-6) * weight!.at(at[1]!) + bias!.at(at[1]!)),
  },
  {
    name: 'ResNet: inference',
    op: 'batchNorm',
    x: PICTURE,
    arrays: { runningMean: [5], runningVar: [5], weight: [5], bias: [5] },
    options: { activation: 'relu' },
    formula: ({ x, runningMean, runningVar, weight, bias }) =>
      each(PICTURE, (n, c, h, w) => {
        const normalized = (x!.at(n, c, h, w) - runningMean!.at(c)) / Math.sqrt(runningVar!.at(c) + 1e-5);
        return Math.max(normalized * weight!.at(c) + bias!.at(c), 0);
      }),
  },
  {
    name: 'ResNet: the end of a block',
    op: 'batchNorm',
    x: PICTURE,
    arrays: { weight: [5], bias: [5], add: PICTURE },
    options: { training: true, activation: 'relu' },
    formula: ({ x, weight, bias, add }) =>
      each(PICTURE, (...at) => {
        const affine = batchNormalized(x!, at, 1e-5) * weight!.at(at[1]!) + bias!.at(at[1]!);
        return Math.max(affine + add!.at(...at), 0);
      }),
  },
  {
    name: 'Swin 2: after attention, added to the stream',
    op: 'layerNorm',
    x: [2, 4, 9],
    arrays: { weight: [9], bias: [9], add: [2, 4, 9] },
    formula: ({ x, weight, bias, add }) =>
      each([2, 4, 9], (n, t, c) => {
        const token = spread([9], (k) => x!.at(n, t, k));
        const normalized = (x!.at(n, t, c) - token.mean) / Math.sqrt(token.variance + 1e-5);
        return normalized * weight!.at(c) + bias!.at(c) + add!.at(n, t, c);
      }),
  },
  {
    name: 'frozen BatchNorm, channels last',
    op: 'batchNorm',
    x: [2, 3, 2, 7],
    arrays: { runningMean: [7], runningVar: [7], weight: [7], bias: [7] },
    options: { layout: 'NHWC' },
    formula: ({ x, runningMean, runningVar, weight, bias }) =>
      each([2, 3, 2, 7], (n, h, w, c) => {
        const scale = weight!.at(c) / Math.sqrt(runningVar!.at(c) + 1e-5);
        return x!.at(n, h, w, c) * scale + (bias!.at(c) - runningMean!.at(c) * scale);
      }),
  },
  {
    name: 'EfficientNet: training',
    op: 'batchNorm',
    x: PICTURE,
    arrays: { runningMean: [5], runningVar: [5], weight: [5], bias: [5] },
    options: { training: true, eps: 1e-3, momentum: 0.01, activation: 'silu' },
    formula: ({ x, weight, bias }) =>
      each(PICTURE, (...at) => silu(batchNormalized(x!, at, 1e-3) * weight!.at(at[1]!) + bias!.at(at[1]!))),
    updates: ({ x, runningMean, runningVar }) => {
      const channel = (c: number) => spread([3, 2, 3], (n, h, w) => x!.at(n, c, h, w));
      return {
        runningMean: each([5], (c) => 0.99 * runningMean!.at(c) + 0.01 * channel(c).mean),
        runningVar: each([5], (c) => 0.99 * runningVar!.at(c) + 0.01 * channel(c).variance * (18 / 17)),
      };
    },
  },
  {
    name: 'ghost BatchNorm: two of each four samples',
    op: 'normalize',
    x: [2, 2, 3, 2, 2],
    arrays: { weight: [3, 1, 1], bias: [3, 1, 1] },
    options: { axes: [1, 3, 4], statistic: 'mean-variance' },
    formula: ({ x, weight, bias }) =>
      each([2, 2, 3, 2, 2], (g, n, c, h, w) => {
        const ghost = spread([2, 2, 2], (i, j, k) => x!.at(g, i, c, j, k));
        const normalized = (x!.at(g, n, c, h, w) - ghost.mean) / Math.sqrt(ghost.variance + 1e-5);
        return normalized * weight!.at(c, 0, 0) + bias!.at(c, 0, 0);
      }),
  },
  {
    // Renormalized by r, moved by d; then γ and β, of which scale is γ - 1.
    name: 'batch renormalization',
    op: 'batchNorm',
    x: PICTURE,
    arrays: { weight: [5], bias: [5], scale: [5], shift: [5] },
    options: { training: true },
    formula: ({ x, weight: r, bias: d, scale, shift }) =>
      each(PICTURE, (...at) => {
        const c = at[1]!;
        return (batchNormalized(x!, at, 1e-5) * r!.at(c) + d!.at(c)) * (scale!.at(c) + 1) + shift!.at(c);
      }),
  },
  {
    name: 'weight standardization',
    op: 'normalize',
    x: KERNEL,
    arrays: { weight: [4, 1, 1, 1] },
    options: { axes: [1, 2, 3], statistic: 'mean-variance', eps: 1e-10 },
    formula: ({ x, weight: gain }) =>
      each(KERNEL, (o, i, h, w) => {
        const filter = spread([3, 3, 3], (...at) => x!.at(o, ...at));
        return ((x!.at(o, i, h, w) - filter.mean) / Math.sqrt(filter.variance + 1e-10)) * gain!.at(o, 0, 0, 0);
      }),
  },
  {
    name: 'weight normalization',
    op: 'normalize',
    x: KERNEL,
    arrays: { weight: [4, 1, 1, 1] },
    options: { axes: [1, 2, 3], statistic: 'l2' },
    formula: ({ x: v, weight: g }) =>
      each(KERNEL, (o, i, h, w) => {
        const norm = Math.sqrt(sum([3, 3, 3], (...at) => v!.at(o, ...at) ** 2));
        return (g!.at(o, 0, 0, 0) * v!.at(o, i, h, w)) / norm;
      }),
  },
  {
    name: 'pixel normalization',
    op: 'rmsNorm',
    x: PICTURE,
    options: { axes: [1], eps: 1e-8 },
    formula: ({ x }) =>
      each(PICTURE, (n, c, h, w) => x!.at(n, c, h, w) / Math.sqrt(mean([5], (k) => x!.at(n, k, h, w) ** 2) + 1e-8)),
  },
  {
    name: 'ConvNeXt 2: GRN',
    op: 'globalResponseNorm',
    x: [2, 3, 2, 5],
    arrays: { weight: [5], bias: [5] },
    options: { layout: 'NHWC' },
    formula: ({ x, weight, bias }) =>
      each([2, 3, 2, 5], (n, h, w, c) => {
        const norm = (k: number): number => Math.sqrt(sum([3, 2], (i, j) => x!.at(n, i, j, k) ** 2));
        const response = norm(c) / (mean([5], norm) + 1e-6);
        return x!.at(n, h, w, c) + weight!.at(c) * (x!.at(n, h, w, c) * response) + bias!.at(c);
      }),
  },
]);
