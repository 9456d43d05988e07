import { NormError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Profile } from '../plan/profile.ts';
import type { Schedule } from '../plan/schedule.ts';
import { brandOf } from '../options/brand.ts';
import type { Brand } from '../options/brand.ts';
import { checkAlone, checkNames, checkText } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { Dtype } from '../problem/dtype.ts';
import { checkShape, checkStrides, formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Acquired, DeviceOptions } from './acquire.ts';
import { checkCalls, checkReturned } from './arguments.ts';
import { checkBorrowed, checkBuffer } from './buffers.ts';
import { checkData, checkDtypeName, dtypeOf, elementsOf, writable } from './elements.ts';
import { memoryPolicyOf } from './memory-options.ts';
import { memoryReportOf } from './memory.ts';
import type { MemoryReport } from './memory.ts';
import { Runtime } from './runtime.ts';
import { borrowedStorage } from './storage.ts';
import { emptyTensor, Tensor } from './tensor.ts';
import type { DataFor, DefaultDtype, TensorOptions, WrapOptions } from './tensor-types.ts';

const TENSOR_OPTIONS = ['dtype', 'label'];
const WRAP_OPTIONS = ['shape', 'dtype', 'byteOffset', 'strides'];

/** A GPU that was opened, or a device of the app's: makes tensors, plans ahead, compiles ahead. */
export class Context implements Disposable {
  /** @internal */
  static readonly brand: Brand = /* @__PURE__ */ brandOf('Context');
  /** @internal As of a tensor. */
  get __v_skip(): true {
    return true;
  }
  readonly device: GPUDevice;
  readonly adapterInfo: GPUAdapterInfo;
  /** Facts known of the adapter, as plans take them. */
  readonly profile: Profile;
  readonly schedule: Partial<Schedule>;
  /** @internal */
  readonly runtime: Runtime;
  readonly #ownsDevice: boolean;

  /** @internal */
  constructor({ device, adapterInfo, made }: Acquired, profile: Profile, options: DeviceOptions) {
    const { schedule = {}, memory, specialize = true } = options;
    this.device = device;
    this.adapterInfo = adapterInfo;
    this.profile = profile;
    this.schedule = schedule;
    this.runtime = new Runtime(device, profile, schedule, { ...memoryPolicyOf(memory), specialize });
    this.#ownsDevice = made;
  }

  /**
   * Uploads numbers as a tensor; `dtype` is `'f32'` unless told otherwise, or `'f16'` where a Float16Array is given, `'i8'` where an
   * Int8Array is. f16 and bf16 take a Uint16Array as bits, and round other numbers to the nearest, of two as near to the even one.
   *
   * @throws NormError `shape` where the number of elements is not that of the shape, `dtype` where an element cannot be
   * held exactly enough (a Float64Array, a fraction as u32, 65520 as f16) or bits come without a dtype, `limit`, `option`, `lost`.
   * @example const x = context.tensor(new Float32Array(8 * 768), [8, 768]);
   */
  tensor<Data extends DataFor[D], D extends Dtype>(
    data: Data,
    shape: Shape,
    options: TensorOptions<D> & { dtype: D },
    ...more: readonly never[]
  ): Tensor<NoInfer<D>>;
  tensor<Data extends DataFor[D], D extends Dtype = DefaultDtype<Data>>(
    data: Data,
    shape: Shape,
    options?: TensorOptions<D>,
    ...more: readonly never[]
  ): Tensor<NoInfer<D> | DefaultDtype<Data>>;
  tensor(data: ArrayLike<number>, shape: Shape, options: TensorOptions = {}, ...more: readonly never[]): Tensor {
    checkAlone('tensor', more, TENSOR_OPTIONS);
    checkData('tensor', data);
    checkNames('tensor', options, TENSOR_OPTIONS);
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
    // Deno's WebGPU ends the process where it is given no bytes.
    const written = !this.runtime.planned && elements.length > 0;
    if (written) this.device.queue.writeBuffer(tensor.storage.buffer, 0, writable(elements));
    return tensor;
  }

