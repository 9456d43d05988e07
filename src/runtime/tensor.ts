import { NormError } from '../errors.ts';
import { bytesPerElement, isHalf } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import type { TensorSpec } from '../problem/parameters.ts';
import { checkShape, formatShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { checkDtypeName } from './elements.ts';
import { checkBinding } from './buffers.ts';
import { halvesOf, widen } from './halves.ts';
import type { HalfArray } from './halves.ts';
import type { Runtime } from './runtime.ts';
import { isGone } from './storage.ts';
import type { Storage } from './storage.ts';
import { Usage } from './usage.ts';

/** What reading gives: of f16 a `Float16Array` where the runtime has it, else bits; of bf16 bits. */
export interface DataOf {
  f32: Float32Array<ArrayBuffer>;
  f16: HalfArray | Uint16Array<ArrayBuffer>;
  bf16: Uint16Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
}

/** An n-dimensional array on the GPU: a row-major part of a buffer. Made by a context. */
export class Tensor implements TensorSpec, Disposable {
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** Elements. */
  readonly size: number;
  /** Where it begins in its buffer, in bytes. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** @internal Elements between the offset at or below it that can be bound and its first. */
  readonly elementOffset: number;
  /** @internal */
  readonly runtime: Runtime;
  /** @internal */
  readonly storage: Storage;

  /** @internal */
  constructor(runtime: Runtime, storage: Storage, shape: Shape, dtype: Dtype, byteOffset = 0) {
    this.runtime = runtime;
    this.storage = storage;
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.byteOffset = byteOffset;
    this.byteLength = this.size * bytesPerElement(dtype);
    this.elementOffset = (byteOffset % runtime.alignment) / bytesPerElement(dtype);
  }

  get buffer(): GPUBuffer {
    return this.storage.buffer;
  }

  /** Whether it can no longer be used: it, a tensor that shares its memory, or its buffer was destroyed. */
  get destroyed(): boolean {
    return isGone(this.storage);
  }

  /**
   * Copies the elements to the CPU, after all work submitted so far. `'f32'` widens f16 and bf16, which is exact; without a
   * dtype they come as {@link DataOf} their own, which the type tells only where the dtype is named.
   *
   * @throws NormError (rejects) `destroyed`, `dtype` where it holds another, `usage` where a borrowed buffer lacks
   * COPY_SRC, `lost`, or with what went wrong in the call that made the tensor.
   */
  async read(): Promise<Float32Array<ArrayBuffer>>;
  async read<D extends Dtype>(dtype: D): Promise<DataOf[D]>;
  async read(dtype: Dtype = this.dtype): Promise<DataOf[Dtype]> {
    this.#checkReadable(dtype);
    // The copy is submitted before anything is awaited: the tensor may be destroyed, and its memory reused, meanwhile.
    const { shortage, failure } = this.storage;
    const copied = this.#download();
    copied.catch(() => {}); // Awaited below, unless there is a better reason to fail.
    const wrong = (await shortage) ?? (await failure);
    if (wrong) throw wrong;
    const bytes = await copied;
    if (isHalf(this.dtype)) return dtype === 'f32' ? widen(bytes, this.dtype) : halvesOf(bytes, this.dtype);
    return this.dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  async #download(): Promise<ArrayBuffer> {
    this.runtime.checkAlive('read');
    if (this.size === 0) return new ArrayBuffer(0);
    return this.runtime.download(this.buffer, this.byteOffset, this.byteLength);
  }

  #checkReadable(dtype: Dtype): void {
    if (this.destroyed) throw new NormError('destroyed', 'read: the tensor was destroyed; read it before that');
    checkDtypeName('read', dtype);
    const widens = dtype === 'f32' && isHalf(this.dtype);
    if (dtype !== this.dtype && !widens) {
      throw new NormError('dtype', `read: the tensor holds ${this.dtype}, not ${dtype}`);
    }
    if (!(this.buffer.usage & Usage.COPY_SRC)) {
      throw new NormError('usage', 'read: the buffer was made without GPUBufferUsage.COPY_SRC, which reading needs');
    }
  }

  /**
   * The same memory in another shape: nothing is copied, and destroying either tensor destroys both.
   *
   * @throws NormError `shape` where that holds another number of elements.
   */
  reshape(shape: Shape): Tensor {
    checkShape('reshape', shape);
    if (sizeOf(shape) !== this.size) {
      throw new NormError(
        'shape',
        `reshape: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, but the tensor ${formatShape(this.shape)} has ${this.size}`,
      );
    }
    return new Tensor(this.runtime, this.storage, shape, this.dtype, this.byteOffset);
  }

  /** Gives its memory back, with that of every tensor that shares it. A borrowed buffer is left alone. */
  destroy(): void {
    if (this.destroyed) return;
    this.storage.released = true;
    if (this.storage.owned) this.runtime.pool.give(this.storage);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** A tensor in memory of ours, its elements undefined. */
export function emptyTensor(runtime: Runtime, shape: Shape, dtype: Dtype, label: string): Tensor {
  checkBinding(label, runtime.device, shape, dtype);
  const storage = runtime.take(sizeOf(shape) * bytesPerElement(dtype), `${label} ${formatShape(shape)}`);
  return new Tensor(runtime, storage, shape, dtype);
}
