import { describe, expect, it, vi } from 'vitest';
import {
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  mergeMoments,
  moments,
  rmsNorm,
} from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';

/** Buffers of the app's that it destroyed: nothing of them is changed, and whoever reads what a call made of them is told. */

const context = await createContext({ gpu: await gpu() });
const { device } = context;
const SHAPE = [4, 16];
const data = new Random(11).normals(64);
const destroyed = expect.objectContaining({ name: 'NormError', code: 'destroyed' });

function wrapped(): { buffer: GPUBuffer; x: Tensor } {
  const buffer = device.createBuffer({ size: 256, usage: 0x8c });
  device.queue.writeBuffer(buffer, 0, Float32Array.from(data));
  return { buffer, x: context.wrap(buffer, { shape: SHAPE }) };
}

describe('a buffer of the app’s', () => {
  it.each(['as it is', 'frozen'])('%s keeps its own methods', async (how) => {
    const { buffer } = wrapped();
    if (how === 'frozen') Object.freeze(buffer);
    const own = Reflect.ownKeys(buffer);
    const { destroy } = buffer;
    const x = context.wrap(buffer, { shape: SHAPE });
    const exact = reference.layerNorm({ data, shape: SHAPE }).y.data;
    expect(relativeError(await layerNorm(x).read(), exact)).toBeLessThanOrEqual(32 * 2 ** -24);
    expect([Reflect.ownKeys(buffer), buffer.destroy]).toEqual([own, destroy]);
  });

  it('that was destroyed fails what is computed of it, and what is computed of that', async () => {
    const { buffer, x } = wrapped();
    const { y: before, saved } = layerNormForward(x);
    expect(before.destroyed).toBe(false);
    buffer.destroy();
    const y = layerNorm(x);
    const after = [
      x,
      y,
      rmsNorm(y),
      y.reshape([64]),
      moments(y, { axes: 1 }).mean,
      layerNormBackward(before, saved).dx,
    ];
    for (const tensor of after) await expect(tensor.read()).rejects.toEqual(destroyed);
    const exact = reference.layerNorm({ data, shape: SHAPE }).y.data;
    expect(relativeError(await before.read(), exact)).toBeLessThanOrEqual(32 * 2 ** -24);
  });

  it('fails what is merged with moments of it', async () => {
    const { buffer, x } = wrapped();
    const part = moments(context.tensor(data, SHAPE), { axes: 1 });
    expect((await mergeMoments([part, moments(x, { axes: 1 })]).read()).count).toBe(32);
    buffer.destroy();
    const merged = mergeMoments([part, moments(x, { axes: 1 })]);
    await expect(merged.read()).rejects.toEqual(destroyed);
    await expect(merged.mean.read()).rejects.toEqual(destroyed);
  });

  it('fails a result that is written there', async () => {
    const { buffer, x: out } = wrapped();
    buffer.destroy();
    await expect(layerNorm(context.tensor(data, SHAPE), { out }).read()).rejects.toEqual(destroyed);
  });

  it('fails the part of a tensor that was made of it, and no other', async () => {
    const { buffer, x } = wrapped();
    buffer.destroy();
    const all = context.empty([3, ...SHAPE]);
    const [first, second, third] = [0, 1, 2].map((at) => all.slice(0, at, at + 1).reshape(SHAPE));
    const exact = reference.layerNorm({ data, shape: SHAPE }).y.data;
    layerNorm(context.tensor(data, SHAPE), { out: first! });
    layerNorm(x, { out: second! });
    layerNorm(context.tensor(data, SHAPE), { out: third! });
    for (const tensor of [second!, all, rmsNorm(second!)]) await expect(tensor.read()).rejects.toEqual(destroyed);
    for (const tensor of [first!, third!]) expect(relativeError(await tensor.read(), exact)).toBeLessThan(2e-6);
    layerNorm(context.tensor(data, SHAPE), { out: second! });
    expect(relativeError(await second!.read(), exact)).toBeLessThan(2e-6);
    await all.read();
  });

  it.each([
    ['rows', [2, 16], 0],
    ['long rows', [2, 1024], 0],
    ['columns', [16, 32], 1],
  ])('fails what it was to be written to, whatever another call writes beside that: %s', async (_, shape, axis) => {
    const size = shape[axis]! / 2;
    const whole = context.tensor(new Float32Array(shape[0]! * shape[1]!), shape);
    const [first, second] = [whole.slice(axis, 0, size), whole.slice(axis, size, 2 * size)];
    const good = context.tensor(new Float32Array(first.size).fill(2), first.shape);
    const buffer = device.createBuffer({ size: 4 * first.size, usage: 0x8c });
    const x = context.wrap(buffer, { shape: first.shape });
    for (const [lost, kept] of [
      [first, second],
      [second, first],
    ] as const) {
      buffer.destroy();
      rmsNorm(x, { out: lost });
      rmsNorm(good, { out: kept });
      await expect(whole.read()).rejects.toEqual(destroyed);
      rmsNorm(whole, { out: whole });
      await expect(whole.read()).rejects.toEqual(destroyed);
      rmsNorm(context.tensor(new Float32Array(whole.size), shape), { out: whole });
      expect((await whole.read())[0]).toBe(0);
    }
  });

  it('fails what lies between the rows of a view that is written well', async () => {
    const whole = context.tensor(new Float32Array(6 * 8), [6, 8]);
    const [first, second] = [whole.slice(1, 0, 4), whole.slice(1, 4, 8)];
    const lost = second.slice(0, 1, 3);
    const buffer = device.createBuffer({ size: 256, usage: 0x8c });
    buffer.destroy();
    rmsNorm(context.wrap(buffer, { shape: [2, 4] }), { out: lost });
    rmsNorm(context.tensor(new Float32Array(24), [6, 4]), { out: first });
    for (const tensor of [lost, second, whole]) await expect(tensor.read()).rejects.toEqual(destroyed);
    rmsNorm(context.tensor(new Float32Array(8), [2, 4]), { out: lost });
    expect(await whole.read()).toEqual(new Float32Array(48));
  });

  it('spoils nothing that is written anew', async () => {
    const { buffer, x } = wrapped();
    buffer.destroy();
    const out = layerNorm(x);
    await expect(out.read()).rejects.toEqual(destroyed);
    layerNorm(context.tensor(data, SHAPE), { out });
    const exact = reference.layerNorm({ data, shape: SHAPE }).y.data;
    expect(relativeError(await out.read(), exact)).toBeLessThanOrEqual(32 * 2 ** -24);
  });

  it('has the device asked once, by the call that reads it: not by known calls that read its result, or go over it', async () => {
    const { buffer, x: wrong } = wrapped();
    const [x, out, of] = [context.tensor(data, SHAPE), context.empty(SHAPE), context.empty(SHAPE)];
    // Known by now, and the tensors have memory.
    for (const [from, to] of [
      [x, out],
      [out, of],
    ] as const) {
      await layerNorm(from, { out: to }).read();
    }
    buffer.destroy();
    const asked = vi.spyOn(device, 'pushErrorScope');
    layerNorm(wrong, { out });
    expect(asked).toHaveBeenCalledTimes(1);
    layerNorm(out, { out: of });
    const failing = expect(of.read()).rejects.toEqual(destroyed);
    const calls = asked.mock.calls.length;
    for (let time = 0; time < 3; time++) {
      layerNorm(x, { out });
      layerNorm(out, { out: of });
    }
    expect(asked).toHaveBeenCalledTimes(calls);
    asked.mockRestore();
    const exact = reference.layerNorm({ data, shape: SHAPE }).y.data;
    expect(relativeError(await out.read(), exact)).toBeLessThanOrEqual(32 * 2 ** -24);
    await of.read();
    await failing;
  });

  it('recorded on an encoder of the app’s fails the app’s submit', async () => {
    const { buffer, x } = wrapped();
    const encoder = device.createCommandEncoder();
    layerNorm(x, { encoder });
    buffer.destroy();
    device.pushErrorScope('validation');
    device.queue.submit([encoder.finish()]);
    expect((await device.popErrorScope())?.message).toMatch(/destroyed/);
  });
});

