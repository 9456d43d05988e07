import { describe, expect, it, vi } from 'vitest';
import {
  batchNorm,
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  rmsNorm,
} from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

/** A device that is not ours alone: several contexts, calls that nobody awaits, and error scopes of the app's. */

const { device } = await createContext({ gpu: await gpu() });
const CLOSE = 48 * 2 ** -24;
const ROWS = 12;
const random = new Random(17);
const arrays = (): { data: Float32Array; shape: number[] }[] =>
  Array.from({ length: 6 }, (_, index) => {
    const shape = [ROWS, 8 + 5 * index];
    return { data: random.normals(ROWS * shape[1]!), shape };
  });
const [inputs, gradients] = [arrays(), arrays()];
const exact = inputs.map((x, index) => ({
  sum: reference.rmsNorm(reference.layerNorm(x).y, { residual: x }).y.data,
  dx: reference.layerNormBackward(gradients[index]!, x).dx.data,
}));

/** Forward and backward of one input; nothing is awaited on the way. */
function start(context: Context, index: number, other: Context = context): Tensor[] {
  const { data, shape } = inputs[index]!;
  const x = context.tensor(data, shape);
  const { y, saved } = layerNormForward(x);
  using residual = other.tensor(data, shape);
  const sum = rmsNorm(y, { residual });
  y.destroy();
  using dy = context.tensor(gradients[index]!.data, shape);
  const { dx } = layerNormBackward(dy, saved);
  saved.destroy();
  return [sum, dx];
}

async function check(started: readonly Tensor[][]): Promise<void> {
  const read = await Promise.all(started.map(async (pair) => Promise.all(pair.map(async (one) => one.read()))));
  read.forEach(([sum, dx], index) => {
    const wanted = exact[index % inputs.length]!;
    expect(relativeError(sum!, wanted.sum), `sum ${index}`).toBeLessThanOrEqual(CLOSE);
    expect(relativeError(dx!, wanted.dx), `dx ${index}`).toBeLessThanOrEqual(CLOSE);
  });
}

it('calls of two contexts, interleaved without await, and tensors of one in calls of the other', async () => {
  using first = await createContext({ device });
  using second = await createContext({ device, specialize: false });
  const started = inputs.map((_, index) => start(index % 2 ? second : first, index, first));
  await check(started);
  expect(await second.prepare(() => layerNormForward(second.empty([ROWS, 8])))).toEqual([]);
});

it('a context that was destroyed leaves the other, its tensors and its programs alone', async () => {
  const first = await createContext({ device });
  using second = await createContext({ device });
  const started = inputs.map((_, index) => start(second, index));
  start(first, 0);
  first.destroy();
  await check(started);
  const compiled = vi.spyOn(device, 'createComputePipeline');
  await check(inputs.map((_, index) => start(second, index)));
  expect(compiled).not.toHaveBeenCalled();
  compiled.mockRestore();
});

it('a call that is known, with x and its result in one buffer for the first time, asks for errors: it compiles another program', async () => {
  using context = await createContext({ device });
  using both = context.tensor(random.normals(2 * 64 * 9), [2, 64, 9]);
  const [x, out] = [both.slice(0, 0, 1), both.slice(0, 1, 2)];
  const known = rmsNorm(x, { eps: 0.5 });
  await known.read();
  known.destroy();
  const [compiled, asked] = [vi.spyOn(device, 'createComputePipeline'), vi.spyOn(device, 'pushErrorScope')];
  rmsNorm(x, { eps: 0.5 }).destroy();
  expect([compiled.mock.calls.length, asked.mock.calls.length]).toEqual([0, 0]);
  const called = rmsNorm(x, { eps: 0.5, out });
  expect(compiled.mock.calls.length).toBe(1);
  expect(asked.mock.calls).toContainEqual(['validation']);
  await called.read();
  for (const spy of [compiled, asked]) spy.mockClear();
  rmsNorm(x, { eps: 0.5, out });
  expect([compiled.mock.calls.length, asked.mock.calls.length]).toEqual([0, 0]);
  vi.restoreAllMocks();
});

it('calls among reads, compilations and submits that nobody awaits', async () => {
  using context = await createContext({ device });
  const waiting: Promise<unknown>[] = [];
  const started = Array.from({ length: 3 * inputs.length }, (_, round) => {
    const index = round % inputs.length;
    const made = start(context, index);
    waiting.push(made[0]!.read());
    waiting.push(context.prepare(() => batchNorm(context.empty([ROWS, 3 + round]), { training: true })));
    const encoder = device.createCommandEncoder();
    rmsNorm(made[0]!, { encoder }).destroy();
    device.queue.submit([encoder.finish()]);
    if (round % 4 === 3) context.trim();
    return made;
  });
  await Promise.all([check(started), ...waiting]);
});

describe('error scopes of the app’s', () => {
  it('around calls see nothing, and stay open', async () => {
    using context = await createContext({ device });
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const started = start(context, 0);
    const reading = check([started]);
    const preparing = context.prepare(() => layerNorm(context.empty([2, 77]), { activation: 'elu' }));
    const gone = device.createBuffer({ size: 64, usage: 0x84 });
    gone.destroy();
    const failing = expect(layerNorm(context.wrap(gone, { shape: [16] })).read()).rejects.toMatchObject({
      code: 'destroyed',
    });
    device.createBuffer({ size: 4, usage: 0xffff }); // The app's own mistake.
    const [validation, memory] = [device.popErrorScope(), device.popErrorScope()];
    expect((await validation)?.message).toMatch(/usage/i);
    expect(await memory).toBeNull();
    await Promise.all([reading, preparing, failing]);
    await expect(device.popErrorScope()).rejects.toThrow();
  });

  it('and nothing of ours reaches its listener', async () => {
    const heard = vi.fn();
    device.addEventListener('uncapturederror', heard);
    using context = await createContext({ device });
    await check(inputs.map((_, index) => start(context, index)));
    const gone = device.createBuffer({ size: 64, usage: 0x8c });
    gone.destroy();
    const x = context.wrap(gone, { shape: [16] });
    await expect(x.read()).rejects.toMatchObject({ code: 'destroyed' });
    await expect(rmsNorm(layerNorm(x)).read()).rejects.toMatchObject({ code: 'destroyed' });
    device.removeEventListener('uncapturederror', heard);
    expect(heard).not.toHaveBeenCalled();
  });
});
