import type { CallNumbers } from '../plan/uniforms.ts';
import type { Pass } from '../plan/plan.ts';
import { uniformBytes } from '../programs/call-uniform.ts';
import { MOST } from './bounds.ts';
import type { Ledger } from './ledger.ts';
import { allocationOf } from './storage.ts';
import type { Allocation } from './storage.ts';
import { Usage } from './usage.ts';

/** Bytes from one uniform to the next: a multiple of what every device can bind at, and as many as the largest has. */
export const UNIFORM_SLOT = 512;

/** Where the uniform of a pass is, for the numbers of one call. */
export interface UniformSlot {
  buffer: GPUBuffer;
  /** Names the buffer in cache keys. */
  bufferId: number;
  generation: number;
  /** As `setBindGroup` takes it. */
  offset: Uint32Array;
}

/**
 * Uniforms, each in a slot of one buffer that is bound at an offset: numbers that change from call to call take a slot, and no buffer. Once
 * all slots are taken they are used again from the first, since the queue writes them after all that was submitted; but where an encoder of
 * the caller's mentions the buffer, which may be yet to be submitted, another takes over.
 */
export class UniformArena {
  readonly #device: GPUDevice;
  readonly #ledger: Ledger;
  /** Told when a buffer is no longer ours, by its id. */
  readonly #onGone: (id: number) => void;
  readonly #slots = new Map<string, UniformSlot>();
  #allocation: Allocation | null = null;
  #generation = 0;

  constructor(device: GPUDevice, ledger: Ledger, onGone: (id: number) => void) {
    this.#device = device;
    this.#ledger = ledger;
    this.#onGone = onGone;
  }

  /** Changes whenever slots found before are no longer valid. */
  get generation(): number {
    return this.#generation;
  }

  /** Slots taken. */
  get size(): number {
    return this.#slots.size;
  }

  /** Makes room for the uniforms of so many passes, so that none of them takes the slot of another; returns the buffer they are in. */
  reserve(passes: number): Allocation {
    const there = (this.#allocation?.size ?? 0) / UNIFORM_SLOT;
    if (this.#allocation && this.#slots.size + passes <= there) return this.#allocation;
    // As many again, so that the next call finds its own.
    const wanted = passes > MOST.uniformSlots ? 2 * passes : MOST.uniformSlots;
    if (this.#allocation && (isMentioned(this.#allocation) || wanted > there)) this.trim();
    this.#restart();
    return (this.#allocation ??= this.#make(wanted));
  }

  slotOf(pass: Pass, numbers: CallNumbers): UniformSlot {
    const bytes = uniformBytes(pass, numbers);
    const key = new Uint32Array(bytes).join();
    let slot = this.#slots.get(key);
    if (!slot) {
      const { buffer, id } = this.#allocation!;
      const offset = this.#slots.size * UNIFORM_SLOT;
      this.#device.queue.writeBuffer(buffer, offset, bytes);
      slot = { buffer, bufferId: id, generation: this.#generation, offset: Uint32Array.of(offset) };
      this.#slots.set(key, slot);
    }
    return slot;
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
    this.#restart();
  }

  #make(slots: number): Allocation {
    const size = UNIFORM_SLOT * slots;
    const usage = Usage.UNIFORM | Usage.COPY_DST;
    this.#ledger.use('uniforms', size);
    return allocationOf(this.#device.createBuffer({ label: 'webgpu-norm uniforms', size, usage }), 'uniforms');
  }

  #restart(): void {
    this.#slots.clear();
    this.#generation++;
  }
}

function isMentioned({ pending, untold }: Allocation): boolean {
  return pending > 0 || untold;
}