it('a buffer of ours that the app destroyed is refused at once, and never handed to another call', () => {
  const x = context.tensor(data, SHAPE);
  const { buffer } = x;
  buffer.destroy();
  expect(() => layerNorm(x)).toThrow(destroyed);
  x.destroy();
  expect(context.empty(SHAPE).buffer).not.toBe(buffer);
});

it('nor where the app destroyed it after the tensor', async () => {
  context.trim();
  const tensors = [context.tensor(data, SHAPE), context.tensor(data, SHAPE), context.tensor(data, SHAPE)];
  const [kept, ...buffers] = tensors.map(({ buffer }) => buffer);
  for (const tensor of tensors) tensor.destroy();
  for (const buffer of buffers) buffer.destroy();
  using x = context.tensor(data, SHAPE);
  expect(x.buffer).toBe(kept);
  expect(context.memory().idle).toBe(0);
  expect(await x.read()).toEqual(Float32Array.from(data));
});

it.runIf(typeof window !== 'undefined')('a Proxy of a buffer is refused by name', () => {
  const proxy = new Proxy(wrapped().buffer, {});
  expect(() => context.wrap(proxy, { shape: SHAPE })).toThrow(
    'wrap: buffer is a GPUBuffer; it must be the GPUBuffer itself, no Proxy of it',
  );
});
