import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  adaptiveInstanceNormForward,
  batchNorm,
  createContext,
  layerNorm,
  layerNormBackward,
  layerNormForward,
  moments,
  rmsNorm,
} from '../../../src/index.ts';
import type { Context, MemoryReport, Tensor } from '../../../src/index.ts';
import { MOST } from '../../../src/runtime/bounds.ts';
import { gpu } from '../../setup/gpu.ts';
import { Random } from '../support/random.ts';

/** What is kept between calls, how much of it, and when it goes; counted at the device, not by what the context says of itself. */

const { device } = await createContext({ gpu: await gpu() });
const MB = 2 ** 20;

/** Bytes of the buffers that were made and not destroyed since counting began. */
function countBuffers(): () => number {
  let bytes = 0;
  const { createBuffer } = device;
  vi.spyOn(device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = createBuffer.call(device, descriptor);
    const { destroy } = buffer;
    let isThere = true;
    bytes += descriptor.size;
    buffer.destroy = () => {
      if (isThere) bytes -= descriptor.size;
      isThere = false;
      destroy.call(buffer);
    };
    return buffer;
  });
  return () => bytes;
}

let bytes: () => number;
beforeEach(() => void (bytes = countBuffers()));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const open = async (memory = {}): Promise<Context> => createContext({ device, memory });
/** Only timers are pretended: what the device says takes its time. */
const pretendTimers = (): void => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
const rows = (context: Context, count: number, length = 64): Tensor =>
  context.tensor(new Random(91).normals(count * length), [count, length]);
const held = ({ inUse, idle }: MemoryReport): number => inUse + idle;

describe('memory()', () => {
  it('tells that all of what a call kept is free, whoever destroyed a part of that before', async () => {
    using context = await open();
    const x = context.empty([2, 4, 8]);
    const { saved } = adaptiveInstanceNormForward(x, x);
    saved.rstd.destroy();
    saved.destroy();
    saved.destroy();
    expect(context.memory().kinds.saved.inUse).toBe(0);
  });

  it('tells what is in use by kind, and what is idle, as the device has it', async () => {
    const context = await open();
    expect(context.memory()).toMatchObject({ inUse: 0, idle: 0, peak: 0, plans: 0, bindGroups: 0, uniformSlots: 0 });
    const x = rows(context, 100);
    expect(context.memory().kinds.tensors).toEqual({ inUse: 28_672, peak: 28_672 });
    const { y, saved } = layerNormForward(x);
    y.destroy();
    const { kinds, idle, ...counts } = context.memory();
    expect(idle).toBe(28_672);
    expect(kinds.saved.inUse).toBeGreaterThanOrEqual(3 * 100 * 4);
    expect(kinds.uniforms.inUse).toBe(131_072);
    expect(counts).toMatchObject({ plans: 1, bindGroups: 1, uniformSlots: 1 });
    expect(counts.pipelines).toBeGreaterThanOrEqual(1);
    expect(held(context.memory())).toBe(bytes());
    saved.destroy();
    expect(context.memory().kinds.saved).toMatchObject({ inUse: 0, peak: kinds.saved.inUse });
    expect(context.memory().peak).toBe(held(context.memory()));
    context.destroy();
    expect(bytes()).toBe(x.buffer.size);
    x.destroy();
    expect(bytes()).toBe(0);
  });

  it('tells of scratch, and of a read while it runs', async () => {
    using context = await open();
    const x = rows(context, 40_000, 2);
    using y = batchNorm(x, { training: true });
    expect(context.memory().kinds.scratch.inUse).toBeGreaterThan(0);
    const reading = y.read();
    expect(context.memory().kinds.reads.inUse).toBe(320_000);
    await reading;
    expect(context.memory().kinds.reads).toEqual({ inUse: 0, peak: 320_000 });
    expect(held(context.memory())).toBe(bytes());
  });

  it('counts no buffer of the app’s, and nothing for calls that are only planned', async () => {
    using context = await open();
    const buffer = device.createBuffer({ size: 1024, usage: 0x84 });
    context.wrap(buffer, { shape: [256] }).destroy();
    context.explain(() => layerNorm(context.empty([1000, 1000])));
    expect(held(context.memory())).toBe(0);
    buffer.destroy();
  });
});

