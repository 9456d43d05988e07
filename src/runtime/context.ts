import { NormError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { profileOf } from '../plan/profile.ts';
import type { Profile } from '../plan/profile.ts';
import type { Schedule } from '../plan/schedule.ts';
import { checkNames, checkText } from '../problem/options.ts';
import type { Dtype } from '../problem/dtype.ts';
import { checkShape, formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { acquireDevice, checkContextOptions } from './acquire.ts';
import type { Acquired, ContextOptions } from './acquire.ts';
import { checkCalls, checkReturned } from './arguments.ts';
import { checkBinding, checkBorrowed, checkBuffer } from './buffers.ts';
import { calibrate } from './calibration.ts';
import { checkData, checkDtypeName, dtypeOf, elementsOf, padded } from './elements.ts';
import { Runtime } from './runtime.ts';
import { storageOf } from './storage.ts';
import { emptyTensor, Tensor } from './tensor.ts';

/** A GPU that was opened, or a device of the app's: makes tensors, plans ahead, compiles ahead. */
export class Context implements Disposable {
  readonly device: GPUDevice;
  readonly adapterInfo: GPUAdapterInfo;
  /** What is known of the adapter, as plans take it. */
  readonly profile: Profile;
  readonly schedule: Partial<Schedule>;
  /** @internal */
  readonly runtime: Runtime;
  readonly #ownsDevice: boolean;

  /** @internal */
  constructor({ device, adapterInfo, made }: Acquired, profile: Profile, { schedule = {} }: ContextOptions) {
    this.device = device;
    this.adapterInfo = adapterInfo;
    this.profile = profile;
    this.schedule = schedule;
    this.runtime = new Runtime(device, profile, schedule);
    this.#ownsDevice = made;
  }

  /**
   * Uploads numbers as a tensor; `dtype` is `'f32'` unless told otherwise, or `'f16'` where a Float16Array is given. f16 and
   * bf16 take a Uint16Array as bits, and round other numbers to the nearest, of two as near to the even one.
   *
   * @throws NormError `shape` where the number of elements is not that of the shape, `dtype` where an element cannot be
   * held exactly enough (a Float64Array, a fraction as u32, 65520 as f16) or bits come without a dtype, `limit`. A size may be 0.
   * @example const x = context.tensor(new Float32Array(8 * 768), [8, 768]);
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
    if (!this.runtime.planned) this.device.queue.writeBuffer(tensor.buffer, 0, padded(elements));
    return tensor;
  }

  /** A tensor whose elements are undefined, to be written by a call. Throws as {@link Context.tensor} does. */
  empty(shape: Shape, options: { dtype?: Dtype; label?: string } = {}): Tensor {
    checkNames('empty', options, ['dtype', 'label']);
    const { dtype = 'f32', label = 'empty' } = options;
    checkText('empty', 'label', label);
    this.runtime.checkAlive(label);
    checkDtypeName('empty', dtype);
    checkShape(label, shape);
    return emptyTensor(this.runtime, shape, dtype, label);
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
    this.runtime.checkAlive('wrap');
    checkDtypeName('wrap', dtype);
    checkShape('wrap', shape);
    this.runtime.checkMaker('wrap', buffer);
    checkBorrowed(this.device, buffer, shape, dtype, byteOffset);
    checkBinding('wrap', this.device, shape, dtype, byteOffset);
    return new Tensor(this.runtime, storageOf(buffer, false), shape, dtype, byteOffset);
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
    const plans = this.#plansOf('prepare', calls);
    await Promise.all(plans.map(async (plan) => this.runtime.executor.prepare(plan)));
  }

  /** Frees what the context keeps, and the device if the context made it. Tensors of the app's own buffers live on. */
  destroy(): void {
    this.runtime.destroy();
    if (this.#ownsDevice) this.device.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #plansOf(op: string, calls: () => unknown): Plan[] {
    checkCalls(op, calls);
    const { runtime } = this;
    const before = runtime.planned;
    const plans: Plan[] = [];
    runtime.planned = plans;
    try {
      checkReturned(op, calls());
    } finally {
      runtime.planned = before;
    }
    return plans;
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
