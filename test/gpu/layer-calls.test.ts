import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/index.ts';
import type { Tensor } from '../../src/index.ts';
import * as layers from '../../src/layers/index.ts';
import { gpu } from '../setup/gpu.ts';
import { Random } from './support/random.ts';

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
