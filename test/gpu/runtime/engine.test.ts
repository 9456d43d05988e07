import { afterEach, describe, expect, it, vi } from 'vitest';
import { batchNorm, createContext, groupNorm, layerNorm, moments, rmsNorm } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { openContexts } from '../support/contexts.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, fill, relativeError, upload } from '../support/run.ts';
import type { Filled, Place } from '../support/run.ts';

const contexts = await openContexts({ specialize: true });
const CLOSE = 48 * 2 ** -24;
const USAGE = 0x80 | 0x4 | 0x8;
const MAKERS = [
  'createBuffer',
  'createBindGroup',
  'createShaderModule',
  'createComputePipeline',
  'createComputePipelineAsync',
] as const;

afterEach(() => void vi.restoreAllMocks());

const example = (index: number, size = { N: 3, C: 8, L: 24 }): Filled => {
  const mode = modes[index]!;
  return fill(mode, mode.call(size, mode.layouts[0]!), 'both', new Random(31 + index));
};

/** The same tensors at every call. */
function placedOnce(context: Context): Place {
  const placed = new Map<string, Tensor>();
  return ({ data, shape }, name) => {
    if (!placed.has(name)) placed.set(name, context.tensor(data, shape));
    return placed.get(name)!;
  };
}

describe.each(Object.entries(contexts))('%s plans', (_, context) => {
  const { device } = context;

  it.each(modes.map((mode, index) => ({ name: mode.name, index })))('warm, $name makes nothing', ({ index }) => {
    const filled = example(index, { N: 3, C: 8, L: 4000 });
    const [place, out] = [placedOnce(context), context.empty(filled.x.shape)];
    for (let call = 0; call < 2; call++) callGpu(filled, place).destroy();
    for (let call = 0; call < 2; call++) callGpu(filled, place, { out });
    const made = MAKERS.map((name) => vi.spyOn(device, name));
    callGpu(filled, place, { out });
    callGpu(filled, place).destroy();
    for (const spy of made) expect(spy).not.toHaveBeenCalled();
  });

  it('records into the caller’s encoder and leaves submitting to the caller', async () => {
    const data = new Random(41).normals(40 * 64);
    const x = context.tensor(data, [40, 64]);
    const [middle, out] = [context.empty([40, 64]), context.empty([40, 64])];
    const submit = vi.spyOn(device.queue, 'submit');
    const encoder = device.createCommandEncoder();
    layerNorm(x, { encoder, out: middle });
    rmsNorm(middle, { axes: [0], encoder, out });
    const { mean } = moments(out, { axes: [0, 1], encoder });
    expect(submit).not.toHaveBeenCalled();
    device.queue.submit([encoder.finish()]);
    const exact = reference.rmsNorm(reference.layerNorm({ data, shape: [40, 64] }).y, { axes: [0] }).y;
    expect(relativeError(await out.read(), exact.data)).toBeLessThanOrEqual(CLOSE);
    expect(Math.abs((await mean.read())[0]! - reference.moments(exact, { axes: [0, 1] }).mean.data[0]!)).toBeLessThan(
      1e-6,
    );
  });

  it('gives the same bits every time', async () => {
    const x = context.tensor(new Random(42).normals(4 * 6 * 5000), [4, 6, 5000]);
    const [first, second] = await Promise.all([0, 1].map(async () => batchNorm(x, { training: true }).read()));
    expect(first).toEqual(second);
  });

  it('prepares ahead: the first call then compiles nothing, and planning allocates nothing', async () => {
    const shape = [3, 10, 77];
    const made = vi.spyOn(device, 'createBuffer');
    const plans = context.explain(() => groupNorm(context.empty(shape), { numGroups: 5, weight: context.empty([10]) }));
    expect(plans.map((plan) => plan.label)).toEqual(['groupNorm [3,10,77]']);
    await context.prepare(() => groupNorm(context.empty(shape), { numGroups: 5, weight: context.empty([10]) }));
    expect(made).not.toHaveBeenCalled();
    const [x, weight] = [context.empty(shape), context.empty([10])];
    const compiled = [vi.spyOn(device, 'createComputePipeline'), vi.spyOn(device, 'createShaderModule')];
    groupNorm(x, { numGroups: 5, weight });
    for (const spy of compiled) expect(spy).not.toHaveBeenCalled();
  });
});

describe('a context', () => {
  it('leaves a device and buffers that were lent to it alone', async () => {
    const adapter = await (await gpu()).requestAdapter();
    const device = await adapter!.requestDevice();
    const destroyed = vi.spyOn(device, 'destroy');
    const buffer = device.createBuffer({ size: 64, usage: USAGE });
    const lent = vi.spyOn(buffer, 'destroy');
    device.queue.writeBuffer(
      buffer,
      0,
      Float32Array.from({ length: 16 }, (_, index) => index),
    );
    const context = await createContext({ device });
    const x = context.wrap(buffer, { shape: [4, 4] });
    const y = await layerNorm(x).read();
    x.destroy();
    context.destroy();
    expect(y[0]).toBeCloseTo(-1.3416, 4);
    expect(destroyed).not.toHaveBeenCalled();
    expect(lent).not.toHaveBeenCalled();
    expect(() => layerNorm(x)).toThrow(/context was destroyed/);
    device.destroy();
  });

  it('works beside another on a device of its own', async () => {
    const [first, second] = [await createContext({ gpu: await gpu() }), await createContext({ gpu: await gpu() })];
    const filled = example(2);
    const results = await Promise.all([first, second].map(async (context) => callGpu(filled, upload(context)).read()));
    expect(results[0]).toEqual(results[1]);
    first.destroy();
    expect(await callGpu(filled, upload(second)).read()).toEqual(results[1]);
    second.destroy();
  });

  it('hands what the device finds wrong to who made the call', async () => {
    const { software: context } = contexts;
    const buffer = context.device.createBuffer({ size: 64, usage: USAGE });
    buffer.destroy();
    const x = context.wrap(buffer, { shape: [4, 4] });
    await expect(layerNorm(x).read()).rejects.toMatchObject({
      code: 'destroyed',
      message: expect.stringContaining('layerNorm [4,4]'),
    });
  });

  it('tells of every call of a program that the device could not compile', async () => {
    using context = await createContext({ gpu: await gpu(), calibrate: false, specialize: false });
    const { device } = context;
    const { createComputePipeline } = device;
    vi.spyOn(device, 'createComputePipeline').mockImplementation((descriptor) =>
      createComputePipeline.call(device, { ...descriptor, compute: { ...descriptor.compute, entryPoint: 'none' } }),
    );
    const x = context.tensor([1, 2, 3, 4], [1, 4]);
    for (let call = 0; call < 3; call++) {
      using y = layerNorm(x);
      await expect(y.read()).rejects.toMatchObject({ code: 'device' });
    }
    vi.restoreAllMocks();
    using y = rmsNorm(x);
    expect((await y.read())[0]).toBeCloseTo(0.3651, 4);
  });
});
