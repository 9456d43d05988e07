import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { DynamicErf, DynamicTanh, GlobalResponseNorm, ScaleNorm } from '../../../src/layers/index.ts';
import { dynamicErfBackward, globalResponseNormBackward, scaleNormBackward } from '../../../src/reference/index.ts';
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

it('GRN begins as nothing but x, and trains', async () => {
  const random = new Random(4);
  using layer = new GlobalResponseNorm(context, 3, { layout: 'NHWC' });
  expect(await layer.stateDict()).toEqual({ weight: f32([0, 0, 0]), bias: f32([0, 0, 0]) });
  const data = random.normals(24);
  const x = context.tensor(data, [2, 2, 2, 3]);
  expect(await layer.forward(x).read()).toEqual(data);
  const exact = globalResponseNormBackward(
    { data, shape: [2, 2, 2, 3] },
    { data, shape: [2, 2, 2, 3] },
    { layout: 'NHWC', weight: { data: [0, 0, 0], shape: [3] } },
  );
  layer.backward(x);
  const [weight] = layer.parameters();
  expect(relativeError(await weight!.grad.read(), exact.dweight!.data)).toBeLessThan(1e-5);
  const { state } = { state: { gamma: f32([1, 2, 3]), beta: f32([4, 5, 6]) } };
  layer.loadStateDict(state, { rename: { gamma: 'weight', beta: 'bias' } });
  expect(await layer.stateDict()).toEqual({ weight: f32([1, 2, 3]), bias: f32([4, 5, 6]) });
});

it('ScaleNorm trains one number, which published states hold without an axis', async () => {
  const random = new Random(5);
  using layer = new ScaleNorm(context, { scaleInitValue: 3 });
  expect(await layer.stateDict()).toEqual({ scale: f32([3]) });
  layer.loadStateDict({ scale: { dtype: 'F32', shape: [], data: Float32Array.of(2) } });
  const [x, dy] = [random.normals(12), random.normals(12)].map((data) => ({ data, shape: [3, 4] }));
  const exact = scaleNormBackward(dy!, x!, { weight: { data: [2], shape: [1] } });
  const y = layer.forward(context.tensor(x!.data, [3, 4]));
  const [first] = await y.read();
  expect(first).toBeCloseTo((2 * x!.data[0]!) / Math.hypot(...x!.data.subarray(0, 4)), 5);
  const dx = layer.backward(context.tensor(dy!.data, [3, 4]));
  expect(relativeError(await dx.read(), exact.dx.data)).toBeLessThan(1e-5);
  expect(relativeError(await layer.parameters()[0]!.grad.read(), exact.dweight!.data)).toBeLessThan(1e-5);
});

it('refuses what is no number to begin with', () => {
  expect(() => new DynamicTanh(context, 3, { alphaInitValue: NaN })).toThrow(
    'DynamicTanh: alphaInitValue is NaN; it must be a finite number',
  );
});
