import { NormError } from '../errors.ts';
import { wholeWords } from '../problem/dtype.ts';
import type { Plan } from '../plan/plan.ts';
import type { Profile } from '../plan/profile.ts';
import type { Schedule } from '../plan/schedule.ts';
import type { Encoder } from './encoder.ts';
import { Executor } from './executor.ts';
import { caughtUp, failureOf, firstOf } from './failure.ts';
import { Ledger } from './ledger.ts';
import type { MemoryKind } from './ledger.ts';
import type { MemoryPolicy } from './memory-options.ts';
import { Plans } from './plans.ts';
import { makerOf, Pool } from './pool.ts';
import { Quiet } from './quiet.ts';
import { Scratch } from './scratch.ts';
import { UploadedStarts } from './sequence-starts.ts';
import { imaginary } from './storage.ts';
import type { Allocation, BufferRange, Storage } from './storage.ts';
import { mention } from './submissions.ts';
import { MAP_MODE_READ, Usage } from './usage.ts';

/** How memory is kept, and whether shapes that come back get programs of their own. */
export interface RuntimePolicy extends MemoryPolicy {
  specialize: boolean;
}

/** Calls that are only planned: the plans so far of those on a device, and of those elsewhere. */
interface Planning {
  device: GPUDevice;
  plans: Plan[];
  elsewhere: Plan[];
}

/** Calls of whatever context: a tensor of one may be used with those of another. null: they run. */
let planning: Planning | null = null;

