import { failureOf } from './failure.ts';
import type { Ledger, MemoryKind } from './ledger.ts';
import type { MemoryPolicy } from './memory-options.ts';
import type { Quiet } from './quiet.ts';
import { sizeClass } from './size-class.ts';
import { allocationOf, storageOf } from './storage.ts';
import type { Allocation, Storage } from './storage.ts';
import { Usage } from './usage.ts';

/** Buffers the contexts of this page made, to tell when one strays to another device. */
const makers = new WeakMap<GPUBuffer, GPUDevice>();

/** The device of a buffer that a context of this page made. */
export function makerOf(buffer: GPUBuffer): GPUDevice | undefined {
  return makers.get(buffer);
}

/** The runtime as far as a pool needs to know it. */
interface PoolParts {
  device: GPUDevice;
  policy: MemoryPolicy;
  ledger: Ledger;
  quiet: Quiet;
  /** Told when a buffer is no longer ours, by its id: what else refers to it is to let go. */
  onGone: (id: number) => void;
}

/**
 * Buffers of ours by size class, so that an app which destroys its results makes none anew once it is warm. Those that nobody uses
 * have a budget, the larger of `idleBytes` and `idleShare` of what is in use; beyond it, and after `idleSeconds`, those
 * used longest ago are destroyed. Storage that is dropped without being given back comes back when it is collected.
 */
export class Pool {
  readonly #parts: PoolParts;
  readonly #maxBufferSize: number;
  readonly #bySize = new Map<number, Allocation[]>();
  /** All idle ones, from the one used longest ago to the one used last. */
  readonly #idle = new Set<Allocation>();
  /** Told of the storage, which it does not keep; what it keeps is the allocation, which does not know the storage. */
  readonly #collected: FinalizationRegistry<Allocation> | null;
  #destroyed = false;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#maxBufferSize = parts.device.limits.maxBufferSize;
    // Not every runtime has it; there, what is dropped is collected without being reused.
    this.#collected =
      typeof FinalizationRegistry === 'undefined'
        ? null
        : new FinalizationRegistry((allocation) => this.collect(allocation));
  }

  /** Memory of at least so many bytes, its contents undefined. */
  take(bytes: number, label: string, kind: MemoryKind): Storage {
    const size = sizeClass(bytes, this.#maxBufferSize);
    const allocation = this.#reuse(size) ?? this.#make(size, `webgpu-norm ${label}, ${size} bytes`, kind);
    allocation.kind = kind;
    this.#parts.ledger.use(kind, size);
    const storage = storageOf(allocation);
    this.#collected?.register(storage, allocation, storage);
    return storage;
  }

  /** Takes back what its owner destroyed. What a compute pass of the app's mentions is destroyed outright: the owner knows. */
  give(storage: Storage): void {
    this.#leave(storage, (allocation) => this.#destroy(allocation));
  }

  /** Takes back what nobody destroyed on purpose: of that nothing is destroyed that the app may be yet to submit. */
  release(storage: Storage): void {
    this.#leave(storage, (allocation) => this.#parts.onGone(allocation.id));
  }

  /** Takes back what was dropped: what the app may hold by other ways is left to the garbage collector. */
  collect(allocation: Allocation): void {
    const { ledger, onGone } = this.#parts;
    ledger.leave(allocation.kind, allocation.size);
    if (allocation.untold || allocation.seen) onGone(allocation.id);
    else this.#settle(allocation);
  }

  /** Destroys what has been idle for the quiet time; returns whether anything is left. */
  tick(): boolean {
    for (const allocation of this.#idle) {
      if (!this.#parts.quiet.isOver(allocation.usedAt)) break;
      this.#free(allocation);
    }
    return this.#idle.size > 0;
  }

  /** Destroys all that is idle. */
  trim(): void {
    for (const allocation of this.#idle) this.#free(allocation);
  }

  /** From now on what comes back is destroyed. */
  destroy(): void {
    this.#destroyed = true;
    this.trim();
  }

  /** An idle one; what the app destroyed after it had given it back is let go. */
  #reuse(size: number): Allocation | undefined {
    const list = this.#bySize.get(size);
    for (let allocation = list?.pop(); allocation; allocation = list!.pop()) {
      this.#idle.delete(allocation);
      this.#parts.ledger.idled(-size);
      if (!allocation.identity.destroyed) return allocation;
      this.#parts.onGone(allocation.id);
    }
    return undefined;
  }

  #make(size: number, label: string, kind: MemoryKind): Allocation {
    const { device } = this.#parts;
    const usage = Usage.STORAGE | Usage.COPY_SRC | Usage.COPY_DST;
    let buffer!: GPUBuffer;
    const shortage = failureOf(device, 'out-of-memory', label, () => {
      buffer = device.createBuffer({ label, size, usage });
    });
    makers.set(buffer, device);
    const allocation = allocationOf(buffer, kind, shortage);
    void shortage.then((wrong) => {
      if (wrong) this.trim(); // The next call may find room.
    });
    return allocation;
  }

  #leave(storage: Storage, whereUntold: (allocation: Allocation) => void): void {
    this.#collected?.unregister(storage);
    const allocation = storage.allocation!;
    this.#parts.ledger.leave(allocation.kind, allocation.size);
    if (allocation.untold) whereUntold(allocation);
    else this.#settle(allocation);
  }

  #settle(allocation: Allocation): void {
    if (allocation.pending > 0) allocation.onSettled = () => this.#keep(allocation);
    else this.#keep(allocation);
  }

  #keep(allocation: Allocation): void {
    const { ledger, policy, quiet } = this.#parts;
    const { size } = allocation;
    if (this.#destroyed || allocation.spoiled || allocation.identity.destroyed) {
      this.#destroy(allocation);
      return;
    }
    allocation.seen = false;
    allocation.usedAt = quiet.now;
    const list = this.#bySize.get(size);
    if (list) list.push(allocation);
    else this.#bySize.set(size, [allocation]);
    this.#idle.add(allocation);
    ledger.idled(size);
    while (ledger.idle > Math.max(policy.idleBytes, policy.idleShare * ledger.inUse)) {
      this.#free(this.#idle.values().next().value!);
    }
    if (this.#idle.size > 0) quiet.start();
  }

  /** Destroys an idle one. It is the first of its size: both lists are in the order of use. */
  #free(allocation: Allocation): void {
    const { size } = allocation;
    const list = this.#bySize.get(size)!;
    list.splice(list.indexOf(allocation), 1);
    if (list.length === 0) this.#bySize.delete(size);
    this.#idle.delete(allocation);
    this.#parts.ledger.idled(-size);
    this.#destroy(allocation);
  }

  #destroy({ buffer, id }: Allocation): void {
    this.#parts.onGone(id);
    buffer.destroy();
  }
}
