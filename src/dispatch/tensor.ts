import { NormError } from '../errors.ts';
import type { Described, Dtype } from '../problem/parameters.ts';
import { sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Context } from './context.ts';
import { isGone } from './storage.ts';
import type { Storage } from './storage.ts';
import { Usage } from './usage.ts';

export type DataOf<D extends Dtype> = D extends 'u32' ? Uint32Array<ArrayBuffer> : Float32Array<ArrayBuffer>;

/** An n-dimensional array on the GPU: a row-major part of a buffer. Made by a {@link Context}. */
export class Tensor implements Described, Disposable {
  readonly context: Context;
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** Elements. */
  readonly size: number;
  /** Where it begins in its buffer, in bytes. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** @internal */
  readonly storage: Storage;

  /** @internal */
  constructor(context: Context, storage: Storage, shape: Shape, dtype: Dtype, byteOffset = 0) {
    this.context = context;
    this.storage = storage;
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.byteOffset = byteOffset;
    this.byteLength = this.size * 4;
  }

  get buffer(): GPUBuffer {
    return this.storage.buffer;
  }

  /** Whether it can no longer be used: it, a tensor that shares its memory, or its buffer was destroyed. */
  get destroyed(): boolean {
    return isGone(this.storage);
  }

  /**
   * Copies the elements to the CPU, after all work submitted so far.
   *
   * @throws NormError (rejects) `destroyed`, `usage` where a borrowed buffer lacks COPY_SRC, `lost`, or with what went
   * wrong in the call that made the tensor.
   */
  async read(): Promise<Float32Array<ArrayBuffer>>;
  async read<D extends Dtype>(dtype: D): Promise<DataOf<D>>;
  async read(dtype: Dtype = this.dtype): Promise<Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>> {
    this.#checkReadable(dtype);
    // The copy is submitted before anything is awaited: the tensor may be destroyed, and its memory reused, meanwhile.
    const { shortage, failure } = this.storage;
    const copied = this.context.download(this.buffer, this.byteOffset, this.byteLength);
    copied.catch(() => {}); // Awaited below, unless there is a better reason to fail.
    const wrong = (await shortage) ?? (await failure);
    if (wrong) throw wrong;
    const bytes = await copied;
    return this.dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  #checkReadable(dtype: Dtype): void {
    if (this.destroyed) throw new NormError('destroyed', 'read: the tensor was destroyed; read it before that');
    if (dtype !== this.dtype) {
      throw new NormError('dtype', `read: the tensor holds ${this.dtype}, not ${dtype}`);
    }
    if (!(this.buffer.usage & Usage.COPY_SRC)) {
      throw new NormError('usage', 'read: the buffer was made without GPUBufferUsage.COPY_SRC, which reading needs');
    }
  }

  /** Gives its memory back, with that of every tensor that shares it. A borrowed buffer is left alone. */
  destroy(): void {
    if (this.destroyed) return;
    this.storage.released = true;
    if (this.storage.owned) this.context.pool.give(this.storage);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