describe('trim()', () => {
  it('frees all that no tensor has, returns the bytes, and leaves the rest as it was', async () => {
    using context = await open();
    const x = rows(context, 4, 50_000);
    const { y, saved } = layerNormForward(x);
    const before = await y.read();
    const dy = rows(context, 4, 50_000);
    const gradient = await layerNormBackward(dy, saved).dx.read();
    for (let size = 1; size < 5; size++) rows(context, size).destroy();
    const had = held(context.memory());
    const freed = context.trim();
    const after = context.memory();
    expect(freed).toBe(had - held(after));
    expect(freed).toBeGreaterThan(131_072);
    expect(after).toMatchObject({ idle: 0, bindGroups: 0, uniformSlots: 0 });
    expect([after.kinds.scratch.inUse, after.kinds.uniforms.inUse]).toEqual([0, 0]);
    expect(bytes()).toBe(after.inUse);
    expect(context.trim()).toBe(0);
    expect(await y.read()).toEqual(before);
    expect(await layerNorm(x).read()).toEqual(before);
    expect(await layerNormBackward(dy, saved).dx.read()).toEqual(gradient);
  });

  it('leaves pipelines and plans: the next call compiles nothing', async () => {
    using context = await open();
    const x = rows(context, 7);
    layerNorm(x);
    context.trim();
    const compiled = vi.spyOn(device, 'createComputePipeline');
    layerNorm(x);
    expect(compiled).not.toHaveBeenCalled();
  });

  it.each(['trim', 'memory'] as const)('%s of a destroyed context says so', async (name) => {
    const context = await open();
    context.destroy();
    const error = expect.objectContaining({ code: 'lost', message: `${name}: the context was destroyed` });
    expect(() => context[name]()).toThrow(error);
  });
});

describe('idle buffers', () => {
  it('have 64 MiB together unless more is in use', async () => {
    using context = await open();
    for (const tensor of Array.from({ length: 5 }, () => context.empty([4 * MB]))) tensor.destroy();
    expect(context.memory().idle).toBe(64 * MB);
    expect(bytes()).toBe(64 * MB);
  });

  it('have as much as they are told, and what is freed takes its bind groups along', async () => {
    using context = await open({ idleBytes: 0, idleShare: 0 });
    const x = rows(context, 100);
    for (let call = 0; call < 3; call++) layerNorm(x).destroy();
    expect(context.memory()).toMatchObject({ idle: 0, bindGroups: 0 });
  });

  it('and scratch, bind groups and their memory go when all is quiet', async () => {
    pretendTimers();
    using context = await open();
    const x = rows(context, 40_000, 2);
    batchNorm(x, { training: true }).destroy();
    expect(context.memory().kinds.scratch.inUse).toBeGreaterThan(0);
    vi.advanceTimersByTime(9000);
    expect(context.memory().idle).toBeGreaterThan(0);
    vi.advanceTimersByTime(21_000);
    const { idle, kinds, bindGroups } = context.memory();
    expect([idle, kinds.scratch.inUse, bindGroups]).toEqual([0, 0, 0]);
    expect(vi.getTimerCount()).toBe(0);
    expect(bytes()).toBe(context.memory().inUse);
  });
});

describe('scratch', () => {
  it('shrinks to what calls want after a large one is gone', async () => {
    pretendTimers();
    using context = await open();
    const call = (length: number): void => {
      const x = context.empty([length, 8]);
      batchNorm(x, { training: true }).destroy();
      x.destroy();
    };
    call(4096);
    const small = context.memory().kinds.scratch.inUse;
    call(2 * MB);
    const large = context.memory().kinds.scratch.inUse;
    expect(large).toBeGreaterThan(2 * small);
    for (let second = 0; second < 20; second++) {
      vi.advanceTimersByTime(1000);
      call(4096);
    }
    expect(context.memory().kinds.scratch.inUse).toBe(small);
  });
});

describe('what is kept by number', () => {
  it('is bounded: plans', async () => {
    using context = await open();
    context.explain(() => {
      for (let call = 1; call <= MOST.forwardPlans + 100; call++) {
        const x = context.empty([call, 4]);
        const { y, saved } = layerNormForward(x);
        layerNormBackward(y, saved);
        moments(x, { axes: [1] });
      }
    });
    expect(context.memory().plans).toBe(MOST.forwardPlans + MOST.followingPlans + MOST.otherPlans);
  });

  it('is bounded: bind groups, and uniforms in one buffer', async () => {
    using context = await open();
    const x = rows(context, 5);
    const buffer = device.createBuffer({ size: MB, usage: 0x84 });
    for (let call = 0; call < MOST.bindGroups + 100; call++) {
      const out = context.wrap(buffer, { shape: [1, 64], byteOffset: (call % 4000) * 256 });
      rmsNorm(context.wrap(x.buffer, { shape: [1, 64] }), { out, eps: call / 1000 });
    }
    const { bindGroups, uniformSlots, kinds } = context.memory();
    expect(bindGroups).toBe(MOST.bindGroups);
    expect(uniformSlots).toBeLessThanOrEqual(MOST.uniformSlots);
    expect(kinds.uniforms).toEqual({ inUse: 131_072, peak: 131_072 });
    buffer.destroy();
  });

  it('falls out by use: a call made again and again stays warm among ever new ones', async () => {
    using context = await open();
    const [x, out] = [rows(context, 3), context.empty([3, 64])];
    const { createBindGroup } = device;
    let made = 0;
    const isOurs = (): void => {
      const before = made;
      layerNorm(x, { out });
      expect(made).toBe(before);
    };
    layerNorm(x, { out });
    vi.spyOn(device, 'createBindGroup').mockImplementation((descriptor) => {
      made++;
      return createBindGroup.call(device, descriptor);
    });
    for (let call = 1; call < 1500; call++) {
      const other = context.empty([call, 4]);
      rmsNorm(other).destroy();
      other.destroy();
      if (call % 100 === 0) isOurs();
    }
  });
});
