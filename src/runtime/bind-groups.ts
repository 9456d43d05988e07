import { MOST } from './bounds.ts';
import { Cache } from './cache.ts';
import type { Quiet } from './quiet.ts';

interface Entry {
  group: GPUBindGroup;
  /** The buffers it names, by their ids. */
  buffers: readonly number[];
  usedAt: number;
}

/** Bind groups by what they bind. One that names a buffer that is gone goes with it: it would keep the memory. */
export class BindGroups {
  readonly #quiet: Quiet;
  readonly #entries = new Cache<Entry>(MOST.bindGroups, (entry, key) => this.#unlink(entry, key));
  readonly #keysByBuffer = new Map<number, Set<string>>();

  constructor(quiet: Quiet) {
    this.#quiet = quiet;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string): GPUBindGroup | undefined {
    const entry = this.#entries.find(key);
    if (!entry) return undefined;
    entry.usedAt = this.#quiet.now;
    return entry.group;
  }

  add(key: string, group: GPUBindGroup, buffers: readonly number[]): void {
    this.#entries.add(key, { group, buffers, usedAt: this.#quiet.now });
    for (const id of buffers) {
      const keys = this.#keysByBuffer.get(id);
      if (keys) keys.add(key);
      else this.#keysByBuffer.set(id, new Set([key]));
    }
  }

  /** Drops those that name a buffer. */
  forget(buffer: number): void {
    for (const key of this.#keysByBuffer.get(buffer) ?? []) this.#entries.drop(key);
  }

  /** Drops those unused for the quiet time; returns whether any is left. */
  tick(): boolean {
    this.#entries.dropWhile(({ usedAt }) => this.#quiet.isOver(usedAt));
    return this.size > 0;
  }

  trim(): void {
    this.#entries.dropWhile(() => true);
  }

  #unlink({ buffers }: Entry, key: string): void {
    for (const id of buffers) {
      const keys = this.#keysByBuffer.get(id);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysByBuffer.delete(id);
    }
  }
}
