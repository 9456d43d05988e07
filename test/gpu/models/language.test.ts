import { each, mean, silu, spread, sum } from '../support/formula.ts';
import type { Numbers } from '../support/formula.ts';
import { roundTo } from '../support/formats.ts';
import { testRecipes } from '../support/recipes.ts';

/** docs/models.md, language models. */

/** x / sqrt(mean(x²) + eps) of the last axis, of size n. */
const rms = (x: Numbers, index: number[], n: number, eps: number): number =>
  x.at(...index) / Math.sqrt(mean([n], (k) => x.at(...index.slice(0, -1), k) ** 2) + eps);

/** 2 / sqrt(π) · ∫ exp(-t²) dt from 0 to z, by Simpson's rule. */
function errorFunction(z: number): number {
  const steps = 400;
  let total = 0;
  for (let step = 0; step <= steps; step++) {
    const share = step === 0 || step === steps ? 1 : step % 2 ? 4 : 2;
    total += share * Math.exp(-(((step / steps) * z) ** 2));
  }
  return ((2 / Math.sqrt(Math.PI)) * (z / steps) * total) / 3;
}

await testRecipes([
  {
    name: 'Llama, with the residual of the block before',
    op: 'rmsNorm',
    x: [2, 3, 24],
    arrays: { residual: [2, 3, 24], weight: [24] },
    options: { eps: 1e-5 },
    formula: ({ x, residual, weight }) =>
      each([2, 3, 24], (n, t, c) => {
        const h = (k: number): number => x!.at(n, t, k) + residual!.at(n, t, k);
        return (h(c) / Math.sqrt(mean([24], (k) => h(k) ** 2) + 1e-5)) * weight!.at(c);
      }),
  },
  {
    name: 'Llama as published: rounded before the weight',
    op: 'rmsNorm',
    x: [5, 24],
    arrays: { weight: [24] },
    options: { eps: 1e-5, castBeforeWeight: true, outputDtype: 'f32' },
    dtype: 'bf16',
    formula: ({ x, weight }) => each([5, 24], (n, c) => roundTo('bf16', rms(x!, [n, c], 24, 1e-5)) * weight!.at(c)),
    forwardOnly: true,
  },
  {
    name: 'Qwen3: queries and keys, each head',
    op: 'rmsNorm',
    x: [2, 3, 4, 6],
    arrays: { weight: [6] },
    options: { eps: 1e-6 },
    formula: ({ x, weight }) => each([2, 3, 4, 6], (...at) => rms(x!, at, 6, 1e-6) * weight!.at(at[3]!)),
  },
  {
    name: 'Gemma 2 and 3: a weight about zero',
    op: 'rmsNorm',
    x: [2, 3, 23],
    arrays: { weight: [23] },
    options: { eps: 1e-6, zeroCenteredWeight: true },
    formula: ({ x, weight }) => each([2, 3, 23], (...at) => rms(x!, at, 23, 1e-6) * (1 + weight!.at(at[2]!))),
  },
  {
    name: 'Gemma 2 and 3: after attention, added to the stream',
    op: 'rmsNorm',
    x: [2, 3, 11],
    arrays: { weight: [11], add: [2, 3, 11] },
    options: { eps: 1e-6, zeroCenteredWeight: true },
    formula: ({ x, weight, add }) =>
      each([2, 3, 11], (n, t, c) => add!.at(n, t, c) + rms(x!, [n, t, c], 11, 1e-6) * (1 + weight!.at(c))),
  },
  {
    name: 'OLMo 2: after attention, added to the stream',
    op: 'rmsNorm',
    x: [2, 3, 12],
    arrays: { weight: [12], add: [2, 3, 12] },
    options: { eps: 1e-6 },
    formula: ({ x, weight, add }) =>
      each([2, 3, 12], (n, t, c) => add!.at(n, t, c) + rms(x!, [n, t, c], 12, 1e-6) * weight!.at(c)),
  },
  {
    name: 'OLMo 2: queries and keys, all heads together',
    op: 'rmsNorm',
    x: [2, 3, 4 * 5],
    arrays: { weight: [4 * 5] },
    options: { eps: 1e-6 },
    formula: ({ x, weight }) => each([2, 3, 20], (...at) => rms(x!, at, 20, 1e-6) * weight!.at(at[2]!)),
  },
  {
    name: 'DeepSeek: the latent of the queries',
    op: 'rmsNorm',
    x: [2, 3, 15],
    arrays: { weight: [15] },
    options: { eps: 1e-6 },
    formula: ({ x, weight }) => each([2, 3, 15], (...at) => rms(x!, at, 15, 1e-6) * weight!.at(at[2]!)),
  },
  {
    name: 'Mamba 2: the gated norm of groups',
    op: 'rmsNorm',
    x: [2, 3, 2, 7],
    arrays: { weight: [2, 7], by: [2, 3, 2, 7] },
    options: { eps: 1e-5, multiply: { activation: 'silu', where: 'before' } },
    formula: ({ x, weight, by: z }) =>
      each([2, 3, 2, 7], (n, t, g, c) => {
        const s = (k: number): number => x!.at(n, t, g, k) * silu(z!.at(n, t, g, k));
        return (s(c) / Math.sqrt(mean([7], (k) => s(k) ** 2) + 1e-5)) * weight!.at(g, c);
      }),
  },
  {
    name: 'Command R: queries and keys, a weight for each head, no bias',
    op: 'layerNorm',
    x: [2, 3, 4, 6],
    arrays: { weight: [4, 6] },
    options: { eps: 1e-5 },
    formula: ({ x, weight }) =>
      each([2, 3, 4, 6], (n, t, h, d) => {
        const head = spread([6], (k) => x!.at(n, t, h, k));
        return ((x!.at(n, t, h, d) - head.mean) / Math.sqrt(head.variance + 1e-5)) * weight!.at(h, d);
      }),
  },
  {
    name: 'BERT: after the residual',
    op: 'layerNorm',
    x: [2, 3, 17],
    arrays: { residual: [2, 3, 17], weight: [17], bias: [17] },
    options: { eps: 1e-12 },
    formula: ({ x, residual, weight, bias }) =>
      each([2, 3, 17], (n, t, c) => {
        const h = (k: number): number => x!.at(n, t, k) + residual!.at(n, t, k);
        const row = spread([17], h);
        return ((h(c) - row.mean) / Math.sqrt(row.variance + 1e-12)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'RWKV: the heads of time mixing',
    op: 'groupNorm',
    x: [2 * 3, 4 * 5],
    arrays: { weight: [20], bias: [20] },
    options: { layout: 'NC', numGroups: 4, eps: 64e-5 },
    formula: ({ x, weight, bias }) =>
      each([6, 20], (row, c) => {
        const first = 5 * Math.floor(c / 5);
        const head = spread([5], (k) => x!.at(row, first + k));
        return ((x!.at(row, c) - head.mean) / Math.sqrt(head.variance + 64e-5)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'RWKV 5 and 6: the same, gated',
    op: 'groupNorm',
    x: [3, 4 * 4],
    arrays: { weight: [16], bias: [16], by: [3, 16] },
    options: { layout: 'NC', numGroups: 4, eps: 64e-5, multiply: { activation: 'silu', where: 'after' } },
    formula: ({ x, weight, bias, by }) =>
      each([3, 16], (row, c) => {
        const first = 4 * Math.floor(c / 4);
        const head = spread([4], (k) => x!.at(row, first + k));
        const normalized = (x!.at(row, c) - head.mean) / Math.sqrt(head.variance + 64e-5);
        return (normalized * weight!.at(c) + bias!.at(c)) * silu(by!.at(row, c));
      }),
  },
  {
    name: 'RWKV-7, Swin 2: keys of length one',
    op: 'normalize',
    x: [2, 3, 4, 5],
    options: { axes: [-1], statistic: 'l2' },
    formula: ({ x }) =>
      each([2, 3, 4, 5], (n, t, h, d) => {
        const norm = Math.sqrt(sum([5], (k) => x!.at(n, t, h, k) ** 2));
        return x!.at(n, t, h, d) / Math.max(norm, 1e-12);
      }),
  },
  {
    name: 'nGPT: queries and keys of length one, scaled',
    op: 'normalize',
    x: [2, 3, 4, 5],
    arrays: { weight: [4, 5] },
    options: { axes: [-1], statistic: 'l2' },
    formula: ({ x, weight }) =>
      each([2, 3, 4, 5], (n, t, h, d) => {
        const norm = Math.sqrt(sum([5], (k) => x!.at(n, t, h, k) ** 2));
        return (x!.at(n, t, h, d) / norm) * weight!.at(h, d);
      }),
  },
  {
    name: 'ScaleNorm',
    op: 'scaleNorm',
    x: [4, 19],
    arrays: { weight: [1] },
    formula: ({ x, weight }) =>
      each([4, 19], (n, c) => {
        const norm = Math.sqrt(sum([19], (k) => x!.at(n, k) ** 2));
        return (weight!.at(0) * x!.at(n, c)) / Math.max(norm, 1e-5);
      }),
  },
  {
    name: 'DyT',
    op: 'dynamicTanh',
    x: [3, 5, 11],
    arrays: { alpha: [1], weight: [11], bias: [11] },
    formula: ({ x, alpha, weight, bias }) =>
      each([3, 5, 11], (n, t, c) => Math.tanh(alpha!.at(0) * x!.at(n, t, c)) * weight!.at(c) + bias!.at(c)),
  },
  {
    name: 'Derf',
    op: 'dynamicErf',
    x: [3, 5, 12],
    arrays: { alpha: [1], inputShift: [1], weight: [12], bias: [12] },
    formula: ({ x, alpha, inputShift, weight, bias }) =>
      each([3, 5, 12], (n, t, c) => {
        const z = alpha!.at(0) * x!.at(n, t, c) + inputShift!.at(0);
        return errorFunction(z) * weight!.at(c) + bias!.at(c);
      }),
  },
]);
