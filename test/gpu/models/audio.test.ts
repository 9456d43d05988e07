import { each, mean, spread } from '../support/formula.ts';
import { testRecipes } from '../support/recipes.ts';

/** docs/models.md, audio models, and graphs. */

const elu = (z: number): number => (z > 0 ? z : Math.expm1(z));

/** Where graphs of packed nodes begin, as PyTorch Geometric's `ptr`. */
const PTR = [0, 4, 9, 13];

await testRecipes([
  {
    name: 'Whisper: the residual of attention',
    op: 'layerNorm',
    x: [2, 3, 14],
    arrays: { residual: [2, 3, 14], weight: [14], bias: [14] },
    formula: ({ x, residual, weight, bias }) =>
      each([2, 3, 14], (n, t, c) => {
        const h = (k: number): number => x!.at(n, t, k) + residual!.at(n, t, k);
        const row = spread([14], h);
        return ((h(c) - row.mean) / Math.sqrt(row.variance + 1e-5)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'EnCodec: GroupNorm of time',
    op: 'groupNorm',
    x: [2, 5, 7],
    arrays: { weight: [5], bias: [5] },
    options: { layout: 'NCL', numGroups: 1, activation: 'elu' },
    formula: ({ x, weight, bias }) =>
      each([2, 5, 7], (n, c, t) => {
        const sample = spread([5, 7], (i, j) => x!.at(n, i, j));
        return elu(((x!.at(n, c, t) - sample.mean) / Math.sqrt(sample.variance + 1e-5)) * weight!.at(c) + bias!.at(c));
      }),
  },
  {
    name: 'Conv-TasNet: gLN',
    op: 'groupNorm',
    x: [2, 5, 7],
    arrays: { weight: [5], bias: [5] },
    options: { layout: 'NCL', numGroups: 1, eps: 1e-8 },
    formula: ({ x, weight, bias }) =>
      each([2, 5, 7], (n, c, t) => {
        const sample = spread([5, 7], (i, j) => x!.at(n, i, j));
        return ((x!.at(n, c, t) - sample.mean) / Math.sqrt(sample.variance + 1e-8)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'Conv-TasNet: the channels of each frame',
    op: 'layerNorm',
    x: [2, 5, 7],
    arrays: { weight: [5], bias: [5] },
    options: { axes: [1], eps: 1e-8 },
    formula: ({ x, weight, bias }) =>
      each([2, 5, 7], (n, c, t) => {
        const frame = spread([5], (k) => x!.at(n, k, t));
        return ((x!.at(n, c, t) - frame.mean) / Math.sqrt(frame.variance + 1e-8)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'one graph: GraphNorm with all of the mean taken off',
    op: 'instanceNorm',
    x: [1, 9, 6],
    arrays: { weight: [6], bias: [6] },
    options: { layout: 'NLC' },
    formula: ({ x, weight, bias }) =>
      each([1, 9, 6], (g, node, c) => {
        const { mean, variance } = spread([9], (k) => x!.at(g, k, c));
        return ((x!.at(g, node, c) - mean) / Math.sqrt(variance + 1e-5)) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'GraphNorm: graphs of unequal size',
    op: 'instanceNorm',
    x: [13, 6],
    arrays: { meanScale: [6], weight: [6], bias: [6] },
    options: { segments: PTR },
    formula: ({ x, meanScale, weight, bias }) =>
      each([13, 6], (node, c) => {
        const graph = PTR.findLastIndex((start) => start <= node);
        const [first, nodes] = [PTR[graph]!, PTR[graph + 1]! - PTR[graph]!];
        const ofGraph = mean([nodes], (k) => x!.at(first + k, c));
        const s = (k: number): number => x!.at(k, c) - ofGraph * meanScale!.at(c);
        const std = Math.sqrt(mean([nodes], (k) => s(first + k) ** 2) + 1e-5);
        return (s(node) / std) * weight!.at(c) + bias!.at(c);
      }),
  },
  {
    name: 'GraphNorm: a share of the mean taken off',
    op: 'instanceNorm',
    x: [2, 9, 6],
    arrays: { meanScale: [6], weight: [6], bias: [6] },
    options: { layout: 'NLC' },
    formula: ({ x, meanScale, weight, bias }) =>
      each([2, 9, 6], (g, node, c) => {
        const ofGraph = mean([9], (k) => x!.at(g, k, c));
        const s = (k: number): number => x!.at(g, k, c) - ofGraph * meanScale!.at(c);
        return (s(node) / Math.sqrt(mean([9], (k) => s(k) ** 2) + 1e-5)) * weight!.at(c) + bias!.at(c);
      }),
  },
]);
