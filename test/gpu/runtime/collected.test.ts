import { describe, expect, it } from 'vitest';
import { createContext, layerNorm, layerNormBackward, layerNormForward, moments } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { collect } from '../support/collect.ts';
import { eventually } from '../support/eventually.ts';

/** What is dropped without `destroy` comes back when it is collected, and nothing of ours keeps it from being. */

const { device } = await createContext({ gpu: await gpu() });

describe.skipIf(!collect)('what is dropped', () => {
  it.each<[string, (x: Tensor) => unknown]>([
    ['a result', (x) => layerNorm(x)],
    ['a tensor of another shape', (x) => layerNorm(x).reshape([64])],
    ['a saved result', (x) => layerNormForward(x)],
    ['moments', (x) => moments(x, { axes: [0] })],
  ])('is given back: %s', async (_, call) => {
    using context = await createContext({ device });
    const x = context.tensor(new Float32Array(64), [4, 16]);
    layerNorm(x).destroy();
    context.trim();
    const { inUse } = context.memory();
    (() => {
      for (let count = 0; count < 5; count++) call(x);
    })();
    expect(context.memory().inUse).toBeGreaterThan(inUse);
    await device.queue.onSubmittedWorkDone(); // Until then the device may yet have something to say of them.
    await eventually(async () => {
      await collect!();
      expect(context.memory().kinds).toMatchObject({ tensors: { inUse: 256 }, saved: { inUse: 0 } });
    });
    expect(context.memory().idle).toBeGreaterThan(0);
  });

  it('is not given back while a part of it is there', async () => {
    using context = await createContext({ device });
    const x = context.tensor(new Float32Array(64).fill(3), [4, 16]);
    const part = (() => x.reshape([64]))();
    const { mean } = (() => moments(x, { axes: [1] }))();
    await collect!();
    for (let count = 0; count < 5; count++) context.tensor(new Float32Array(64), [4, 16]);
    expect(await part.read()).toEqual(new Float32Array(64).fill(3));
    expect(await mean.read()).toEqual(new Float32Array(4).fill(3));
  });

  it('is given back once where it was destroyed', async () => {
    using context = await createContext({ device });
    (() => {
      context.tensor(new Float32Array(64), [4, 16]).destroy();
    })();
    await collect!();
    expect(context.memory()).toMatchObject({ inUse: 0, idle: 256 });
  });

  it('leaves a buffer alone that the app took from it', async () => {
    using context = await createContext({ device });
    const buffer = (() => context.tensor(new Float32Array(64).fill(5), [64]).buffer)();
    await collect!();
    for (let count = 0; count < 5; count++) context.tensor(new Float32Array(64), [64]);
    expect(context.memory().idle).toBe(0);
    expect(await context.wrap(buffer, { shape: [64] }).read()).toEqual(new Float32Array(64).fill(5));
  });

  it('may be read while it is collected', async () => {
    using context = await createContext({ device });
    const reading = (() => context.tensor(new Float32Array(64).fill(7), [64]).read())();
    await collect!();
    for (let count = 0; count < 5; count++) context.tensor(new Float32Array(64), [64]);
    expect(await reading).toEqual(new Float32Array(64).fill(7));
  });

  it.each([
    ['destroyed', true],
    ['dropped', false],
  ])('is a context too, %s, whose device lives on', async (_, destroys) => {
    const left = await (async () => {
      const context = await createContext({ device, memory: { idleSeconds: 0.01 } });
      const { y, saved } = layerNormForward(context.tensor(new Float32Array(64), [4, 16]));
      await layerNormBackward(y, saved).dx.read();
      await context.prepare(() => layerNorm(y, { activation: 'relu' }));
      if (destroys) context.destroy();
      return [context, context.runtime].map((object) => new WeakRef<object>(object));
    })();
    await device.queue.onSubmittedWorkDone();
    await collect!();
    // As long as there is idle memory to free there is a timer.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await collect!();
    expect(left.map((one) => one.deref())).toEqual([undefined, undefined]);
  });

  it('is a buffer of the app’s too, however many calls used it', async () => {
    using context = await createContext({ device });
    const borrowed = (() => {
      const buffer = device.createBuffer({ size: 256, usage: 0x84 });
      layerNorm(context.wrap(buffer, { shape: [4, 16] })).destroy();
      return new WeakRef(buffer);
    })();
    context.trim();
    await collect!();
    expect(borrowed.deref()).toBeUndefined();
  });
});