  /**
   * A tensor whose elements are undefined, to be written by a call.
   *
   * @throws NormError `shape`, `dtype`, `option`, `limit`, `lost`.
   * @example const out = context.empty([8, 768], { dtype: 'f16' });
   */
  empty<D extends Dtype>(
    shape: Shape,
    options: TensorOptions<D> & { dtype: D },
    ...more: readonly never[]
  ): Tensor<NoInfer<D>>;
  empty<D extends Dtype = 'f32'>(
    shape: Shape,
    options?: TensorOptions<D>,
    ...more: readonly never[]
  ): Tensor<NoInfer<D> | 'f32'>;
  empty(shape: Shape, options: TensorOptions = {}, ...more: readonly never[]): Tensor {
    checkAlone('empty', more, TENSOR_OPTIONS);
    checkNames('empty', options, TENSOR_OPTIONS);
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
   * `minStorageBufferOffsetAlignment` (256 unless it was asked for less). Of f16, bf16 and i8 the buffer must hold all of the
   * word of 4 bytes that the tensor ends in. With `strides` it is a view: x, what is added to it or multiplied, results and their gradients
   * may be; parameters, running statistics and styles are contiguous.
   *
   * @throws NormError `usage` where the buffer lacks STORAGE, `limit` where the offset cannot be bound, `shape` where
   * the buffer ends before the tensor, `device` where the buffer is known to belong to another one, `dtype`, `option`, `lost`.
   * @example const x = context.wrap(buffer, { shape: [8, 64], byteOffset: 256 });
   * const q = context.wrap(qkv, { shape: [tokens, heads, 128], strides: [3 * heads * 128, 128, 1] });
   */
  wrap<D extends Dtype>(
    buffer: GPUBuffer,
    options: WrapOptions<D> & { dtype: D },
    ...more: readonly never[]
  ): Tensor<NoInfer<D>>;
  wrap<D extends Dtype = 'f32'>(
    buffer: GPUBuffer,
    options: WrapOptions<D>,
    ...more: readonly never[]
  ): Tensor<NoInfer<D> | 'f32'>;
  wrap(buffer: GPUBuffer, options: WrapOptions, ...more: readonly never[]): Tensor {
    checkAlone('wrap', more, WRAP_OPTIONS.slice(1));
    checkBuffer(buffer);
    checkNames('wrap', options, WRAP_OPTIONS);
    const { shape, dtype = 'f32', byteOffset = 0, strides } = options;
    this.runtime.checkAlive('wrap');
    checkDtypeName('wrap', dtype);
    checkShape('wrap', shape);
    if (strides !== undefined) checkStrides('wrap', shape, strides);
    this.runtime.checkMaker('wrap', buffer);
    checkBorrowed(this.device, buffer, { shape, dtype, byteOffset, strides });
    return new Tensor(this.runtime, borrowedStorage(buffer), shape, dtype, byteOffset, strides);
  }

  /**
   * Plans of the calls made by `calls`, without running or allocating anything: tensors and layers made inside have no memory, and are
   * refused by calls that run (`destroyed`).
   *
   * @throws NormError `option` for an async function: what follows its first await would run for real; `device` where all calls are on another one;
   * and as the calls do.
   * @example const [plan] = context.explain(() => layerNorm(context.empty([8, 768])));
   */
  explain(calls: () => unknown, ...more: readonly never[]): Plan[] {
    checkAlone('explain', more);
    return structuredClone(this.#plansOf('explain', calls));
  }

  /**
   * Compiles all that the calls made by `calls` need, off the main thread; returns the labels of the programs that were not there yet.
   * Calls of the same kind need the same, whatever their shapes.
   *
   * @throws NormError (rejects) as {@link Context.explain} does; `lost` where the device was lost meanwhile, `device` where it compiles no such
   * program.
   * @example const compiled = await context.prepare(() => layerNorm(context.empty([8, 768])));
   */
  async prepare(calls: () => unknown, ...more: readonly never[]): Promise<string[]> {
    checkAlone('prepare', more);
    return this.#prepare('prepare', calls);
  }

  /**
   * Makes a call once all it needs is compiled, off the main thread: the page does not stop for a kind of call that was never seen. The
   * function runs twice, the first time only to see what it calls.
   *
   * @throws NormError (rejects) as {@link Context.prepare} does, and as the call does.
   * @example const y = await context.ready(() => layerNorm(x));
   */
  async ready<Result>(call: () => Result, ...more: readonly never[]): Promise<Result> {
    checkAlone('ready', more);
    await this.#prepare('ready', call);
    return call();
  }

  /**
   * Bytes of the buffers that the context has made: in use by kind, idle, and the most there were; and how many pipelines,
   * plans, bind groups and uniforms it keeps. Buffers of the app's are not counted.
   *
   * @throws NormError `lost` where the context was destroyed, or its device lost, `option` where there are arguments.
   * @example const { inUse, idle, kinds } = context.memory(); // kinds.tensors.inUse
   */
  memory(...more: readonly never[]): MemoryReport {
    checkAlone('memory', more);
    this.runtime.checkAlive('memory');
    return memoryReportOf(this.runtime);
  }

  /**
   * Frees all memory that is kept for the next call: idle buffers, scratch buffers and bind groups. Tensors, saved
   * results and what is compiled stay. Returns how many bytes were freed.
   *
   * @throws NormError `lost` where the context was destroyed, or its device lost, `option` where there are arguments.
   * @example const freed = context.trim(); // when the page is hidden, for one
   */
  trim(...more: readonly never[]): number {
    checkAlone('trim', more);
    this.runtime.checkAlive('trim');
    return this.runtime.trim();
  }

  /** Frees what the context keeps, and the device if the context made it. Tensors of the app's own buffers live on. */
  destroy(): void {
    this.runtime.destroy();
    if (this.#ownsDevice) this.device.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async #prepare(op: string, calls: () => unknown): Promise<string[]> {
    const { runtime } = this;
    const labels = await runtime.executor.prepare(this.#plansOf(op, calls)).catch(async (cause: Error) => {
      await runtime.checkStillAlive(op);
      throw new NormError('device', `${op}: a program could not be compiled: ${cause.message}`, { cause });
    });
    // A device that is lost compiles as if all were well.
    if (labels.length > 0) await runtime.checkStillAlive(op);
    return labels;
  }

  #plansOf(op: string, calls: () => unknown): Plan[] {
    checkCalls(op, calls);
    return this.runtime.planOnly(op, () => checkReturned(op, calls()));
  }
}

/** @throws NormError `option` unless it is a context. */
export function checkContext(op: string, context: unknown): asserts context is Context {
  if (context instanceof Context) return;
  throw new NormError(
    'option',
    `${op}: context is ${formatValue(context)}; it must be a Context, as await createContext() makes it`,
  );
}
