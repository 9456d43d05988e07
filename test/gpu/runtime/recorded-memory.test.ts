import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  batchNorm,
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  mergeMoments,
  moments,
  rmsNorm,
} from '../../../src/index.ts';
import type { Context, Encoder, Tensor } from '../../../src/index.ts';
import { MOST } from '../../../src/runtime/bounds.ts';
import { gpu } from '../../setup/gpu.ts';
import { collect } from '../support/collect.ts';
import { Random } from '../support/random.ts';

/**
 * Calls recorded on an encoder of the app's: whatever is destroyed, trimmed or dropped before it is submitted, it runs as if nothing had
 * been, and the device finds nothing wrong.
 */

const { device } = await createContext({ gpu: await gpu() });
const { queue } = device;

afterEach(() => void vi.useRealTimers());

const data = new Random(92).normals(40_000 * 2);
const upload = (context: Context): Tensor => context.tensor(data, [40_000, 2]);

/** Memory kept by nobody a moment longer than it must be. */
const open = async (): Promise<Context> => createContext({ device, memory: { idleBytes: 0, idleShare: 0 } });

/** Runs what submits, and fails if the device finds anything wrong. */
async function checked(work: () => void): Promise<void> {
  device.pushErrorScope('validation');
  work();
  expect((await device.popErrorScope())?.message).toBeUndefined();
}

describe('before an encoder is submitted', () => {
  const calls = (x: Tensor, encoder?: Encoder): Tensor => {
    const options = encoder ? { encoder } : {};
    using middle = batchNorm(x, { training: true, ...options });
    const { y, saved } = layerNormForward(middle, options);
    using kept = saved;
    const { dx } = layerNormBackward(y, kept, { gradients: ['dx'], ...options });
    y.destroy();
    using first = moments(dx, { axes: [0], ...options });
    using submitted = moments(x, { axes: [0] });
    using second = mergeMoments([first, submitted], options);
    return rmsNorm(second.mean, options);
  };

  it.each([
    ['intermediate results may be destroyed', () => {}],
    ['the context may be trimmed', (context: Context) => void context.trim()],
    [
      'any time may pass',
      () => {
        vi.advanceTimersByTime(60_000);
      },
    ],
    [
      'other calls may want more scratch, and other uniforms',
      (context: Context) => {
        using x = context.tensor(new Random(93).normals(300_000), [150_000, 2]);
        batchNorm(x, { training: true }).destroy();
        using small = context.tensor([1, 2], [1, 2]);
        for (let call = 0; call <= MOST.uniformSlots; call++) rmsNorm(small, { eps: call }).destroy();
      },
    ],
    ['the context may be destroyed', (context: Context) => context.destroy()],
  ])('%s', async (_, meanwhile) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    using context = await open();
    const x = upload(context);
    using plain = await open();
    const wanted = await calls(plain.tensor(data, [40_000, 2])).read();
    const encoder = device.createCommandEncoder();
    const y = calls(x, encoder);
    meanwhile(context);
    await checked(() => queue.submit([encoder.finish()]));
    // A destroyed context reads nothing: another borrows the buffer.
    expect(await plain.wrap(y.buffer, { shape: y.shape }).read()).toEqual(wanted);
  });

  it.skipIf(!collect)('tensors and saved results may be dropped and collected', async () => {
    using context = await open();
    const x = upload(context);
    const wanted = await layerNorm(rmsNorm(x)).read();
    const encoder = device.createCommandEncoder();
    const out = context.empty([40_000, 2]);
    (() => {
      layerNormForward(x, { encoder });
      layerNorm(rmsNorm(x, { encoder }), { encoder, out });
    })();
    await collect!();
    for (let call = 0; call < 4; call++) layerNorm(x).destroy();
    await checked(() => queue.submit([encoder.finish()]));
    expect(await out.read()).toEqual(wanted);
  });
});

describe('once an encoder is submitted', () => {
  it('what was destroyed before is used again: frame after frame makes no buffers', async () => {
    using context = await createContext({ device });
    const x = upload(context);
    const frame = (): void => {
      const encoder = device.createCommandEncoder();
      using middle = batchNorm(x, { training: true, encoder });
      layerNorm(middle, { encoder }).destroy();
      queue.submit([encoder.finish()]);
    };
    for (let count = 0; count < 2; count++) frame();
    const made = vi.spyOn(device, 'createBuffer');
    for (let count = 0; count < 5; count++) frame();
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });

  it('of which a merge was only planned, it never held any', async () => {
    using context = await createContext({ device });
    const part = moments(context.tensor([1, 2], [2]), { axes: [0] });
    const encoder = device.createCommandEncoder();
    expect(context.explain(() => mergeMoments([part, part], { encoder }))).toHaveLength(1);
    const { idle } = context.memory();
    part.destroy();
    expect(context.memory().idle).toBeGreaterThan(idle);
  });

  it('it no longer holds memory: all of it is freed', async () => {
    using context = await open();
    const encoder = device.createCommandEncoder();
    const x = upload(context);
    for (const one of [layerNorm(x, { encoder }), rmsNorm(x, { encoder }), x]) one.destroy();
    queue.submit([encoder.finish()]);
    context.trim();
    expect(context.memory()).toMatchObject({ inUse: 0, idle: 0 });
  });
});

describe('an open compute pass', () => {
  it('keeps scratch, uniforms and what is dropped until the app submits it', async () => {
    using context = await open();
    const x = upload(context);
    const wanted = await batchNorm(x, { training: true }).read();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    const y = batchNorm(x, { training: true, encoder: pass });
    layerNormForward(x, { encoder: pass });
    pass.end();
    await collect?.();
    context.trim();
    for (let call = 0; call < 4; call++) batchNorm(x, { training: true }).destroy();
    await checked(() => queue.submit([encoder.finish()]));
    expect(await y.read()).toEqual(wanted);
  });
});
