import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import * as layers from '../../../src/layers/index.ts';
import type { StateDict } from '../../../src/layers/index.ts';
import { caught } from '../../layers/caught.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';

const context = await createContext({ gpu: await gpu() });
const floats = (...numbers: number[]) =>
  ({ dtype: 'F32', shape: [numbers.length], data: Float32Array.from(numbers) }) as const;
const count = (number: bigint) => ({ dtype: 'I64', shape: [], data: BigInt64Array.of(number) }) as const;

it('a state dict is of one moment', async () => {
  using layer = new layers.BatchNorm1d(context, 4);
  const reading = layer.stateDict();
  layer.forward(context.tensor(new Random(76).normals(32, 9), [8, 4]));
  const { running_mean: mean, num_batches_tracked: counted } = await reading;
  expect([counted!.data[0], ...mean!.data]).toEqual([0n, 0, 0, 0, 0]);
});

it.each([
  [0.1, 0n],
  [null, 2n],
])(
  'InstanceNorm with momentum %s counts %s of two batches: those it averages over, as PyTorch no others',
  async (momentum, counts) => {
    using layer = new layers.InstanceNorm1d(context, 2, { trackRunningStats: true, momentum });
    layer.maxSaved = 0;
    for (const part of [1, 2]) layer.forward(context.tensor([0, 1, 2, 3, 4, 5, 6, 7 * part], [1, 2, 4]));
    const { running_mean: mean, num_batches_tracked: counted } = await layer.stateDict();
    expect(counted!.data[0]).toBe(counts);
    expect(mean!.data[0]).toBeCloseTo(momentum === null ? 1.5 : 0.285, 6);
  },
);

it('all that is wrong with a state is named at once, and nothing of it is taken over', async () => {
  using layer = new layers.BatchNorm2d(context, 3);
  const before = await layer.stateDict();
  const wrong = {
    weight: floats(0, 0, 0, 0),
    bias: floats(7, 7, 7),
    running_var: { dtype: 'F64', shape: [3], data: new Float64Array(3) },
    gamma: floats(0, 0, 0),
    num_batches_tracked: { dtype: 'I64', shape: [2], data: BigInt64Array.of(1n, 1n) },
  };
  const { code, message } = caught(() => layer.loadStateDict(wrong as never));
  expect(code).toBe('state');
  for (const part of [
    'weight has shape [4]; it must have [3]',
    'running_mean is missing',
    'running_var holds F64; it must hold F32',
    'gamma is not one of weight, bias, running_mean, running_var, num_batches_tracked',
    'num_batches_tracked has shape [2]; it must have []',
  ]) {
    expect(message).toContain(part);
  }
  expect(message).not.toContain('bias ');
  expect(await layer.stateDict()).toEqual(before);
  const good = { ...before, num_batches_tracked: count(-1n) };
  expect(caught(() => layer.loadStateDict(good)).message).toMatch(/num_batches_tracked is -1/);
  expect(caught(() => layer.loadStateDict(null as never)).code).toBe('state');
  expect(caught(() => layer.loadStateDict({ ...before, bias: null } as never)).message).toMatch(/bias is no entry/);
  expect(caught(() => layer.loadStateDict(layer.stateDict() as never)).message).toMatch(
    /is a Promise \(await it first\)/,
  );
});

describe('state dicts of other times and places', () => {
  const running = { running_mean: floats(1, 2), running_var: floats(3, 4) };
  const affine = { weight: floats(5, 6), bias: floats(7, 8) };
  const full: StateDict = { ...affine, ...running, num_batches_tracked: count(9n) };

  it('without a count of batches it is set to 0', async () => {
    using layer = new layers.BatchNorm1d(context, 2);
    layer.loadStateDict(full);
    expect(layer.loadStateDict({ ...affine, ...running })).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect(await layer.stateDict()).toEqual({ ...full, num_batches_tracked: count(0n) });
  });

  it.each([
    ['one element', { dtype: 'I64', shape: [1], data: BigInt64Array.of(41n) }],
    ['I32', { dtype: 'I32', shape: [], data: Int32Array.of(41) }],
    ['F32', { dtype: 'F32', shape: [], data: Float32Array.of(41) }],
  ] as const)('a count of batches may be %s', async (_, given) => {
    using layer = new layers.BatchNorm1d(context, 2);
    layer.loadStateDict({ ...full, num_batches_tracked: given });
    expect(await layer.stateDict()).toEqual({ ...full, num_batches_tracked: count(41n) });
  });

  it('not strict, the layer keeps what is missing', async () => {
    using layer = new layers.BatchNorm1d(context, 2);
    layer.loadStateDict(full);
    expect(layer.loadStateDict({ bias: floats(0, 1), head: floats(1) }, { strict: false })).toEqual({
      missingKeys: ['weight', 'running_mean', 'running_var', 'num_batches_tracked'],
      unexpectedKeys: ['head'],
    });
    expect(await layer.stateDict()).toEqual({ ...full, bias: floats(0, 1) });
  });

  it('names of TensorFlow and Keras are renamed', async () => {
    using layer = new layers.BatchNorm1d(context, 2);
    const { weight: gamma, bias: beta } = affine;
    const { running_mean: mean, running_var: variance } = running;
    const rename = { gamma: 'weight', beta: 'bias', moving_mean: 'running_mean', moving_variance: 'running_var' };
    layer.loadStateDict({ gamma, beta, moving_mean: mean, moving_variance: variance }, { rename });
    expect(await layer.stateDict()).toEqual({ ...full, num_batches_tracked: count(0n) });
  });
});
