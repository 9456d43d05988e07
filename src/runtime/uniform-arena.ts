import type { CallNumbers } from '../plan/uniforms.ts';
import type { Pass } from '../plan/plan.ts';
import { uniformBytes } from '../programs/call-uniform.ts';
import { Usage } from './usage.ts';

/** Bytes from one uniform to the next: a multiple of what every device can bind at, and as many as the largest has. */
export const UNIFORM_SLOT = 512;
const SLOTS = 256;

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
 * the caller's mentions one, which may be yet to be submitted, another buffer takes over.
 */
export class UniformArena {
  readonly #device: GPUDevice;
  readonly #slots = new Map<string, UniformSlot>();
  #buffer: GPUBuffer | null = null;
  #bufferId = 0;
  #generation = 0;
  #isBorrowed = false;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Changes whenever slots found before are no longer valid. */
  get generation(): number {
    return this.#generation;
  }

  /** Makes room for the uniforms of so many passes, so that none of them takes the slot of another. */
  reserve(passes: number, borrowed: boolean): void {
    if (!this.#buffer || this.#slots.size + passes > SLOTS) this.#restart();
    this.#isBorrowed ||= borrowed;
  }

  slotOf(pass: Pass, numbers: CallNumbers): UniformSlot {
    const bytes = uniformBytes(pass, numbers);
    const key = new Uint32Array(bytes).join();
    let slot = this.#slots.get(key);
    if (!slot) {
      const offset = this.#slots.size * UNIFORM_SLOT;
      this.#device.queue.writeBuffer(this.#buffer!, offset, bytes);
      slot = {
        buffer: this.#buffer!,
        bufferId: this.#bufferId,
        generation: this.#generation,
        offset: Uint32Array.of(offset),
      };
      this.#slots.set(key, slot);
    }
    return slot;
  }

  destroy(): void {
    this.#buffer?.destroy();
    this.#buffer = null;
  }

  #restart(): void {
    if (!this.#buffer || this.#isBorrowed) {
      const usage = Usage.UNIFORM | Usage.COPY_DST;
      this.#buffer = this.#device.createBuffer({ label: 'webgpu-norm uniforms', size: UNIFORM_SLOT * SLOTS, usage });
      this.#isBorrowed = false;
      this.#bufferId++;
    }
    this.#slots.clear();
    this.#generation++;
  }
}
