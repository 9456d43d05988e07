import { NormError } from '../errors.ts';
import { wholeWords } from '../problem/dtype.ts';
import type { Plan } from '../plan/plan.ts';
import type { Profile } from '../plan/profile.ts';
import type { Schedule } from '../plan/schedule.ts';
import { Executor } from './executor.ts';
import { Pool } from './pool.ts';
import { imaginary } from './storage.ts';
import type { Storage } from './storage.ts';
import { MAP_MODE_READ, Usage } from './usage.ts';

/** Buffers the contexts of this page made, to tell when one strays to another device. */
const makers = new WeakMap<GPUBuffer, GPUDevice>();

/** A device, and all that is kept on it between calls: what a context and its tensors share. */
export class Runtime {
  readonly device: GPUDevice;
  readonly profile: Profile;
  readonly schedule: Partial<Schedule>;
  /** Bytes that the offset of a binding is a multiple of. */
  readonly alignment: number;
  readonly pool: Pool;
  readonly executor: Executor;
  /** While a call is only planned: the plans so far. */
  planned: Plan[] | null = null;
  #lost: NormError | null = null;

  constructor(device: GPUDevice, profile: Profile, schedule: Partial<Schedule>) {
    this.device = device;
    this.profile = profile;
    this.schedule = schedule;
    this.alignment = device.limits.minStorageBufferOffsetAlignment;
    this.pool = new Pool(device);
    this.executor = new Executor(device);
    void device.lost.then((info) => {
      this.#lost ??= new NormError('lost', `the device was lost (${info.reason}): ${info.message}`);
    });
  }

  /** Memory for a result; for an empty one too. */
  take(bytes: number, label: string): Storage {
    if (this.planned) return imaginary();
    const storage = this.pool.take(Math.max(bytes, 4), `webgpu-norm ${label}`);
    makers.set(storage.buffer, this.device);
    return storage;
  }

  /** Copies bytes to the CPU, by way of the whole words they are in: WebGPU copies no less. */
  async download(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    this.checkAlive('read');
    const { device } = this;
    const before = offset % 4;
    const words = wholeWords(before + size);
    const usage = Usage.MAP_READ | Usage.COPY_DST;
    const staging = device.createBuffer({ label: 'webgpu-norm read', size: words, usage });
    try {
      const encoder = device.createCommandEncoder({ label: 'webgpu-norm read' });
      encoder.copyBufferToBuffer(buffer, offset - before, staging, 0, words);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(MAP_MODE_READ);
      return staging.getMappedRange().slice(before, before + size);
    } catch (cause) {
      this.checkAlive('read');
      throw cause;
    } finally {
      staging.destroy();
    }
  }

  /** @throws NormError `device` where a buffer is known to belong to another one. */
  checkMaker(op: string, buffer: GPUBuffer): void {
    const maker = makers.get(buffer);
    if (maker && maker !== this.device) {
      throw new NormError('device', `${op}: the buffer belongs to another device; copy it through the CPU`);
    }
  }

  /** @throws NormError `lost`. */
  checkAlive(op: string): void {
    if (this.#lost) throw new NormError('lost', `${op}: ${this.#lost.message}`);
  }

  destroy(): void {
    this.#lost ??= new NormError('lost', 'the context was destroyed');
    this.pool.destroy();
    this.executor.destroy();
  }
}
