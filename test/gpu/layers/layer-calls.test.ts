import { describe, expect, it, vi } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as layers from '../../../src/layers/index.ts';
import { caught } from '../../layers/caught.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';

const context = await createContext({ gpu: await gpu() });

describe('modes of a layer', () => {
  const x = context.tensor(new Random(72).normals(3 * 4 * 10, 5, 2), [3, 4, 10]);

  it('training tracks, evaluation uses what was tracked', async () => {
    using layer = new layers.BatchNorm1d(context, 4);
    layer.forward(x);
    const { running_mean: mean, num_batches_tracked: count } = await layer.stateDict();
    expect(count!.data[0]).toBe(1n);
    expect(Math.max(...(mean!.data as Float32Array))).toBeGreaterThan(0.3);
    const before = await layer.stateDict();
    const y = await layer.eval().forward(x).read();
    expect(await layer.stateDict()).toEqual(before);
    expect(y.reduce((sum, value) => sum + value, 0) / y.length).toBeGreaterThan(0.5);
  });

  it('without tracked statistics evaluation uses those of the input', async () => {
    using layer = new layers.BatchNorm1d(context, 4, { trackRunningStats: false });
    const trained = await layer.forward(x).read();
    expect(await layer.eval().forward(x).read()).toEqual(trained);
  });

  it('records into an encoder, forward and backward in one', async () => {
    using layer = new layers.LayerNorm(context, 10);
    using twin = new layers.LayerNorm(context, 10);
    const dy = context.tensor(new Random(73).normals(120), [3, 4, 10]);
    const encoder = context.device.createCommandEncoder();
    layer.forward(x, { encoder });
    const dx = layer.backward(dy, { encoder });
    layer.forward(x, { encoder });
    context.device.queue.submit([encoder.finish()]);
    twin.forward(x);
    expect(await dx.read()).toEqual(await twin.backward(dy).read());
  });
});

it('options are those a layer was made with, whatever becomes of their object', async () => {
  const x = context.tensor(new Random(76).normals(12), [3, 4]);
  const Layers = [
    (options: { eps: number }) => new layers.GraphNorm(context, 4, options),
    (options: { eps: number }) => new layers.GlobalResponseNorm(context, 4, options),
    (options: { eps: number }) => new layers.LayerNorm(context, 4, options),
    (options: { eps: number }) => new layers.GroupNorm(context, 2, 4, options),
    (options: { eps: number }) => new layers.BatchNorm1d(context, 4, options),
  ];
  for (const make of Layers) {
    const options = { eps: 1e-3 };
    using layer = make(options);
    const before = await layer.forward(x).read();
    options.eps = 10;
    expect(await layer.forward(x).read()).toEqual(before);
  }
});

it('planning calls of a layer leaves what a real call kept', async () => {
  const [x, dy] = [74, 75].map((seed) => context.tensor(new Random(seed).normals(120), [3, 4, 10]));
  using layer = new layers.LayerNorm(context, 10);
  layer.forward(x!);
  const small = (): Tensor => layer.backward(layer.forward(context.empty([2, 10])));
  expect(context.explain(small)).toHaveLength(2);
  await context.prepare(small);
  const dx = await layer.backward(dy!).read();
  layer.forward(x!);
  expect(await layer.backward(dy!).read()).toEqual(dx);
});

const random = new Random(77);
const shapes = [
  [2, 3, 6],
  [4, 6],
  [5, 2, 6],
];
const upload = (shape: number[]): Tensor =>
  context.tensor(random.normals(shape.reduce((size, length) => size * length, 1)), shape);

