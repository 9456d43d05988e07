import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { DynamicErf, DynamicTanh } from '../../../src/layers/index.ts';
import { dynamicErfBackward } from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

const context = await createContext({ gpu: await gpu() });
const f32 = (data: number[]) => ({ dtype: 'F32', shape: [data.length], data: Float32Array.from(data) }) as const;

it('DyT has the state of the published code', async () => {
  using layer = new DynamicTanh(context, 3, { alphaInitValue: 0.8 });
  expect(await layer.stateDict()).toEqual({ weight: f32([1, 1, 1]), bias: f32([0, 0, 0]), alpha: f32([0.8]) });
  const other = { weight: f32([1, 2, 3]), bias: f32([4, 5, 6]), alpha: f32([0.25]) };
  layer.loadStateDict(other);
  expect(await layer.stateDict()).toEqual(other);
  const y = await layer
    .eval()
    .forward(context.tensor([4, -4, 0], [1, 3]))
    .read();
  expect([...y]).toEqual([Math.tanh(1) + 4, 5 - 2 * Math.tanh(1), 6].map((value) => expect.closeTo(value, 5)));
});

it('Derf trains alpha and its shift too', async () => {
  const random = new Random(3);
  const [x, dy] = [random.normals(20), random.normals(20)];
  using layer = new DynamicErf(context, [2, 5], { shiftInitValue: 0.1 });
  expect(Object.keys(await layer.stateDict())).toEqual(['weight', 'bias', 'alpha', 'shift']);
  const one = (value: number) => ({ data: [value], shape: [1] });
  const exact = dynamicErfBackward(
    { data: dy, shape: [2, 2, 5] },
    { data: x, shape: [2, 2, 5] },
    { axes: [1, 2], alpha: one(0.5), inputShift: one(Math.fround(0.1)) },
  );
  layer.forward(context.tensor(x, [2, 2, 5]));
  const dx = layer.backward(context.tensor(dy, [2, 2, 5]));
  const [weight, bias, alpha, shift] = layer.parameters();
  expect(relativeError(await dx.read(), exact.dx.data)).toBeLessThan(1e-5);
  expect(relativeError(await alpha!.grad.read(), exact.dalpha.data)).toBeLessThan(1e-5);
  expect(relativeError(await shift!.grad.read(), exact.dinputShift!.data)).toBeLessThan(1e-5);
  expect([weight!.grad.shape, bias!.grad.shape]).toEqual([
    [2, 5],
    [2, 5],
  ]);
});

it('refuses what is no number to begin with', () => {
  expect(() => new DynamicTanh(context, 3, { alphaInitValue: NaN })).toThrow(
    'DynamicTanh: alphaInitValue is NaN; it must be a finite number',
  );
});
