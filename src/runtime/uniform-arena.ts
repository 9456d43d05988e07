import { MOST } from './bounds.ts';
import type { Ledger } from './ledger.ts';
import { allocationOf } from './storage.ts';
import type { Allocation } from './storage.ts';
import { Usage } from './usage.ts';

/**
 * Bytes from one uniform to the next: a multiple of what every device can bind at, and as many as nearly all have. Arrays of eight axes that
 * broadcast, or lie, each in its own way take more.
 */
export const UNIFORM_SLOT = 512;

/** Where a uniform is. */
export interface UniformSlot {
  /** Bytes from the beginning of the buffer. */
  readonly offset: number;
  /** Its words, as text. */
  readonly words: string;
  /** The number, among all uses, of its last. */
  lastUse: number;
  /** Whether others have its place by now: who still has it asks again. */
  dropped: boolean;
}

/**
 * Uniforms, each in a slot of one buffer: numbers that change from call to call take a slot, and no buffer. Once all slots are taken,
 * the one used longest ago is written over, since the queue writes it after all that was submitted; but where an encoder of
 * the caller's mentions the buffer, which may be yet to be submitted, another takes over.
 */
export class UniformArena {
  readonly #device: GPUDevice;
  readonly #ledger: Ledger;
  /** Told when a buffer is no longer ours, by its id. */
  readonly #onGone: (id: number) => void;
  readonly #slots = new Map<string, UniformSlot>();
  #allocation: Allocation | null = null;
  /** Bytes from one slot of the buffer to the next. */
  #slotBytes = UNIFORM_SLOT;
  #uses = 0;

  constructor(device: GPUDevice, ledger: Ledger, onGone: (id: number) => void) {
    this.#device = device;
    this.#ledger = ledger;
    this.#onGone = onGone;
  }

  /** Slots taken. */
  get size(): number {
    return this.#slots.size;
  }

  /** Bytes of a slot. */
  get slotBytes(): number {
    return this.#slotBytes;
  }

  /**
   * Makes room for the uniforms of so many passes, of at most so many bytes, so that none of them takes the slot of another; returns the buffer
   * they are in.
   */
  reserve(passes: number, bytes: number): Allocation {
    const there = this.#capacity;
    const isFull = this.#slots.size + passes > there;
    const isMoved = isFull && (passes > there || (this.#allocation !== null && isMentioned(this.#allocation)));
    if (isMoved || bytes > this.#slotBytes) this.trim();
    // As many again, so that the next call finds its own.
    return (this.#allocation ??= this.#make(passes > MOST.uniformSlots ? 2 * passes : MOST.uniformSlots, bytes));
  }

  /** Where the bytes of a uniform are, written unless they are there; at most as many as there was made room for. */
  slotOf(bytes: ArrayBuffer): UniformSlot {
    const words = new Uint32Array(bytes).join();
    let slot = this.#slots.get(words);
    if (!slot) {
      const offset = this.#slots.size < this.#capacity ? this.#slots.size * this.#slotBytes : this.#dropOldest();
      this.#device.queue.writeBuffer(this.#allocation!.buffer, offset, bytes);
      slot = { offset, words, lastUse: 0, dropped: false };
      this.#slots.set(words, slot);
    }
    this.use(slot);
    return slot;
  }

  /** Notes that a slot is used. */
  use(slot: UniformSlot): void {
    slot.lastUse = ++this.#uses;
  }

  /** Destroys the buffer, or where an encoder of the caller's mentions it, has it destroyed once that was submitted. */
  trim(): void {
    const allocation = this.#allocation;
    if (!allocation) return;
    this.#ledger.leave('uniforms', allocation.size);
    this.#onGone(allocation.id);
    if (!isMentioned(allocation)) allocation.buffer.destroy();
    else if (!allocation.untold) allocation.onSettled = () => allocation.buffer.destroy();
    this.#allocation = null;
    for (const slot of this.#slots.values()) slot.dropped = true;
    this.#slots.clear();
  }

  get #capacity(): number {
    return (this.#allocation?.size ?? 0) / this.#slotBytes;
  }

  /** Gives up the slot used longest ago; returns its offset. */
  #dropOldest(): number {
    let oldest: UniformSlot | null = null;
    for (const slot of this.#slots.values()) if (!oldest || slot.lastUse < oldest.lastUse) oldest = slot;
    oldest!.dropped = true;
    this.#slots.delete(oldest!.words);
    return oldest!.offset;
  }

  #make(slots: number, bytes: number): Allocation {
    this.#slotBytes = Math.max(1, Math.ceil(bytes / UNIFORM_SLOT)) * UNIFORM_SLOT;
    const size = this.#slotBytes * slots;
    const usage = Usage.UNIFORM | Usage.COPY_DST;
    this.#ledger.use('uniforms', size);
    return allocationOf(this.#device.createBuffer({ label: 'webgpu-norm uniforms', size, usage }), 'uniforms');
  }
}

function isMentioned({ pending, untold }: Allocation): boolean {
  return pending > 0 || untold;
}