describe('a layer that is called several times before backward', () => {
  it('takes its calls back from the last to the first', async () => {
    using shared = new layers.LayerNorm(context, 6);
    using single = new layers.LayerNorm(context, 6);
    const [xs, dys] = [shapes.map(upload), shapes.map(upload)];
    for (const x of xs) shared.forward(x);
    for (const [index, dy] of [...dys.entries()].toReversed()) {
      const dx = await shared.backward(dy).read();
      single.forward(xs[index]!);
      expect(await single.backward(dy).read()).toEqual(dx);
    }
    for (const [index, { grad }] of shared.parameters().entries()) {
      expect(await grad.read()).toEqual(await single.parameters()[index]!.grad.read());
    }
    expect(caught(() => shared.backward(dys[0]!)).code).toBe('saved');
  });

  it('keeps a call whose gradient was refused, and those of training through evaluation', async () => {
    using layer = new layers.LayerNorm(context, 6);
    const [x, dy] = [upload([4, 6]), upload([4, 6])];
    layer.forward(x);
    const wanted = await layer.backward(dy).read();
    layer.forward(x);
    layer.eval().forward(upload([3, 6]));
    expect(caught(() => layer.backward(upload([3, 6]))).code).toBe('shape');
    expect(await layer.backward(dy).read()).toEqual(wanted);
  });

  it('refuses more calls than maxSaved before anything is recorded, until there is room', async () => {
    using layer = new layers.BatchNorm1d(context, 6);
    const x = upload([4, 6]);
    for (let call = 0; call < 16; call++) layer.forward(x);
    const { code, message } = caught(() => layer.forward(x));
    expect(code).toBe('saved');
    expect(message).toMatch(/BatchNorm1d: 16 forward calls are kept for backward, and maxSaved is 16; .*freeSaved\(\)/);
    expect((await layer.stateDict())['num_batches_tracked']!.data[0]).toBe(16n);
    layer.eval().forward(x);
    layer.train().backward(x);
    layer.forward(x);
    layer.freeSaved();
    expect(caught(() => layer.backward(x)).code).toBe('saved');
    layer.forward(x);
    layer.backward(x);
  });

  it('keeps none where maxSaved is 0: training over and over only tracks', async () => {
    using layer = new layers.BatchNorm1d(context, 6);
    layer.maxSaved = 0;
    const x = upload([4, 6]);
    for (let call = 0; call < 20; call++) layer.forward(x).destroy();
    expect((await layer.stateDict())['num_batches_tracked']!.data[0]).toBe(20n);
    expect(caught(() => layer.backward(x)).code).toBe('saved');
  });

  it.each([[-1], [1.5], ['16'], [null]])('maxSaved is not %j', (most) => {
    using layer = new layers.LayerNorm(context, 6);
    layer.maxSaved = most as number;
    expect(caught(() => layer.forward(upload([4, 6])))).toMatchObject({ code: 'option' });
  });

  it.each(['training', 'keepSaved'] as const)('%s is no text', (flag) => {
    using layer = new layers.LayerNorm(context, 6);
    Object.assign(layer, { [flag]: 'false' });
    const message = `LayerNorm: ${flag} is the text "false"; it must be true or false`;
    expect(caught(() => layer.forward(upload([4, 6])))).toMatchObject({ code: 'option', message });
  });

  it('gives the memory of each call back once', () => {
    const give = vi.spyOn(context.runtime.pool, 'give');
    const layer = new layers.LayerNorm(context, 6);
    const x = upload([4, 6]);
    for (let call = 0; call < 3; call++) layer.forward(x);
    layer.backward(x);
    expect(give).toHaveBeenCalledTimes(1);
    layer.freeSaved();
    expect(give).toHaveBeenCalledTimes(3);
    layer.forward(x);
    layer.destroy();
    const own = 4; // Weight, bias and their gradients.
    expect(give).toHaveBeenCalledTimes(3 + 1 + own);
    give.mockRestore();
  });

  it('leaves what an encoder mentions to be freed later', async () => {
    using layer = new layers.LayerNorm(context, 6);
    const [xs, dys] = [shapes.map(upload), shapes.map(upload)];
    const wanted: Float32Array[] = [];
    xs.forEach((x) => layer.forward(x));
    for (const dy of dys.toReversed()) wanted.push(await layer.backward(dy).read());
    const encoder = context.device.createCommandEncoder();
    for (const x of xs) layer.forward(x, { encoder });
    const results = dys.toReversed().map((dy) => layer.backward(dy, { encoder }));
    layer.forward(xs[0]!, { encoder });
    layer.freeSaved();
    for (const x of xs) layer.forward(x);
    context.device.queue.submit([encoder.finish()]);
    expect(await Promise.all(results.map((dx) => dx.read()))).toEqual(wanted);
  });
});

describe('planned calls of a layer', () => {
  const plan = (calls: () => unknown): number => context.explain(calls).length;

  it('are as many as wanted, and those kept by real calls stay', async () => {
    using layer = new layers.LayerNorm(context, 6);
    const [x, dy] = [upload([4, 6]), upload([4, 6])];
    layer.forward(x);
    const rows = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(plan(() => rows.forEach((row) => layer.forward(context.empty([row, 6]))))).toBe(20);
    const backwards = (): void => rows.toReversed().forEach((row) => layer.backward(context.empty([row, 6])));
    expect(caught(() => plan(backwards)).code).toBe('shape');
    const both = (): void => {
      for (const row of rows) layer.forward(context.empty([row, 6]));
      backwards();
      layer.backward(dy);
    };
    expect(plan(both)).toBe(41);
    await context.prepare(both);
    plan(() => layer.freeSaved());
    await layer.backward(dy).read();
    expect(caught(() => layer.backward(dy)).code).toBe('saved');
  });

  it('leave gradients as they are', async () => {
    using layer = new layers.LayerNorm(context, 6);
    const [x, dy] = [upload([4, 6]), upload([4, 6])];
    layer.forward(x);
    layer.backward(dy);
    const { grad } = layer.parameters()[0]!;
    const before = await grad.read();
    plan(() => layer.zeroGrad());
    expect(await grad.read()).toEqual(before);
  });

  it('are also those of a layer made meanwhile', () => {
    const made = (): Tensor => new layers.LayerNorm(context, 6).forward(context.empty([4, 6]));
    expect(plan(made)).toBe(1);
  });
});
