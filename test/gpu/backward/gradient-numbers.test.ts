import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { placesOf } from '../../../src/reference/groups.ts';
import * as reference from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import { backwardOf, fillGradient, gradientErrors } from '../support/gradients.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, normalizedByReference, relativeError, sizeOf, upload } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** What gradients are on numbers that are hard, and what must hold of them whatever the numbers. */

const contexts = part(Object.entries(await openContexts()), 2, 1);
const [N, C, L] = [6, 8, 90];

/** Calls through mean and variance: x as its groups see it, and the axes along which the elements of a group differ. */
const meanVarianceCalls: [
  name: string,
  op: Filled['op'],
  options: Record<string, unknown>,
  seen: number[],
  axes: number[],
][] = [
  ['LayerNorm', 'layerNorm', {}, [N, C, L], [2]],
  ['LayerNorm over C,L', 'layerNorm', { axes: [1, 2] }, [N, C, L], [1, 2]],
  ['BatchNorm', 'batchNorm', { training: true }, [N, C, L], [0, 2]],
  ['BatchNorm, channels last', 'batchNorm', { training: true, layout: 'NLC' }, [N, C, L], [0, 1]],
  ['InstanceNorm', 'instanceNorm', {}, [N, C, L], [2]],
  ['InstanceNorm, channels last', 'instanceNorm', { layout: 'NLC' }, [N, C, L], [1]],
  ['GroupNorm', 'groupNorm', { numGroups: 2 }, [N, 2, C / 2, L], [2, 3]],
  ['GroupNorm, channels last', 'groupNorm', { numGroups: 9, layout: 'NLC' }, [N, C, 9, L / 9], [1, 3]],
  ['AdaIN', 'adaptiveInstanceNorm', {}, [N, C, L], [2]],
  ['over N', 'normalize', { axes: [0], statistic: 'mean-variance' }, [N, C, L], [0]],
];

