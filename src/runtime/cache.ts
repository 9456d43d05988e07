/** A map that keeps the entries used last, up to a number. What falls out is told of, and left to the garbage collector. */
export class Cache<K, V> {
  readonly #most: number;
  readonly #onDropped: ((value: V, key: K) => void) | undefined;
  /** From the one used longest ago to the one used last. */
  readonly #entries = new Map<K, V>();

  constructor(most: number, onDropped?: (value: V, key: K) => void) {
    this.#most = most;
    this.#onDropped = onDropped;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry, which is now the one used last. */
  find(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  add(key: K, value: V): void {
    if (this.#entries.size >= this.#most) this.drop(this.#entries.keys().next().value!);
    this.#entries.set(key, value);
  }

  get(key: K, make: () => V): V {
    let value = this.find(key);
    if (value === undefined) this.add(key, (value = make()));
    return value;
  }

  drop(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#onDropped?.(value, key);
  }

  /** Drops entries, from the one used longest ago, for as long as they are to be. */
  dropWhile(isToBe: (value: V) => boolean): void {
    for (const [key, value] of this.#entries) {
      if (!isToBe(value)) return;
      this.drop(key);
    }
  }
}
