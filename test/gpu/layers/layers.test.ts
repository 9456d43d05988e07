import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as layers from '../../../src/layers/index.ts';
import type { Layer, StateDict } from '../../../src/layers/index.ts';
import * as reference from '../../../src/reference/index.ts';
import type { Gradients, NdArray } from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError, sizeOf } from '../support/run.ts';

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
        const wanted = exact[`d${name}` as 'dweight']!.data.map((value) => times * value);
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
