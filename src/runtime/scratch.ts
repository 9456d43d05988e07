import type { Pool } from './pool.ts';
import { LEAST } from './size-class.ts';
import type { BufferRange, Storage } from './storage.ts';

interface Kept {
  storage: Storage;
  /** The most bytes asked for in this tick, and in the one before. */
  most: number;
  mostBefore: number;
}

/**
 * Memory that a call needs only within itself: one buffer for each name, shared by all calls, since the commands of a queue run in
 * order. It is as large as the largest call wanted it; when no call wants half of that any more it goes back to the pool, and when
 * none wants any.
 */
export class Scratch {
  readonly #pool: Pool;
  readonly #kept = new Map<string, Kept>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  range(name: string, size: number): BufferRange {
    let kept = this.#kept.get(name);
    if (!kept || kept.storage.allocation!.size < size || kept.storage.allocation!.spoiled) {
      if (kept) this.#pool.release(kept.storage);
      const storage = this.#pool.take(size, name, 'scratch');
      this.#kept.set(name, (kept = { storage, most: 0, mostBefore: 0 }));
    }
    if (size > kept.most) kept.most = size;
    return { storage: kept.storage, offset: 0, size };
  }

  /** Gives back what has been too large, or unused, for the quiet time; returns whether anything is left. */
  tick(): boolean {
    for (const [name, kept] of this.#kept) {
      const { storage, most, mostBefore } = kept;
      const need = Math.max(most, mostBefore);
      const { size } = storage.buffer;
      if (need === 0 || (need * 2 <= size && size > LEAST)) this.#drop(name);
      kept.mostBefore = most;
      kept.most = 0;
    }
    return this.#kept.size > 0;
  }

  /** Gives all of it back. */
  trim(): void {
    for (const name of this.#kept.keys()) this.#drop(name);
  }

  #drop(name: string): void {
    this.#pool.release(this.#kept.get(name)!.storage);
    this.#kept.delete(name);
  }
}
