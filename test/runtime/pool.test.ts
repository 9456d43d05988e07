import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sizeClass } from '../../src/runtime/size-class.ts';
import type { Storage } from '../../src/runtime/storage.ts';
import { pretendPool } from './pretend-device.ts';

const MB = 2 ** 20;
const NEVER = { idleBytes: Infinity };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a pool', () => {
  it('hands a buffer of the class out again, the one used last first', () => {
    const { device, pool } = pretendPool(NEVER);
    const [first, second] = [pool.take(1000, 'a', 'tensors'), pool.take(1000, 'b', 'tensors')];
    pool.give(first);
    pool.give(second);
    expect(pool.take(900, 'c', 'saved').buffer).toBe(second.buffer);
    expect(pool.take(1024, 'd', 'scratch').buffer).toBe(first.buffer);
    expect(device.made).toBe(2);
  });

  it('never hands out one of another class', () => {
    const { pool } = pretendPool(NEVER);
    const large = pool.take(1025, 'a', 'tensors');
    pool.give(large);
    expect(pool.take(1024, 'b', 'tensors').buffer).not.toBe(large.buffer);
  });

  it.each([
    ['64 MiB', {}, 0, 64],
    ['a quarter of what is in use, where that is more', {}, 400, 100],
    ['what it is told', { idleBytes: 8 * MB }, 0, 8],
    ['the share it is told', { idleBytes: 0, idleShare: 0.5 }, 64, 32],
    ['nothing', { idleBytes: 0, idleShare: 0 }, 64, 0],
  ])('keeps %s', (_, memory, inUse, most) => {
    const { device, ledger, pool } = pretendPool(memory);
    for (let used = 0; used < inUse; used += 16) pool.take(16 * MB, 'used', 'tensors');
    const idle = Array.from({ length: 48 }, () => pool.take(4 * MB, 'idle', 'tensors'));
    for (const storage of idle) pool.give(storage);
    expect(ledger.idle).toBe(most * MB);
    expect(device.bytes).toBe((inUse + most) * MB);
  });

  it('destroys those used longest ago first, of whatever size', () => {
    const { device, pool, gone } = pretendPool({ idleBytes: 10 * MB, idleShare: 0 });
    const sizes = [1, 4, 1, 4, 1];
    const storages = sizes.map((size) => pool.take(size * MB, 'idle', 'tensors'));
    for (const storage of storages) pool.give(storage);
    expect(gone).toEqual([storages[0]!.id]);
    const again = pool.take(4 * MB, 'again', 'tensors');
    expect(again.buffer).toBe(storages[3]!.buffer);
    pool.give(again);
    pool.give(pool.take(2 * MB, 'more', 'tensors'));
    expect(gone).toEqual([storages[0]!.id, storages[1]!.id]);
    expect(device.bytes).toBe(8 * MB);
  });

  it('destroys what was idle for ten seconds, and no sooner', () => {
    const { device, ledger, pool } = pretendPool();
    const [early, late] = [pool.take(MB, 'early', 'tensors'), pool.take(2 * MB, 'late', 'tensors')];
    pool.give(early);
    vi.advanceTimersByTime(9000);
    pool.give(late);
    vi.advanceTimersByTime(999);
    expect(device.live.size).toBe(2);
    vi.advanceTimersByTime(5001);
    expect([...device.live]).toEqual([late.buffer]);
    vi.advanceTimersByTime(10_000);
    expect(device.live.size).toBe(0);
    expect(ledger.idle).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [2, 3000],
    [0, 10],
  ])('destroys what was idle for %d s where it is told so', (idleSeconds, milliseconds) => {
    const { device, pool } = pretendPool({ idleSeconds });
    pool.give(pool.take(MB, 'a', 'tensors'));
    vi.advanceTimersByTime(milliseconds);
    expect(device.live.size).toBe(0);
  });

  it('waits for ever where it is told so, without a timer', () => {
    const { device, pool } = pretendPool({ idleSeconds: Infinity });
    pool.give(pool.take(MB, 'a', 'tensors'));
    expect(vi.getTimerCount()).toBe(0);
    expect(device.live.size).toBe(1);
  });

  it('frees all that is idle when trimmed, and what comes back once it is destroyed', () => {
    const { device, pool } = pretendPool();
    const used = pool.take(MB, 'used', 'tensors');
    for (const size of [1, 2, 3]) pool.give(pool.take(size * MB, 'idle', 'tensors'));
    pool.trim();
    expect([...device.live]).toEqual([used.buffer]);
    pool.destroy();
    expect(device.live.size).toBe(1);
    pool.give(used);
    expect(device.live.size).toBe(0);
  });

  it('keeps no buffer that the device had no memory for, and frees what is idle', async () => {
    const { device, ledger, pool } = pretendPool();
    pool.give(pool.take(MB, 'idle', 'tensors'));
    device.shortage = { message: 'no memory' } as GPUError;
    const storage = pool.take(2 * MB, 'short', 'tensors');
    expect(await storage.allocation!.shortage).toMatchObject({ code: 'memory' });
    expect(ledger.idle).toBe(0);
    pool.give(storage);
    expect(device.live.size).toBe(0);
  });
});