describe.each(contexts)('%s plans', (_, context) => {
  it.each(meanVarianceCalls)(
    '%s: dx sums to zero and is orthogonal to x_hat, and is zero for a dy that is constant (G8)',
    async (__, op, options, seen, axes) => {
      const random = new Random(102);
      const shape = [N, C, L];
      const x = { data: random.normals(sizeOf(shape), 20, 3), shape };
      const arrays: Filled['arrays'] =
        op === 'adaptiveInstanceNorm' ? { style: { data: random.normals(sizeOf(shape)), shape } } : {};
      const filled: Filled = { op, x, options: { ...options, eps: 0 }, arrays };
      const dy = fillGradient(filled, random);
      const { saved } = callGpuForward(filled, upload(context));
      const dxOf = async (data: Float32Array<ArrayBuffer>): Promise<Float32Array> =>
        backwardOf(op)(context.tensor(data, shape), saved, { gradients: ['dx'] }).dx.read();
      const dx = await dxOf(dy.data);
      const { rstd } = normalizedByReference(filled);
      const at = placesOf('x', seen, seen, axes);
      at.group.forEach((first, group) => {
        const elements = [...at.element].map((offset) => first + offset);
        const mean = elements.reduce((sum, index) => sum + x.data[index]!, 0) / elements.length;
        const sum = elements.reduce((total, index) => total + dx[index]!, 0);
        const dot = elements.reduce(
          (total, index) => total + dx[index]! * (x.data[index]! - mean) * rstd.data[group]!,
          0,
        );
        const size = rstd.data[group]! * Math.sqrt(elements.length);
        expect(Math.abs(sum) / size, 'the sum').toBeLessThanOrEqual(2e-5);
        expect(Math.abs(dot) / size, 'the product').toBeLessThanOrEqual(2e-5);
      });
      const shift = await dxOf(new Float32Array(dx.length).fill(5));
      expect(Math.max(...shift.map(Math.abs)) / Math.max(...rstd.data), 'a constant').toBeLessThanOrEqual(1e-5);
    },
  );

  it.each([
    ['mean 1e4, deviation 1', 1e4, 1],
    ['mean 1e6, deviation 1', 1e6, 1],
    ['near 1e19', 0, 1e19],
    ['near 1e-19', 0, 1e-19],
    ['near 1e30', 1e30, 1e29],
  ])('data of %s', async (__, mean, deviation) => {
    const random = new Random(103);
    const shape = [4, 8, 130];
    const x = { data: random.normals(4160, mean, deviation), shape };
    const dy = { data: random.normals(4160), shape };
    const calls = [
      ['layerNorm', { axes: [1, 2], eps: 0 }],
      ['rmsNorm', { eps: 0 }],
      ['batchNorm', { training: true, eps: 0 }],
      ['groupNorm', { numGroups: 2, eps: 0 }],
      ['normalize', { axes: [2], statistic: 'l2', eps: 0 }],
    ] as const;
    for (const [op, options] of calls) {
      const filled = { op, x, options, arrays: {} };
      const { saved } = callGpuForward(filled, upload(context));
      const { dx } = backwardOf(op)(context.tensor(dy.data, shape), saved);
      const error = (await gradientErrors(filled, dy, { dx })).dx!;
      expect(error, op).toBeLessThanOrEqual(4e-6);
    }
  });

  it.each([
    [
      'l2',
      1,
      [
        [0.3, 0.4, 0, 0],
        [1, 0, 0, 0],
        [3, 4, 0, 1],
      ],
    ],
    [
      'l1',
      7,
      [
        [1, -2, 0, 0.5],
        [3, -4, 0, 0],
        [3, 4, 0, -9],
      ],
    ],
    [
      'sum',
      7,
      [
        [1, 2, 0, 0.5],
        [3, 4, 0, 0],
        [-3, -4, -1, -2],
        [-1, -2, 0, -1],
      ],
    ],
    [
      'rms',
      7,
      [
        [1, 2, 0, 0.5],
        [0, 0, 0, 0],
      ],
    ],
  ] as const)(
    '%s: where eps takes the place of a norm it is a constant (G13), at a norm of eps it is not',
    async (statistic, eps, rows) => {
      for (const weight of [undefined, { data: Float32Array.of(1, 2, -1, 3), shape: [4] }]) {
        const filled = {
          op: 'normalize' as const,
          x: { data: Float32Array.from(rows.flat()), shape: [rows.length, 4] },
          options: { axes: [1], statistic, eps },
          arrays: weight ? { weight } : ({} as Record<string, never>),
        };
        const dy = fillGradient(filled, new Random(108));
        const { saved } = callGpuForward(filled, upload(context));
        const gradients = backwardOf('normalize')(context.tensor(dy.data, dy.shape), saved);
        for (const [name, error] of Object.entries(await gradientErrors(filled, dy, gradients))) {
          expect(error, name).toBeLessThanOrEqual(8 * 2 ** -24);
        }
      }
    },
  );

  it('a NaN, an infinity and a constant row spoil no other group', async () => {
    const random = new Random(104);
    const x = { data: random.normals(6 * 40), shape: [6, 40] };
    x.data[45] = NaN;
    x.data[90] = Infinity;
    x.data.fill(7, 160, 200);
    const dy = { data: random.normals(240), shape: [6, 40] };
    const { saved } = norm.layerNormForward(context.tensor(x.data, x.shape));
    const dx = await norm.layerNormBackward(context.tensor(dy.data, dy.shape), saved).dx.read();
    const exact = reference.layerNormBackward(dy, x).dx.data;
    for (const row of [0, 3, 4, 5]) {
      const part = [dx, exact].map((all) => all.slice(row * 40, row * 40 + 40));
      expect(relativeError(part[0]!, part[1]!), `row ${row}`).toBeLessThanOrEqual(32 * 2 ** -24);
    }
    expect(dx[45]).toBeNaN();
  });

  /** As of PyTorch; smooth activations have NaN as the slope there, in PyTorch too. */
  it.each([undefined, 'relu', 'leaky-relu', 'elu'] as const)(
    'a NaN whose dy is zero gets none, by %s',
    async (activation) => {
      const running = { runningMean: context.tensor([0.5, 1], [2]), runningVar: context.tensor([2, 3], [2]) };
      const x = context.tensor([NaN, 1, -2, 3, 4, NaN], [3, 2]);
      const { saved } = norm.batchNormForward(x, { ...running, activation });
      const { dx } = norm.batchNormBackward(context.tensor([0, 1, 1, 1, 1, 0], [3, 2]), saved);
      const [first, , , , , last] = await dx.read();
      expect([Math.abs(first!), Math.abs(last!)]).toEqual([0, 0]);
    },
  );

  it('a batch in uneven parts has the gradient of the whole', async () => {
    const [samples, channels, length] = [11, 6, 7];
    const random = new Random(105);
    const numbers = {
      x: random.normals(samples * channels * length, 30, 4),
      dy: random.normals(samples * channels * length, 0.5),
    };
    const affine = {
      weight: context.tensor(random.normals(channels), [channels]),
      bias: context.tensor(random.normals(channels), [channels]),
    };
    const options = { training: true, ...affine };
    const part = (from: number, to: number, of: 'x' | 'dy'): Tensor =>
      context.tensor(numbers[of].slice(from * channels * length, to * channels * length), [
        to - from,
        channels,
        length,
      ]);
    const one = norm.batchNormForward(part(0, samples, 'x'), options);
    const whole = norm.batchNormBackward(part(0, samples, 'dy'), one.saved);
    for (const cuts of [
      [0, 4, samples],
      [0, 1, 9, samples],
    ]) {
      const parts = cuts.slice(1).map((to, index) => [cuts[index]!, to] as const);
      const local = parts.map(([from, to]) => norm.moments(part(from, to, 'x'), { axes: [0, 2] }));
      const moments = norm.mergeMoments(local);
      const calls = parts.map(([from, to]) => norm.batchNormForward(part(from, to, 'x'), { ...options, moments }));
      const partSums = calls.map(({ saved }, index) => norm.gradientSums(part(...parts[index]!, 'dy'), saved));
      const sent = await Promise.all(partSums.map(async (each) => norm.loadGradientSums(context, await each.read())));
      const sums = norm.mergeGradientSums(sent);
      expect(sums.count).toBe(samples * length);
      const results = calls.map(({ saved }, index) =>
        norm.batchNormBackward(part(...parts[index]!, 'dy'), saved, { sums }),
      );
      const dx = (await Promise.all(results.map(async (each) => each.dx.read()))).flatMap((each) => [...each]);
      expect(relativeError(dx, await whole.dx.read())).toBeLessThanOrEqual(2e-6);
      for (const name of ['dweight', 'dbias'] as const) {
        const each = await Promise.all(results.map(async (result) => result[name]!.read()));
        const sum = each[0]!.map((__, c) => each.reduce((total, one) => total + one[c]!, 0));
        expect(relativeError(sum, await whole[name]!.read()), name).toBeLessThanOrEqual(2e-6);
      }
    }
  });
});
