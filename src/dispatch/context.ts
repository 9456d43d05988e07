import { NormError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { profileOf } from '../plan/profile.ts';
import type { Profile } from '../plan/profile.ts';
import type { Schedule } from '../plan/schedule.ts';
import { checkNames, checkText } from '../problem/options.ts';
import { bytesPerElement, wholeWords } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { checkShape, formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { acquireDevice, checkContextOptions } from './acquire.ts';
import type { Acquired, ContextOptions } from './acquire.ts';
import { checkCalls, checkReturned } from './arguments.ts';
import { calibrate } from './calibrate.ts';
import { checkData, checkDtypeName, dtypeOf, elementsOf, padded } from './elements.ts';
import { Executor } from './executor.ts';
import { Pool } from './pool.ts';
import { imaginary, storageOf } from './storage.ts';
import type { Storage } from './storage.ts';
import { Tensor } from './tensor.ts';
import { MAP_MODE_READ, Usage } from './usage.ts';
import { checkBinding, checkBorrowed, checkBuffer } from './validate.ts';

/** Buffers the contexts of this page made, to tell when one strays to another device. */
const makers = new WeakMap<GPUBuffer, GPUDevice>();

/** A device, and all that is kept on it between calls. */
export class Context implements Disposable {
  readonly device: GPUDevice;
  readonly adapterInfo: GPUAdapterInfo;
  readonly profile: Profile;
  readonly schedule: Partial<Schedule>;
  /** @internal Bytes that the offset of a binding is a multiple of. */
  readonly alignment: number;
  /** @internal */
  readonly pool: Pool;
  /** @internal */
  readonly executor: Executor;
  /** @internal While a call is only planned: the plans so far. */
  planned: Plan[] | null = null;
  readonly #ownsDevice: boolean;
  #lost: NormError | null = null;

  /** @internal */
  constructor({ device, adapterInfo, made }: Acquired, profile: Profile, options: ContextOptions) {
    this.device = device;
    this.adapterInfo = adapterInfo;
    this.profile = profile;
    this.schedule = options.schedule ?? {};
    this.alignment = device.limits.minStorageBufferOffsetAlignment;
    this.pool = new Pool(device);
    this.executor = new Executor(device);
    this.#ownsDevice = made;
    void device.lost.then((info) => {
      this.#lost ??= new NormError('lost', `the device was lost (${info.reason}): ${info.message}`);
    });
  }

  /**
   * Uploads numbers as a tensor; `dtype` is `'f32'` unless told otherwise, or `'f16'` where a Float16Array is given. f16 and
   * bf16 take a Uint16Array as bits, and round other numbers to the nearest, of two as near to the even one.
   *
   * @throws NormError `shape` where the number of elements is not that of the shape, `dtype` where an element cannot be
   * held exactly enough (a Float64Array, a fraction as u32, 65520 as f16) or bits come without a dtype, `limit`.
   */
  tensor(data: ArrayLike<number>, shape: Shape, options: { dtype?: Dtype; label?: string } = {}): Tensor {
    checkData('tensor', data);
    checkNames('tensor', options, ['dtype', 'label']);
    const { dtype = dtypeOf(data), label = 'tensor' } = options;
    checkText('tensor', 'label', label);
    checkShape('tensor', shape);
    if (data.length !== sizeOf(shape)) {
      throw new NormError(
        'shape',
        `tensor: ${data.length} elements are given, but shape ${formatShape(shape)} holds ${sizeOf(shape)}`,
      );
    }
    const elements = elementsOf(data, dtype);
    const tensor = this.empty(shape, { dtype, label });
    if (!this.planned) this.device.queue.writeBuffer(tensor.buffer, 0, padded(elements));
    return tensor;
  }

  /** A tensor whose elements are undefined, to be written by a call. Throws as {@link Context.tensor} does. */
  empty(shape: Shape, options: { dtype?: Dtype; label?: string } = {}): Tensor {
    checkNames('empty', options, ['dtype', 'label']);
    const { dtype = 'f32', label = 'empty' } = options;
    checkText('empty', 'label', label);
    this.checkAlive(label);
    checkDtypeName('empty', dtype);
    checkShape(label, shape);
    checkBinding(label, this.device, shape, dtype);
    const storage = this.take(sizeOf(shape) * bytesPerElement(dtype), `${label} ${formatShape(shape)}`);
    return new Tensor(this, storage, shape, dtype);
  }

  /**
   * Borrows a part of a buffer of the app as a tensor: nothing is copied, and the buffer is never destroyed by us.
   * `byteOffset` must be a multiple of the bytes of an element; of u32 that of the device's
   * `minStorageBufferOffsetAlignment` (256 unless it was asked for less). Of f16 and bf16 the buffer must hold all of the
   * word of 4 bytes that the tensor ends in.
   *
   * @throws NormError `usage` where the buffer lacks STORAGE, `limit` where offset or size cannot be bound, `shape` where
   * the buffer ends before the tensor, `device` where the buffer is known to belong to another one.
   */
  wrap(buffer: GPUBuffer, options: { shape: Shape; dtype?: Dtype; byteOffset?: number }): Tensor {
    checkBuffer(buffer);
    checkNames('wrap', options, ['shape', 'dtype', 'byteOffset']);
    const { shape, dtype = 'f32', byteOffset = 0 } = options;
    this.checkAlive('wrap');
    checkDtypeName('wrap', dtype);
    checkShape('wrap', shape);
    const maker = makers.get(buffer);
    if (maker && maker !== this.device) {
      throw new NormError('device', 'wrap: the buffer belongs to another device; copy it through the CPU');
    }
    checkBorrowed(this.device, buffer, shape, dtype, byteOffset);
    checkBinding('wrap', this.device, shape, dtype, byteOffset);
    return new Tensor(this, storageOf(buffer, false), shape, dtype, byteOffset);
  }

  /**
   * What the calls made by `calls` will run, without running or allocating anything: tensors made inside by
   * {@link Context.empty} take no memory.
   *
   * @throws NormError `option` for an async function: what follows its first await would run for real; and as the calls do.
   */
  explain(calls: () => unknown): Plan[] {
    return this.#plansOf('explain', calls);
  }

  /**
   * Compiles all that the calls made by `calls` need, off the main thread: `ctx.prepare(() => layerNorm(ctx.empty([8, 768])))`.
   * Throws (rejects) as {@link Context.explain} does.
   */
  async prepare(calls: () => unknown): Promise<void> {
    await Promise.all(this.#plansOf('prepare', calls).map(async (plan) => this.executor.prepare(plan)));
  }

  #plansOf(op: string, calls: () => unknown): Plan[] {
    checkCalls(op, calls);
    const before = this.planned;
    const plans: Plan[] = [];
    this.planned = plans;
    try {
      checkReturned(op, calls());
    } finally {
      this.planned = before;
    }
    return plans;
  }

  /** @internal Memory for a result. */
  take(bytes: number, label: string): Storage {
    if (this.planned) return imaginary();
    const storage = this.pool.take(bytes, `webgpu-norm ${label}`);
    makers.set(storage.buffer, this.device);
    return storage;
  }

  /** @internal Copies bytes to the CPU, by way of the whole words they are in: WebGPU copies no less. */
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

  /** @internal @throws NormError `lost`. */
  checkAlive(op: string): void {
    if (this.#lost) throw new NormError('lost', `${op}: ${this.#lost.message}`);
  }

  /** Frees what the context keeps, and the device if the context made it. Tensors of the app's own buffers live on. */
  destroy(): void {
    this.#lost ??= new NormError('lost', 'the context was destroyed');
    this.pool.destroy();
    this.executor.destroy();
    if (this.#ownsDevice) this.device.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/**
 * Opens a GPU, or takes a device that is there: `createContext({ device })` works on the app's device and never destroys it.
 *
 * @throws NormError (rejects) `unsupported` where there is no WebGPU or no adapter, `option` where what is given is none.
 */
export async function createContext(options: ContextOptions = {}): Promise<Context> {
  checkContextOptions(options);
  const acquired = await acquireDevice(options);
  const { device, adapterInfo } = acquired;
  const told = profileOf(adapterInfo, device.limits, device.features);
  const tried = options.calibrate === false ? { subgroup: 0 } : await calibrate(device, adapterInfo, told);
  return new Context(acquired, { ...told, ...tried, ...options.profile }, options);
}
