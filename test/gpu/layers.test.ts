import { describe, expect, it } from 'vitest';
import { createContext } from '../../src/index.ts';
import type { Context, NormError, Tensor } from '../../src/index.ts';
import * as layers from '../../src/layers/index.ts';
import type { Layer, StateDict } from '../../src/layers/index.ts';
import * as reference from '../../src/reference/index.ts';
import type { Gradients, NdArray } from '../../src/reference/index.ts';
import { gpu } from '../setup/gpu.ts';
import { Random } from './support/random.ts';
import { relativeError, sizeOf } from './support/run.ts';

const context = await createContext({ gpu: await gpu() });
const CLOSE = 64 * 2 ** -24;

interface Case {
  make: (context: Context) => Layer;
  shape: number[];
  /** Names and shapes of the state, as PyTorch has them. */
  state: Record<string, number[]>;
  gradient: (dy: NdArray, x: NdArray, affine: { weight?: NdArray; bias?: NdArray }) => Gradients;
}

const { batchNormBackward, groupNormBackward, instanceNormBackward, layerNormBackward, rmsNormBackward } = reference;
const affine = (...shape: number[]) => ({ weight: shape, bias: shape });
const tracked = (size: number) => ({ running_mean: [size], running_var: [size], num_batches_tracked: [] });
const training = { training: true };

const cases: Record<string, Case> = {
  'BatchNorm1d, two axes': {
    make: (on) => new layers.BatchNorm1d(on, 6),
    shape: [8, 6],
    state: { ...affine(6), ...tracked(6) },
    gradient: (dy, x, given) => batchNormBackward(dy, x, { ...training, ...given }),
  },
  BatchNorm2d: {
    make: (on) => new layers.BatchNorm2d(on, 6),
    shape: [3, 6, 4, 5],
    state: { ...affine(6), ...tracked(6) },
    gradient: (dy, x, given) => batchNormBackward(dy, x, { ...training, ...given }),
  },
  'BatchNorm3d, channels last, no parameters': {
    make: (on) => new layers.BatchNorm3d(on, 6, { layout: 'NDHWC', affine: false, momentum: null }),
    shape: [3, 2, 4, 5, 6],
    state: tracked(6),
    gradient: (dy, x) => batchNormBackward(dy, x, { ...training, layout: 'NDHWC' }),
  },
  'LayerNorm of two axes': {
    make: (on) => new layers.LayerNorm(on, [4, 5]),
    shape: [3, 4, 5],
    state: affine(4, 5),
    gradient: (dy, x, given) => layerNormBackward(dy, x, { axes: [1, 2], ...given }),
  },
  'LayerNorm without bias': {
    make: (on) => new layers.LayerNorm(on, 5, { bias: false, eps: 1e-3 }),
    shape: [3, 5],
    state: { weight: [5] },
    gradient: (dy, x, given) => layerNormBackward(dy, x, { eps: 1e-3, ...given }),
  },
  'InstanceNorm1d, one sample': {
    make: (on) => new layers.InstanceNorm1d(on, 6),
    shape: [6, 9],
    state: {},
    gradient: (dy, x) => instanceNormBackward(dy, x, { channelAxis: 0 }),
  },
  'InstanceNorm2d with everything': {
    make: (on) => new layers.InstanceNorm2d(on, 6, { affine: true, trackRunningStats: true }),
    shape: [2, 6, 4, 5],
    state: { ...affine(6), ...tracked(6) },
    gradient: (dy, x, given) => instanceNormBackward(dy, x, given),
  },
  InstanceNorm3d: {
    make: (on) => new layers.InstanceNorm3d(on, 2, { affine: true }),
    shape: [2, 2, 3, 4, 5],
    state: affine(2),
    gradient: (dy, x, given) => instanceNormBackward(dy, x, given),
  },
  GroupNorm: {
    make: (on) => new layers.GroupNorm(on, 3, 6, { layout: 'NHWC' }),
    shape: [2, 4, 5, 6],
    state: affine(6),
    gradient: (dy, x, given) => groupNormBackward(dy, x, { numGroups: 3, layout: 'NHWC', ...given }),
  },
  RMSNorm: {
    make: (on) => new layers.RMSNorm(on, 5),
    shape: [3, 5],
    state: { weight: [5] },
    gradient: (dy, x, given) => rmsNormBackward(dy, x, given),
  },
};

