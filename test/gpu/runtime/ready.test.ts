import { afterEach, describe, expect, it, vi } from 'vitest';
import * as norm from '../../../src/index.ts';
import {
  batchNorm,
  createContext,
  groupNorm,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  rmsNorm,
} from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { LayerNorm } from '../../../src/layers/index.ts';
import { gpu } from '../../setup/gpu.ts';

const context = await createContext({ gpu: await gpu() });
const { device } = context;

afterEach(() => void vi.restoreAllMocks());

/** Spies on what stops a page, and on what does not. */
const compilers = () => ({
  now: vi.spyOn(device, 'createComputePipeline'),
  later: vi.spyOn(device, 'createComputePipelineAsync'),
});

it('a call that frees what it read frees it once, when it is made', async () => {
  const [x, expected] = [context.tensor([1, 2, 3, 6], [1, 4]), layerNorm(context.tensor([1, 2, 3, 6], [1, 4]))];
  const call = () => {
    const y = layerNorm(x);
    x.destroy();
    return y;
  };
  expect(context.explain(call)).toHaveLength(1);
  expect(x.destroyed).toBe(false);
  const y = await context.ready(call);
  expect(x.destroyed).toBe(true);
  expect(await y.read()).toEqual(await expected.read());
});

it('a call that destroys a layer destroys it once, when it is made', async () => {
  const [x, layer] = [context.tensor([1, 2, 3, 6], [1, 4]), new LayerNorm(context, 4)];
  const call = () => {
    const y = layer.eval().forward(x);
    layer.destroy();
    return y;
  };
  expect(context.explain(call)).toHaveLength(1);
  expect(await (await context.ready(call)).read()).toEqual(await layerNorm(x).read());
  expect(call).toThrow('LayerNorm: forward of a layer that was destroyed');
});

it('a plan that was explained is a copy: what is done to it befalls no call', async () => {
  const x = context.tensor([1, 2, 3, 6], [1, 4]);
  const expected = await layerNorm(x).read();
  const [plan] = context.explain(() => layerNorm(x));
  plan!.passes.length = 0;
  expect(await layerNorm(x).read()).toEqual(expected);
});

describe('programs', () => {
  it('are there once a call is ready: nothing stops the page, and the result is that of the call', async () => {
    const x = context.tensor([1, 2, 3, 4, 5, 6, 7, 9], [2, 4]);
    const { now, later } = compilers();
    const y = await context.ready(() => layerNorm(x, { activation: 'tanh' }));
    expect(later).toHaveBeenCalledTimes(1);
    expect(await y.read()).toEqual(await layerNorm(x, { activation: 'tanh' }).read());
    expect(now).not.toHaveBeenCalled();
    await context.ready(() => layerNorm(x, { activation: 'tanh' }));
    expect(later).toHaveBeenCalledTimes(1);
  });

  it('are told by prepare where they were not there', async () => {
    const call = (rows: number) => () => rmsNorm(context.empty([rows, 64]), { activation: 'sigmoid' });
    expect(await context.prepare(call(5))).toEqual([expect.stringMatching(/normalize .* rms .* sigmoid/)]);
    expect(await context.prepare(call(5))).toEqual([]);
    expect(await context.prepare(call(6))).toEqual([]);
  });

  it('are those of a result in the buffer of an operand, which is bound for writing too', async () => {
    const call = (memory: Tensor<'f32'>) => (): Tensor => {
      return rmsNorm(memory.slice(0, 0, 4), { out: memory.slice(0, 4, 8), activation: 'elu' });
    };
    const [all, wrapped] = [
      context.empty([8, 64]),
      context.wrap(device.createBuffer({ size: 2048, usage: 0x80 }), { shape: [8, 64] }),
    ];
    expect(await context.prepare(() => call(context.empty([8, 64]))())).toHaveLength(1);
    for (const memory of [all, wrapped]) expect(await context.prepare(call(memory))).toEqual([]);
    const { now } = compilers();
    for (const memory of [all, wrapped]) call(memory)();
    expect(now).not.toHaveBeenCalled();
  });

  it('are those of zeros where a buffer takes no copies', async () => {
    const dweight = context.wrap(device.createBuffer({ size: 256, usage: 0x80 }), { shape: [6] });
    const { saved } = layerNormForward(context.empty([0, 6]), { weight: context.empty([6]) });
    const call = () => layerNormBackward(context.empty([0, 6]), saved, { out: { dweight } });
    expect(await context.prepare(call)).toEqual([expect.stringContaining('zeros')]);
    const { now } = compilers();
    call();
    expect(now).not.toHaveBeenCalled();
  });

  it('that a context is made with are there from the start', async () => {
    const { now, later } = compilers();
    const options = { numGroups: 2, activation: 'gelu' } as const;
    using other = await createContext({ device, programs: (made) => groupNorm(made.empty([4, 4, 8, 8]), options) });
    expect(later).toHaveBeenCalled();
    groupNorm(other.empty([6, 4, 12, 8]), options).destroy();
    expect(now).not.toHaveBeenCalled();
  });

  it.each([
    ['no function', () => context.ready(3 as never), /ready: calls is 3/],
    ['an async function', () => context.ready(async () => Promise.resolve()), /ready: calls is an Async/],
    ['programs that are none', () => createContext({ device, programs: [] as never }), /createContext: programs is/],
    ['specialize as text', () => createContext({ device, specialize: 'no' as never }), /specialize is .*no/],
  ])('refuse %s', async (_, call, message) => {
    await expect(call()).rejects.toMatchObject({ code: 'option', message: expect.stringMatching(message) as string });
  });

  it('are only those of their kind where shapes get none of their own', async () => {
    using plain = await createContext({ device, specialize: false });
    const { later } = compilers();
    for (let call = 0; call < 20; call++) layerNorm(plain.empty([3, 36]), { activation: 'relu' }).destroy();
    await device.queue.onSubmittedWorkDone();
    expect(later).not.toHaveBeenCalled();
  });
});

