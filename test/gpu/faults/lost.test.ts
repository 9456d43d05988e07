import { describe, expect, it } from 'vitest';
import { createContext, groupNorm, layerNorm, layerNormForward, moments } from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import { GroupNorm, LayerNorm } from '../../../src/layers/index.ts';
import { gpu, runtime } from '../../setup/gpu.ts';

/** A device that is lost before a call, while it is under way, or while a program is compiled: whoever waits is told, and a new context goes on. */

const lost = expect.objectContaining({ name: 'NormError', code: 'lost' });
const open = async (): Promise<Context> => createContext({ gpu: await gpu() });
const DATA = Float32Array.from({ length: 64 }, (_, index) => Math.sin(index));

/** What an app may wait for, or have at once. */
const WAITED: Record<string, (context: Context, x: Tensor) => Promise<unknown>> = {
  read: async (_, x) => x.read(),
  'a call and its read': async (_, x) => layerNorm(x).read(),
  'a read of moments': async (_, x) => moments(x, { axes: [0] }).read(),
  'a read of what was saved': async (_, x) => layerNormForward(x).saved.rstd.read(),
  prepare: async (context, x) => context.prepare(() => groupNorm(x, { numGroups: 2, activation: 'gelu' })),
  ready: async (context, x) => context.ready(() => groupNorm(x, { numGroups: 4, activation: 'silu' })),
  'createContext on its device': async ({ device }) => createContext({ device }),
  'createContext with nothing to try out': async ({ device }) => createContext({ device, calibrate: false }),
  'createContext with programs': async ({ device }) =>
    createContext({ device, programs: (context) => layerNorm(context.empty([4, 16])) }),
};

describe.each(Object.entries(WAITED))('%s', (_, wait) => {
  // Deno ends what is under way as if nothing had happened.
  const unable = (when: string): boolean => runtime === 'Deno' && when === 'meanwhile';
  const times = ['before', 'meanwhile', 'long before'];
  describe.each(times)('of a device that is lost %s', (when) =>
    it.skipIf(unable(when))('tells', async () => {
      const context = await open();
      const x = context.tensor(DATA, [4, 16]);
      if (when !== 'meanwhile') context.device.destroy();
      if (when === 'long before') await context.device.lost;
      const waiting = wait(context, x);
      context.device.destroy();
      await expect(waiting).rejects.toEqual(lost);
    }),
  );
});

it('calls at once say so', async () => {
  const context = await open();
  const x = context.tensor(DATA, [4, 16]);
  const layer = new LayerNorm(context, 16);
  const bare = new GroupNorm(context, 2, 16, { affine: false });
  const state = await layer.stateDict();
  context.device.destroy();
  await context.device.lost;
  const calls = [
    () => layerNorm(x),
    () => context.tensor([1], [1]),
    () => context.empty([1]),
    () => context.wrap(x.buffer, { shape: [4] }),
    () => context.trim(),
    () => layer.forward(x),
    () => layer.zeroGrad(),
    () => layer.loadStateDict(state),
    () => bare.loadStateDict({}),
  ];
  for (const call of calls) expect(call).toThrow(lost);
  for (const end of [() => x.destroy(), () => context.destroy()]) expect(end).not.toThrow();
});

it.skipIf(runtime === 'Deno')(
  'an adapter that has given its device gives no other (Deno gives as many as are asked for)',
  async () => {
    const adapter = (await (await gpu()).requestAdapter())!;
    const { device } = await createContext({ adapter });
    device.destroy();
    await expect(createContext({ adapter })).rejects.toMatchObject({ code: 'unsupported' });
  },
);

it('a new context gives the same bits, with the same plans, whatever was tried out on the dead one', async () => {
  const first = await open();
  const before = await layerNorm(first.tensor(DATA, [4, 16])).read();
  first.device.destroy();
  await expect(createContext({ device: first.device })).rejects.toEqual(lost);
  const next = await open();
  expect(next.profile).toEqual(first.profile);
  expect(await layerNorm(next.tensor(DATA, [4, 16])).read()).toEqual(before);
});

it('gives a device back that a context was not made on after all', async () => {
  const adapter = (await (await gpu()).requestAdapter())!;
  let made: GPUDevice | undefined;
  const wrong = createContext({
    adapter,
    programs: (context) => {
      made = context.device;
      layerNorm(context.empty([4, 16]), { axes: 7 });
    },
  });
  await expect(wrong).rejects.toMatchObject({ code: 'axes' });
  await expect(made!.lost).resolves.toMatchObject({ reason: 'destroyed' });
});