const upload = ({ data, shape }: NdArray): Tensor => context.tensor(Float32Array.from(data), shape);

/** A state of the right shapes with other numbers than a new layer has. */
function otherState(shapes: Case['state'], random: Random): StateDict {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      name === 'num_batches_tracked'
        ? { dtype: 'I64', shape, data: BigInt64Array.of(41n) }
        : { dtype: 'F32', shape, data: random.normals(sizeOf(shape), 2, 0.3) },
    ]),
  );
}

describe.each(Object.entries(cases))('%s', (_, { make, shape, state, gradient }) => {
  const random = new Random(71);
  const x = { data: random.normals(sizeOf(shape), 1), shape };
  const dy = { data: random.normals(sizeOf(shape), 0.3), shape };

  it('has the state that PyTorch has, ones and zeros at first', async () => {
    using layer = make(context);
    const entries = await layer.stateDict();
    expect(Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.shape]))).toEqual(state);
    for (const [name, { dtype, data }] of Object.entries(entries)) {
      expect(dtype).toBe(name === 'num_batches_tracked' ? 'I64' : 'F32');
      const first = name === 'weight' || name === 'running_var' ? 1 : 0;
      expect(
        [...data].every((value) => Number(value) === first),
        name,
      ).toBe(true);
    }
  });

  it('round-trips its state, through safetensors too', async () => {
    using layer = make(context);
    using twin = make(context);
    const given = otherState(state, random);
    layer.loadStateDict(given);
    expect(await layer.stateDict()).toEqual(given);
    twin.loadStateDict(layers.readSafetensors(layers.writeSafetensors(await layer.stateDict())));
    for (const mode of [false, true]) {
      const [one, other] = [layer, twin].map((each) => each.train(mode).forward(upload(x)));
      expect(await one!.read()).toEqual(await other!.read());
    }
  });

  it('trains: its gradients are those of the function, added up over two batches', async () => {
    using layer = make(context);
    const given = otherState(state, random);
    layer.loadStateDict(given);
    const { weight, bias } = given as Record<string, NdArray>;
    const exact = gradient(dy, x, { ...(weight && { weight }), ...(bias && { bias }) });
    for (const times of [1, 2]) {
      layer.forward(upload(x));
      const dx = await layer.backward(upload(dy)).read();
      expect(relativeError(dx, exact.dx.data, { data: [2], shape: [1] })).toBeLessThanOrEqual(CLOSE);
      for (const { name, grad } of layer.parameters()) {
        const wanted = exact[`d${name}`]!.data.map((value) => times * value);
        expect(relativeError(await grad.read(), wanted, { data: [4], shape: [1] }), name).toBeLessThanOrEqual(CLOSE);
      }
    }
    layer.zeroGrad();
    for (const { grad } of layer.parameters())
      expect([...(await grad.read())].every((value) => value === 0)).toBe(true);
  });

  it('keeps nothing in eval mode, unless told to', () => {
    using layer = make(context);
    layer.eval().forward(upload(x));
    expect(() => layer.backward(upload(dy))).toThrow(/backward needs a forward call before it/);
    layer.keepSaved = true;
    layer.forward(upload(x));
    layer.backward(upload(dy));
    expect(() => layer.backward(upload(dy))).toThrow(expect.objectContaining({ code: 'saved' }));
  });
});

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

it('a state dict is of one moment', async () => {
  using layer = new layers.BatchNorm1d(context, 4);
  const reading = layer.stateDict();
  layer.forward(context.tensor(new Random(76).normals(32, 9), [8, 4]));
  const { running_mean: mean, num_batches_tracked: count } = await reading;
  expect([count!.data[0], ...mean!.data]).toEqual([0n, 0, 0, 0, 0]);
});