/** A device, and all that is kept on it between calls: what a context and its tensors share. */
export class Runtime {
  readonly device: GPUDevice;
  readonly profile: Profile;
  readonly schedule: Partial<Schedule>;
  /** Bytes that the offset of a binding is a multiple of. */
  readonly alignment: number;
  /** Bytes of the largest buffer. */
  readonly maxBufferSize: number;
  readonly ledger: Ledger = new Ledger();
  readonly plans: Plans = new Plans();
  readonly sequenceStarts: UploadedStarts = new UploadedStarts((numbers) => this.#upload(numbers));
  readonly pool: Pool;
  readonly executor: Executor;
  readonly #scratch: Scratch;
  readonly #quiet: Quiet;
  #lost: NormError | null = null;

  constructor(device: GPUDevice, profile: Profile, schedule: Partial<Schedule>, policy: RuntimePolicy) {
    this.device = device;
    this.profile = profile;
    this.schedule = schedule;
    this.alignment = device.limits.minStorageBufferOffsetAlignment;
    this.maxBufferSize = device.limits.maxBufferSize;
    this.#quiet = new Quiet(policy.idleSeconds, () => this.#tick());
    const { ledger } = this;
    this.executor = new Executor(device, ledger, this.#quiet, policy.specialize);
    const onGone = (id: number): void => this.executor.bindGroups.forget(id);
    this.pool = new Pool({ device, policy, ledger, quiet: this.#quiet, onGone });
    this.#scratch = new Scratch(this.pool);
    Runtime.#watch(device, new WeakRef(this));
  }

  /** Tells a runtime of the loss of its device, which may outlive many, and keeps none of them: what waits for the loss closes over no `this`. */
  static #watch(device: GPUDevice, own: WeakRef<Runtime>): void {
    void device.lost.then(({ reason, message }) => {
      const runtime = own.deref();
      if (runtime) runtime.#lose(`the device was lost (${reason}): ${message}`);
    });
  }

  #lose(message: string): void {
    this.#lost ??= new NormError('lost', message);
  }

  /** Memory for a result; for an empty one too. */
  take(bytes: number, label: string, kind: MemoryKind = 'tensors'): Storage {
    if (this.planned) return imaginary(true);
    return this.pool.take(Math.max(bytes, 4), label, kind);
  }

  /**
   * The plans of calls that are made for what they would do, or refuse: nothing runs.
   *
   * @throws NormError `device` where all of them are on another one.
   */
  planOnly(op: string, calls: () => void): Plan[] {
    const before = planning;
    const plans: Plan[] = [];
    const elsewhere: Plan[] = [];
    planning = { device: this.device, plans, elsewhere };
    try {
      calls();
    } finally {
      planning = before;
    }
    if (plans.length > 0 || elsewhere.length === 0) return plans;
    throw new NormError('device', `${op}: the calls are on another device; use the context that made their tensors`);
  }

  /** While calls are only planned: the plans so far. */
  get planned(): Plan[] | null {
    return planning && (planning.device === this.device ? planning.plans : planning.elsewhere);
  }

  /** Adds the scratch buffers of a plan, which hold nothing from one call to the next. */
  addScratch({ scratch }: Plan, resources: Record<string, BufferRange>): void {
    for (const name in scratch) {
      const size = scratch[name]!;
      if (size > 0) resources[name] = this.#scratch.range(name, size);
    }
  }

  /** Numbers of the library's own, which calls read. */
  #upload(numbers: Uint32Array<ArrayBuffer>): Storage {
    const storage = this.take(numbers.byteLength, 'sequence starts', 'scratch');
    this.device.queue.writeBuffer(storage.buffer, 0, numbers);
    return storage;
  }

  /** Notes that an encoder of the app's mentions memory, which nobody else is to have until that is submitted. */
  mention(encoder: Encoder, ranges: Iterable<BufferRange>): void {
    const allocations: Allocation[] = [];
    for (const { storage } of ranges) if (storage.allocation) allocations.push(storage.allocation);
    mention(this.device.queue, encoder, allocations);
  }

  /**
   * Copies bytes to the CPU, by way of the whole words they are in: WebGPU copies no less.
   *
   * @throws NormError (rejects) `lost`, `memory` where there is none for the copy, `destroyed` where the buffer was, `device`.
   */
  async download(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    this.checkAlive('read');
    const { device, ledger } = this;
    const before = offset % 4;
    const words = wholeWords(before + size);
    const descriptor = { label: 'webgpu-norm read', size: words, usage: Usage.MAP_READ | Usage.COPY_DST };
    let staging!: GPUBuffer;
    let mapping!: Promise<undefined>;
    const shortage = failureOf(device, 'out-of-memory', `read of ${words} bytes`, () => {
      staging = device.createBuffer(descriptor);
    });
    const failure = failureOf(device, 'validation', 'read', () => {
      const encoder = device.createCommandEncoder({ label: 'webgpu-norm read' });
      encoder.copyBufferToBuffer(buffer, offset - before, staging, 0, words);
      device.queue.submit([encoder.finish()]);
      mapping = staging.mapAsync(MAP_MODE_READ);
    });
    ledger.use('reads', words);
    try {
      const unmapped = await mapping.then(
        () => null,
        (cause: unknown) => new NormError('device', 'read: the copy could not be mapped', { cause }),
      );
      if (unmapped) await this.checkStillAlive('read');
      const wrong = (await firstOf([shortage, failure])) ?? unmapped;
      if (wrong) throw wrong;
      return staging.getMappedRange().slice(before, before + size);
    } finally {
      staging.destroy();
      ledger.leave('reads', words);
    }
  }

  /** @throws NormError `device` where a buffer is known to belong to another one. */
  checkMaker(op: string, buffer: GPUBuffer): void {
    const maker = makerOf(buffer);
    if (maker && maker !== this.device) {
      throw new NormError('device', `${op}: the buffer belongs to another device; copy it through the CPU`);
    }
  }

  /** @throws NormError `lost`. */
  checkAlive(op: string): void {
    if (this.#lost) throw new NormError('lost', `${op}: ${this.#lost.message}`);
  }

  /**
   * As {@link Runtime.checkAlive}, once a device that may be lost had the time to tell.
   *
   * @throws NormError (rejects) `lost`.
   */
  async checkStillAlive(op: string): Promise<void> {
    await caughtUp(this.device);
    this.checkAlive(op);
  }

  /** Frees all memory that no tensor has, and drops bind groups; returns the bytes. */
  trim(): number {
    const { ledger, executor, pool } = this;
    const before = ledger.inUse + ledger.idle;
    this.#scratch.trim();
    pool.trim();
    executor.bindGroups.trim();
    executor.uniforms.trim();
    this.sequenceStarts.clear();
    return before - ledger.inUse - ledger.idle;
  }

  destroy(): void {
    this.#lose('the context was destroyed');
    this.pool.destroy();
    this.trim();
    this.#quiet.stop();
  }

  /** Frees what has been quiet; returns whether anything is left that may be. */
  #tick(): boolean {
    const { executor, pool } = this;
    const left = [this.#scratch.tick(), pool.tick(), executor.bindGroups.tick()];
    return left.includes(true);
  }
}