describe('storage that was dropped', () => {
  it('comes back for the next call', () => {
    const { device, ledger, pool } = pretendPool();
    const { allocation, buffer } = pool.take(MB, 'a', 'saved');
    pool.collect(allocation!);
    expect(ledger.kinds().saved.inUse).toBe(0);
    expect(pool.take(MB, 'b', 'tensors').buffer).toBe(buffer);
    expect(device.made).toBe(1);
  });

  it('is neither reused nor destroyed where the app has its buffer', () => {
    const { device, ledger, pool, gone } = pretendPool();
    const { allocation, buffer, id } = pool.take(MB, 'a', 'tensors');
    allocation!.seen = true;
    pool.collect(allocation!);
    expect(pool.take(MB, 'b', 'tensors').buffer).not.toBe(buffer);
    expect(device.live.has(buffer)).toBe(true);
    expect(gone).toEqual([id]);
    expect(ledger.idle).toBe(0);
  });

  it('is registered until it is destroyed, by itself and by what does not know it', () => {
    const register = vi.spyOn(FinalizationRegistry.prototype, 'register');
    const unregister = vi.spyOn(FinalizationRegistry.prototype, 'unregister');
    const { pool } = pretendPool();
    const storage = pool.take(MB, 'a', 'tensors');
    expect(register).toHaveBeenCalledExactlyOnceWith(storage, storage.allocation, storage);
    expect(Object.values(storage.allocation!)).not.toContain(storage);
    pool.give(storage);
    expect(unregister).toHaveBeenCalledExactlyOnceWith(storage);
    vi.restoreAllMocks();
  });

  it('is only left alone where the runtime tells of no collection', () => {
    vi.stubGlobal('FinalizationRegistry', undefined);
    const { device, pool } = pretendPool();
    pool.give(pool.take(MB, 'a', 'tensors'));
    pool.take(MB, 'b', 'tensors');
    expect(device.made).toBe(1);
    vi.unstubAllGlobals();
  });
});

describe('any order of calls', () => {
  const take = fc.record({ take: fc.integer({ min: 1, max: 300_000 }) });
  const end = fc.record({ end: fc.nat(), how: fc.constantFrom('give', 'release', 'collect') });
  const wait = fc.record({ wait: fc.integer({ min: 0, max: 12_000 }) });
  const trim = fc.record({ trim: fc.constant(true) });
  const step = fc.oneof({ weight: 4, arbitrary: take }, { weight: 4, arbitrary: end }, wait, trim);

  it('leaves the bytes of the device what the ledger says, and the idle ones within the budget', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { device, ledger, pool } = pretendPool({ idleBytes: MB, idleShare: 0.25 });
        const used: Storage[] = [];
        let peak = 0;
        for (const step of steps) {
          if ('take' in step) used.push(pool.take(step.take, 'a', 'tensors'));
          else if ('wait' in step) vi.advanceTimersByTime(step.wait);
          else if ('trim' in step) pool.trim();
          else if (used.length > 0) {
            const [storage] = used.splice(step.end % used.length, 1);
            if (step.how === 'collect') pool.collect(storage!.allocation!);
            else pool[step.how as 'give' | 'release'](storage!);
          }
          const inUse = used.reduce((sum, { buffer }) => sum + buffer.size, 0);
          peak = Math.max(peak, device.bytes);
          expect(ledger.inUse).toBe(inUse);
          expect(ledger.idle).toBe(device.bytes - inUse);
          expect(ledger.peak).toBe(peak);
          if ('end' in step) expect(ledger.idle).toBeLessThanOrEqual(Math.max(MB, inUse / 4));
          expect(new Set(used.map(({ id }) => id)).size).toBe(used.length);
        }
        vi.advanceTimersByTime(15_000);
        expect(ledger.idle).toBe(0);
      }),
      { numRuns: 200 },
    );
    expect(sizeClass(300_000, 2 ** 28)).toBeLessThan(MB);
  });
});
