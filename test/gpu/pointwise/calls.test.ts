import { describe, expect, it } from 'vitest';
import {
  dynamicErf,
  dynamicErfBackward,
  dynamicErfForward,
  dynamicTanh,
  dynamicTanhBackward,
  dynamicTanhForward,
} from '../../../src/index.ts';
import { dynamicErf as erfReference, dynamicTanhBackward as tanhGradients } from '../../../src/reference/index.ts';
import { gradientsByAutodiff } from '../support/autodiff.ts';
import { openContexts } from '../support/contexts.ts';
import { fuse } from '../support/fused.ts';
import { backwardOf, fillGradient } from '../support/gradients.ts';
import { POINTWISE } from '../support/modes.ts';
import { isInPieces, plansOf, smallContextFor } from '../support/pieces.ts';
import { placeAt } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, fill, relativeError, upload } from '../support/run.ts';

/** DyT and Derf: what is not in the sweep of fusions. */

const contexts = await openContexts();
const CLOSE = 2 ** -18;

describe.each(Object.entries(contexts))('%s plans', (plans, context) => {
  const random = new Random(20);

  it.each(POINTWISE)('$name has the gradients of automatic differentiation', async (mode) => {
    const filled = fill(mode, mode.call({ N: 3, C: 2, L: 9 }, 'rows'), 'both', random);
    const dy = fillGradient(filled, random);
    const theirs = gradientsByAutodiff(filled, dy);
    const { saved } = callGpuForward(filled, upload(context));
    const ours = backwardOf(mode.op)(context.tensor(dy.data, dy.shape), saved);
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    for (const [name, tensor] of Object.entries(ours)) {
      // TensorFlow.js has erf within 1.5e-7.
      expect(relativeError(await tensor.read(), theirs[name as 'dx']!), name).toBeLessThanOrEqual(2 ** -16);
    }
  });

  it('channels may be first', async () => {
    const shape = [2, 5, 3, 3];
    const given = { x: random.normals(90), alpha: [0.7], inputShift: [-0.2], weight: random.normals(5) };
    const of = { alpha: given.alpha, inputShift: given.inputShift };
    const options = { axes: [1], alpha: context.tensor(of.alpha, [1]), inputShift: context.tensor(of.inputShift, [1]) };
    const y = dynamicErf(context.tensor(given.x, shape), { ...options, weight: context.tensor(given.weight, [5]) });
    const exact = erfReference(
      { data: given.x, shape },
      {
        axes: [1],
        alpha: { data: of.alpha, shape: [1] },
        inputShift: { data: of.inputShift, shape: [1] },
        weight: { data: given.weight, shape: [5] },
      },
    );
    expect(relativeError(await y.read(), exact.y.data)).toBeLessThanOrEqual(CLOSE);
  });

  it('saturates, and a NaN spoils no other element', async () => {
    const x = context.tensor([1e30, -1e30, Infinity, -Infinity, NaN, 0, 1e-30, 40], [2, 4]);
    const alpha = context.tensor([0.5], [1]);
    for (const y of [dynamicTanh(x, { alpha }), dynamicErf(x, { alpha })]) {
      const [a, b, c, d, e, f, g, h] = await y.read();
      expect([a, b, c, d, e, f, h]).toEqual([1, -1, 1, -1, NaN, 0, 1]);
      expect(Math.abs(g! / 0.5e-30 - 1)).toBeLessThan(0.13);
    }
  });

  it('alpha may be 0: its gradient is Σ g · x', async () => {
    const x = random.normals(30);
    const dy = random.normals(30);
    const { saved } = dynamicTanhForward(context.tensor(x, [5, 6]), { alpha: context.tensor([0], [1]) });
    const { dx, dalpha } = dynamicTanhBackward(context.tensor(dy, [5, 6]), saved, { gradients: ['dx', 'dalpha'] });
    expect((await dx.read()).every((value) => value === 0)).toBe(true);
    const exact = x.reduce((total, value, index) => total + value * dy[index]!, 0);
    expect(Math.abs((await dalpha.read())[0]! - exact)).toBeLessThan(1e-5);
  });

  it('gradients alone, added up, and the same bits each time', async () => {
    const [x, dy] = [random.normals(7 * 300), random.normals(7 * 300)];
    const [xs, dys, alpha, shift] = [
      context.tensor(x, [7, 300]),
      context.tensor(dy, [7, 300]),
      context.tensor([0.6], [1]),
      context.tensor([0.1], [1]),
    ];
    const { saved } = dynamicErfForward(xs, {
      alpha,
      inputShift: shift,
      weight: context.tensor(x.slice(0, 300), [300]),
    });
    const once = dynamicErfBackward(dys, saved, { gradients: ['dalpha', 'dinputShift'] });
    const all = dynamicErfBackward(dys, saved, { gradients: ['dx', 'dweight', 'dalpha', 'dinputShift'] });
    const into = context.tensor([10], [1]);
    dynamicErfBackward(dys, saved, { gradients: ['dalpha'], accumulate: { dalpha: into } });
    expect(await all.dalpha.read()).toEqual(await once.dalpha.read());
    expect(await all.dinputShift.read()).toEqual(await once.dinputShift.read());
    expect((await into.read())[0]).toBeCloseTo(10 + (await once.dalpha.read())[0]!, 4);
  });

  it.each(['f32', 'f16', 'bf16'] as const)('%s tensors anywhere in a buffer', async (dtype) => {
    const [data, dys] = [random.normals(33), random.normals(33)];
    const results = async (offset: number): Promise<number[][]> => {
      const place = (numbers: ArrayLike<number>, shape: number[]) =>
        placeAt(context, numbers, shape, dtype, offset).tensor;
      const options = { alpha: place([0.75], [1]), weight: place(data.slice(0, 11), [11]) };
      const { y, saved } = dynamicTanhForward(place(data, [3, 11]), options);
      const { dx, dalpha, dweight } = dynamicTanhBackward(place(dys, [3, 11]), saved, {
        gradients: ['dx', 'dalpha', 'dweight'],
      });
      return Promise.all([y, dx, dalpha, dweight].map(async (tensor) => [...(await tensor.read())]));
    };
    expect(await results(3)).toEqual(await results(0));
  });

  it('an empty batch', async () => {
    const alpha = context.tensor([1], [1]);
    const { y, saved } = dynamicTanhForward(context.empty([0, 6]), { alpha });
    const { dx, dalpha } = dynamicTanhBackward(context.empty([0, 6]), saved, { gradients: ['dx', 'dalpha'] });
    expect([y.shape, dx.shape]).toEqual([
      [0, 6],
      [0, 6],
    ]);
    expect(await dalpha.read()).toEqual(new Float32Array(1));
    expect([saved.mean.shape, await saved.mean.read(), await saved.rstd.read()]).toEqual([
      [0],
      new Float32Array(0),
      new Float32Array(0),
    ]);
  });

  it('in pieces', async () => {
    const mode = POINTWISE[0]!;
    const fusing = { dtype: 'f32', like: true, affine: 'both', residual: 'none', modulation: 'none' } as const;
    const fused = fuse(
      mode,
      mode.call({ N: 4, C: 8, L: 64 }, 'rows'),
      'rows',
      { ...fusing, activation: 'none', mask: 'none' },
      random,
    );
    const small = await smallContextFor(contexts, plans as 'software', fused, { withGradient: true });
    expect(isInPieces(plansOf(small!, fused, true), 'dx')).toBe(true);
    const dy = fillGradient(fused, random);
    const exact = tanhGradients(dy, fused.x, fused.arrays as unknown as { alpha: typeof dy });
    const { saved } = callGpuForward(fused, upload(small!));
    const gradients = backwardOf(mode.op)(small!.tensor(dy.data, dy.shape), saved);
    for (const name of ['dx', 'dweight', 'dbias', 'dalpha'] as const) {
      expect(relativeError(await gradients[name].read(), exact[name]!.data), name).toBeLessThanOrEqual(CLOSE);
    }
  });
});
