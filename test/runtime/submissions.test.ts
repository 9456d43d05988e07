import { describe, expect, it } from 'vitest';
import { mention } from '../../src/runtime/submissions.ts';
import type { Storage } from '../../src/runtime/storage.ts';
import { pretendPool } from './pretend-device.ts';

/** Encoders and a queue that do nothing. */
const pretendEncoder = (): GPUCommandEncoder => ({ finish: () => ({}) }) as never;
const pretendPass = (): GPUComputePassEncoder => ({ dispatchWorkgroups: () => {} }) as never;
const pretendQueue = (): GPUQueue & { submitted: unknown[] } => {
  const submitted: unknown[] = [];
  return { submitted, submit: (all: Iterable<unknown>) => void submitted.push(...all) } as never;
};

describe('memory that an encoder mentions', () => {
  it.each(['give', 'release', 'collect'] as const)('is used again once that is submitted: %s', (how) => {
    const { device, pool } = pretendPool();
    const [queue, encoder] = [pretendQueue(), pretendEncoder()];
    const storage = pool.take(1000, 'a', 'tensors');
    mention(queue, encoder, [storage.allocation!]);
    end(pool, storage, how);
    expect(pool.take(1000, 'b', 'tensors').buffer).not.toBe(storage.buffer);
    const commands = encoder.finish();
    pool.trim();
    expect(device.live.has(storage.buffer)).toBe(true);
    queue.submit([commands]);
    expect(queue.submitted).toEqual([commands]);
    expect(pool.take(1000, 'c', 'tensors').buffer).toBe(storage.buffer);
  });

  it('waits for all encoders that mention it, each counted once', () => {
    const { pool } = pretendPool();
    const queue = pretendQueue();
    const encoders = [pretendEncoder(), pretendEncoder()];
    const storage = pool.take(1000, 'a', 'tensors');
    for (const encoder of [...encoders, ...encoders]) mention(queue, encoder, [storage.allocation!]);
    pool.give(storage);
    queue.submit([encoders[1]!.finish()]);
    expect(pool.take(1000, 'b', 'tensors').buffer).not.toBe(storage.buffer);
    queue.submit(new Set([encoders[0]!.finish()]));
    expect(pool.take(1000, 'c', 'tensors').buffer).toBe(storage.buffer);
  });

  it('is destroyed once that is submitted, where the budget has no room', () => {
    const { device, pool } = pretendPool({ idleBytes: 0, idleShare: 0 });
    const [queue, encoder] = [pretendQueue(), pretendEncoder()];
    const storage = pool.take(1000, 'a', 'tensors');
    mention(queue, encoder, [storage.allocation!]);
    pool.give(storage);
    expect(device.live.size).toBe(1);
    queue.submit([encoder.finish()]);
    expect(device.live.size).toBe(0);
  });

  it('is noticed of a queue whose submit somebody replaced meanwhile', () => {
    const { pool } = pretendPool();
    const queue = pretendQueue();
    const { submit } = queue;
    for (let round = 0; round < 2; round++) {
      const encoder = pretendEncoder();
      const storage = pool.take(1000, 'a', 'tensors');
      mention(queue, encoder, [storage.allocation!]);
      pool.give(storage);
      queue.submit([encoder.finish()]);
      expect(storage.allocation!.pending).toBe(0);
      queue.submit = submit;
    }
  });

  it.each([
    ['give', false],
    ['release', true],
    ['collect', true],
  ] as const)('of a compute pass is destroyed by %s alone, and never reused', (how, lives) => {
    const { device, pool, gone } = pretendPool();
    const storage = pool.take(1000, 'a', 'tensors');
    mention(pretendQueue(), pretendPass(), [storage.allocation!]);
    end(pool, storage, how);
    expect(device.live.has(storage.buffer)).toBe(lives);
    expect(gone).toEqual([storage.id]);
    expect(pool.take(1000, 'b', 'tensors').buffer).not.toBe(storage.buffer);
  });
});

function end(
  pool: ReturnType<typeof pretendPool>['pool'],
  storage: Storage,
  how: 'give' | 'release' | 'collect',
): void {
  if (how === 'collect') pool.collect(storage.allocation!);
  else pool[how](storage);
}
