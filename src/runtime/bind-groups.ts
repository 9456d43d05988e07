import { MOST } from './bounds.ts';
import { Cache } from './cache.ts';
import type { Quiet } from './quiet.ts';

/** Bindings of a dispatch, as numbers: its pass, and of each buffer the id, the offset and the bytes. */
export type BoundKey = readonly number[];

interface Entry<Bound> {
  bound: Bound;
  key: BoundKey;
  /** The buffers it names, by their ids. */
  buffers: readonly number[];
  usedAt: number;
}

/** Bind groups by what they bind. One that names a buffer that is gone goes with it: it would keep the memory. */
export class BindGroups<Bound> {
  readonly #quiet: Quiet;
  /** By a hash of the key: of two keys of one hash the later takes the place of the other. */
  readonly #entries = new Cache<number, Entry<Bound>>(MOST.bindGroups, (entry, hash) => this.#unlink(entry, hash));
  readonly #hashesByBuffer = new Map<number, Set<number>>();

  constructor(quiet: Quiet) {
    this.#quiet = quiet;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: BoundKey): Bound | undefined {
    const entry = this.#entries.find(hashOf(key));
    if (!entry || !isSame(entry.key, key)) return undefined;
    entry.usedAt = this.#quiet.now;
    return entry.bound;
  }

  add(key: BoundKey, bound: Bound, buffers: readonly number[]): void {
    const hash = hashOf(key);
    this.#entries.drop(hash);
    this.#entries.add(hash, { bound, key, buffers, usedAt: this.#quiet.now });
    for (const id of buffers) {
      const hashes = this.#hashesByBuffer.get(id);
      if (hashes) hashes.add(hash);
      else this.#hashesByBuffer.set(id, new Set([hash]));
    }
  }

  /** Drops those that name a buffer. */
  forget(buffer: number): void {
    for (const hash of this.#hashesByBuffer.get(buffer) ?? []) this.#entries.drop(hash);
  }

  /** Drops those unused for the quiet time; returns whether any is left. */
  tick(): boolean {
    this.#entries.dropWhile(({ usedAt }) => this.#quiet.isOver(usedAt));
    return this.size > 0;
  }

  trim(): void {
    this.#entries.dropWhile(() => true);
  }

  #unlink({ buffers }: Entry<Bound>, hash: number): void {
    for (const id of buffers) {
      const hashes = this.#hashesByBuffer.get(id);
      hashes?.delete(hash);
      if (hashes?.size === 0) this.#hashesByBuffer.delete(id);
    }
  }
}

/** Each number is mixed in as MurmurHash does at its end: a product carries differences up, a shift brings them down again. */
function hashOf(key: BoundKey): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key[index]!, 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  // What engines keep without a box.
  return hash & 0x3fffffff;
}

function isSame(a: BoundKey, b: BoundKey): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
