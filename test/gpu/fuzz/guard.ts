import type { Context } from '../../../src/index.ts';

/** NaN as f32, and in each half as f16 and bf16. */
const POISON = 0x7fc17fc1;
/** Words behind what was asked for, which nobody may write to. */
const GUARD = 16;

/**
 * Fills all memory of a context with NaN when it is handed out, results, saved statistics and at each call scratch memory alike: what is read
 * must have been written. Behind each there is more of it; the function that is returned tells whose was written to.
 */
export function guard({ device, runtime }: Context): () => Promise<string[]> {
  const { pool } = runtime;
  const take = pool.take.bind(pool);
  const addScratch = runtime.addScratch.bind(runtime);
  /** Of each buffer, the most bytes that somebody asked for, and who. */
  const asked = new Map<GPUBuffer, { bytes: number; label: string }>();
  const note = (buffer: GPUBuffer, bytes: number, label: string): void => {
    if (bytes > (asked.get(buffer)?.bytes ?? -1)) asked.set(buffer, { bytes, label });
  };
  const poison = (buffer: GPUBuffer): void =>
    device.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(POISON));
  pool.take = (bytes, label, kind) => {
    const storage = take(bytes + 4 * GUARD, label, kind);
    const { buffer } = storage;
    poison(buffer);
    note(buffer, bytes, label);
    return storage;
  };
  // Scratch memory is kept for later calls, of which one may use more of it.
  runtime.addScratch = (plan, resources) => {
    addScratch(plan, resources);
    for (const [name, bytes] of Object.entries(plan.scratch)) {
      if (bytes === 0) continue;
      const { buffer } = resources[name]!.storage;
      poison(buffer);
      note(buffer, bytes, name);
    }
  };
  return async () => {
    const tails = [...asked].map(async ([buffer, { bytes, label }]) => {
      const from = Math.ceil(bytes / 4) * 4;
      if (from >= buffer.size) return [];
      const words = new Uint32Array(await runtime.download(buffer, from, Math.min(4 * GUARD, buffer.size - from)));
      return words.every((word) => word === POISON) ? [] : [label];
    });
    return (await Promise.all(tails)).flat();
  };
}
