import { failureOf } from './failure.ts';
import { storageOf } from './storage.ts';
import type { Storage } from './storage.ts';
import { Usage } from './usage.ts';

/** Bytes of unused buffers that are kept for the next call. */
const MOST_IDLE = 512 * 2 ** 20;

/** Buffers by size, so that an app which destroys its results makes none anew once it is warm. */
export class Pool {
  readonly #device: GPUDevice;
  readonly #idle = new Map<number, GPUBuffer[]>();
  #idleBytes = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  take(bytes: number, label: string): Storage {
    const size = Math.ceil(bytes / 16) * 16;
    const idle = this.#idle.get(size)?.pop();
    if (!idle) return this.#make(size, label);
    this.#idleBytes -= size;
    return storageOf(idle, true);
  }

  #make(size: number, label: string): Storage {
    const usage = Usage.STORAGE | Usage.COPY_SRC | Usage.COPY_DST;
    let buffer!: GPUBuffer;
    const shortage = failureOf(this.#device, 'out-of-memory', label, () => {
      buffer = this.#device.createBuffer({ label, size, usage });
    });
    return { ...storageOf(buffer, true), shortage };
  }

  give(storage: Storage): void {
    const { buffer, recorded } = storage;
    if (recorded || this.#idleBytes + buffer.size > MOST_IDLE) {
      buffer.destroy();
      return;
    }
    const list = this.#idle.get(buffer.size);
    if (list) list.push(buffer);
    else this.#idle.set(buffer.size, [buffer]);
    this.#idleBytes += buffer.size;
  }

  destroy(): void {
    for (const buffer of [...this.#idle.values()].flat()) buffer.destroy();
    this.#idle.clear();
    this.#idleBytes = 0;
  }
}
