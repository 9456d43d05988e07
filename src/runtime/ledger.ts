/** Uses of memory: results and uploads, what gradients need, buffers within a call, numbers of calls, copies to the CPU. */
export type MemoryKind = 'tensors' | 'saved' | 'scratch' | 'uniforms' | 'reads';

const KINDS: readonly MemoryKind[] = ['tensors', 'saved', 'scratch', 'uniforms', 'reads'];

/** Bytes of buffers that somebody uses, and the most there were at once. */
export interface MemoryUse {
  inUse: number;
  peak: number;
}

/** Counts bytes of buffers: those in use by kind, those idle, and the most there were. */
export class Ledger {
  readonly #kinds = Object.fromEntries(KINDS.map((kind) => [kind, { inUse: 0, peak: 0 }])) as Record<
    MemoryKind,
    MemoryUse
  >;
  #inUse = 0;
  #idle = 0;
  #peak = 0;

  get inUse(): number {
    return this.#inUse;
  }

  get idle(): number {
    return this.#idle;
  }

  /** The most bytes there were at once, in use and idle. */
  get peak(): number {
    return this.#peak;
  }

  /** A copy of what is in use by kind. */
  kinds(): Record<MemoryKind, MemoryUse> {
    return structuredClone(this.#kinds);
  }

  use(kind: MemoryKind, bytes: number): void {
    const use = this.#kinds[kind];
    use.inUse += bytes;
    this.#inUse += bytes;
    if (use.inUse > use.peak) use.peak = use.inUse;
    this.#notePeak();
  }

  leave(kind: MemoryKind, bytes: number): void {
    this.#kinds[kind].inUse -= bytes;
    this.#inUse -= bytes;
  }

  /** Bytes became idle, or where there are fewer than none, no longer are. */
  idled(bytes: number): void {
    this.#idle += bytes;
    this.#notePeak();
  }

  #notePeak(): void {
    if (this.#inUse + this.#idle > this.#peak) this.#peak = this.#inUse + this.#idle;
  }
}