describe('calls that are only planned', () => {
  /** A call that would be told by its running statistics. */
  const tracking = (made: Context) => {
    const [runningMean, runningVar] = [made.tensor([0, 0], [2]), made.tensor([1, 1], [2])];
    const x = made.tensor([1, 2, 3, 4, 5, 9], [3, 2]);
    return { runningMean, call: () => batchNorm(x, { training: true, runningMean, runningVar, momentum: 0.5 }) };
  };

  it('are so whatever context their tensors are of', async () => {
    using other = await createContext({ device });
    const { runningMean, call } = tracking(other);
    expect(context.explain(call)).toHaveLength(1);
    await context.prepare(call);
    expect(await runningMean.read()).toEqual(Float32Array.of(0, 0));
    await context.ready(call);
    expect(await runningMean.read()).toEqual(Float32Array.of(1.5, 2.5));
  });

  it('are so on another device, and refused there, for nothing could be compiled for the context', async () => {
    using other = await createContext({ gpu: await gpu() });
    const { runningMean, call } = tracking(other);
    expect(() => context.explain(call)).toThrow('explain: the calls are on another device');
    await expect(context.prepare(call)).rejects.toMatchObject({ code: 'device' });
    await expect(context.ready(call)).rejects.toMatchObject({ code: 'device' });
    expect(await runningMean.read()).toEqual(Float32Array.of(0, 0));
  });

  /** What a call makes while it is only planned. */
  const planned = <Made>(call: () => Made): Made => {
    let made!: Made;
    context.explain(() => (made = call()));
    return made;
  };
  const x = context.tensor([1, 2, 3, 4, 5, 9], [3, 2]);

  it.each<[string, () => unknown]>([
    ['a tensor', () => layerNorm(x, { weight: planned(() => context.tensor([2, 2], [2])) })],
    ['a result', () => layerNorm(planned(() => layerNorm(x)))],
    ['an out', () => layerNorm(x, { out: planned(() => context.empty([3, 2])) })],
    ['a view', () => layerNorm(planned(() => context.empty([4, 2])).slice(0, 1, 4))],
    ['what is saved', () => norm.layerNormBackward(x, planned(() => norm.layerNormForward(x)).saved)],
    ['moments', () => batchNorm(x, { training: true, moments: planned(() => norm.moments(x, { axes: 0 })) })],
    ['a part', () => norm.mergeMoments([planned(() => norm.moments(x, { axes: 0 }))])],
    ['a layer', () => planned(() => new LayerNorm(context, 2)).forward(x)],
    ['gradients of a layer', () => planned(() => new LayerNorm(context, 2)).zeroGrad()],
  ])('leave nothing that may be used: %s', (_, call) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'destroyed', message: expect.stringMatching(/only planned/) as string }),
    );
  });

  it('leave nothing to be read, nor to be made later by ready', async () => {
    const y = planned(() => layerNorm(x));
    expect(y.destroyed).toBe(true);
    await expect(y.read()).rejects.toMatchObject({
      code: 'destroyed',
      message: expect.stringMatching(/only planned/) as string,
    });
    let weight: Tensor<'f32'> | undefined;
    const lazily = context.ready(() => layerNorm(x, { weight: (weight ??= context.tensor([2, 2], [2])) }));
    await expect(lazily).rejects.toMatchObject({
      code: 'destroyed',
      message: expect.stringMatching(/weight .*only planned/) as string,
    });
  });

  it('may go on with what others made', () => {
    const y = planned(() => layerNorm(x));
    expect(context.explain(() => layerNorm(y))).toHaveLength(1);
  });

  it('upload no starts of sequences, and those of calls that run', async () => {
    const call = () => norm.instanceNorm(x, { segments: [0, 1, 3] });
    context.explain(call);
    expect([...(await call().read())].slice(0, 2)).toEqual([0, 0]);
  });
});