describe('wrong states and calls', () => {
  const caught = (call: () => unknown): NormError => {
    try {
      call();
    } catch (error) {
      return error as NormError;
    }
    throw new Error('nothing was thrown');
  };

  it.each([
    ['with parameters', () => new layers.LayerNorm(context, 4)],
    ['without', () => new layers.InstanceNorm1d(context, 4)],
  ])('a destroyed layer, %s, touches no memory that may be somebody else’s', async (_, make) => {
    const layer = make();
    const state = await layer.stateDict();
    layer.destroy();
    layer.destroy();
    const x = context.tensor(new Float32Array(16), [1, 4, 4]);
    for (const call of [() => layer.forward(x), () => layer.backward(x), () => layer.zeroGrad()]) {
      expect(caught(call).code).toBe('destroyed');
    }
    expect(caught(() => layer.loadStateDict(state)).code).toBe('destroyed');
    await expect(layer.stateDict()).rejects.toMatchObject({ code: 'destroyed' });
  });

  it('all that is wrong with a state is named at once, and nothing of it is taken over', async () => {
    using layer = new layers.BatchNorm2d(context, 3);
    const before = await layer.stateDict();
    const wrong = {
      weight: { dtype: 'F32', shape: [4], data: new Float32Array(4) },
      bias: { dtype: 'F32', shape: [3], data: Float32Array.of(7, 7, 7) },
      running_var: { dtype: 'F64', shape: [3], data: new Float64Array(3) },
      gamma: { dtype: 'F32', shape: [3], data: new Float32Array(3) },
      num_batches_tracked: { dtype: 'I64', shape: [1], data: BigInt64Array.of(1n) },
    };
    const { code, message } = caught(() => layer.loadStateDict(wrong as never));
    expect(code).toBe('state');
    for (const part of [
      'weight has shape [4]; it must have [3]',
      'running_mean is missing',
      'running_var holds F64; it must hold F32',
      'gamma is not one of weight, bias, running_mean, running_var, num_batches_tracked',
      'num_batches_tracked has shape [1]; it must have []',
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain('bias ');
    expect(await layer.stateDict()).toEqual(before);
    const good = { ...before, num_batches_tracked: { dtype: 'I64', shape: [], data: BigInt64Array.of(-1n) } } as const;
    expect(caught(() => layer.loadStateDict(good)).message).toMatch(/num_batches_tracked is -1/);
    expect(caught(() => layer.loadStateDict(null as never)).code).toBe('state');
    expect(caught(() => layer.loadStateDict({ ...before, bias: null } as never)).message).toMatch(/bias is no entry/);
  });

  it.each<[string, string, () => unknown]>([
    ['a picture for rows', 'shape', () => new layers.BatchNorm1d(context, 4).forward(context.empty([2, 4, 3, 3]))],
    ['rows for a picture', 'shape', () => new layers.BatchNorm2d(context, 4).forward(context.empty([2, 4]))],
    ['other channels', 'parameter', () => new layers.BatchNorm2d(context, 4).forward(context.empty([2, 5, 3, 3]))],
    ['other last axes', 'shape', () => new layers.LayerNorm(context, [3, 4]).forward(context.empty([3, 5]))],
    ['no features', 'option', () => new layers.BatchNorm2d(context, 0)],
    ['no normalized axes', 'option', () => new layers.LayerNorm(context, [])],
    ['groups that do not divide', 'groups', () => new layers.GroupNorm(context, 4, 6)],
    ['a misspelt option', 'option', () => new layers.BatchNorm2d(context, 4, { track: true } as never)],
    ['a flag that is text', 'option', () => new layers.LayerNorm(context, 4, { bias: 'no' } as never)],
    ['a gradient before a forward call', 'saved', () => new layers.RMSNorm(context, 4).backward(context.empty([2, 4]))],
  ])('%s is refused', (_, code, call) => {
    expect(caught(call).code).toBe(code);
  });
});
