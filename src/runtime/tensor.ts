import { NormError } from '../errors.ts';
import { bytesPerElement, isHalf, sharesWord, wholeWords } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { brandOf } from '../options/brand.ts';
import type { Brand } from '../options/brand.ts';
import { checkAlone } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import { resolveAxes } from '../problem/axes.ts';
import type { TensorSpec } from '../problem/parameters.ts';
import { checkShape, extentOf, formatShape, isRowMajor, sizeOf, stridesOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { checkDtypeName, gathered } from './elements.ts';
import { checkOffset, checkSize } from './buffers.ts';
import { halvesOf, widen } from './halves.ts';
import type { Runtime } from './runtime.ts';
import { doubtOf } from './doubts.ts';
import { isGone, isImaginary, whyGone } from './storage.ts';
import type { BufferRange, Storage } from './storage.ts';
import type { DataOf, ReadDtype } from './tensor-types.ts';
import { Usage } from './usage.ts';

/**
 * An n-dimensional array on the GPU: a part of a buffer, row-major unless `wrap` was given strides. Made by a context.
 *
 * `D` is the dtype of its elements as the compiler knows it: a `Tensor<'f16'>` is refused where f32 is wanted. `Tensor` alone is of any dtype,
 * one that is known at run time only: it fits wherever a tensor does, and the call tells whether it is right.
 */
export class Tensor<D extends Dtype = Dtype> implements TensorSpec, Disposable {
  /** @internal */
  static readonly brand: Brand = /* @__PURE__ */ brandOf('Tensor');
  /** @internal A Proxy of a tensor, or what has one for its prototype, is none: it has no private members. */
  static [Symbol.hasInstance](value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && #strides in value;
  }
  /** @internal Vue takes it as it is, in `ref()` and `reactive()` too: a Proxy has no private members. */
  get __v_skip(): true {
    return true;
  }

  /**
   * @internal What it may hold, in types alone. Parameters of a method are compared both ways: a `Tensor<'f16'>` fits where a `Tensor` is wanted,
   * a `Tensor` where a `Tensor<'f16'>` is, and a `Tensor<'u32'>` does not.
   */
  declare readonly holds: { dtype(held: D): void }['dtype'];
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** Whether it is row-major. */
  readonly contiguous: boolean;
  /** Elements. */
  readonly size: number;
  /** Where it begins in its buffer, in bytes. */
  readonly byteOffset: number;
  /** From the first element to the end of the last. */
  readonly byteLength: number;
  /** @internal Elements between the offset at or below it that can be bound and its first. */
  readonly elementOffset: number;
  /** @internal */
  readonly runtime: Runtime;
  /** @internal */
  readonly storage: Storage;
  /** @internal What is bound of it: from the nearest offset that can be, to the end of its last word. */
  readonly range: BufferRange;
  readonly #strides: readonly number[] | null;
  #signature: string | null = null;

  /** @internal */
  constructor(runtime: Runtime, storage: Storage, shape: Shape, dtype: D, byteOffset = 0, strides?: readonly number[]) {
    this.runtime = runtime;
    this.storage = storage;
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.byteOffset = byteOffset;
    this.contiguous = strides === undefined || isRowMajor(shape, strides);
    this.#strides = this.contiguous ? null : [...strides!];
    this.byteLength = (this.#strides ? extentOf(shape, this.#strides) : this.size) * bytesPerElement(dtype);
    const before = byteOffset % runtime.alignment;
    this.elementOffset = before / bytesPerElement(dtype);
    this.range = {
      storage,
      offset: byteOffset - before,
      size: wholeWords(before + this.byteLength),
      first: byteOffset,
      gaps:
        this.byteLength > this.size * bytesPerElement(dtype)
          ? `${formatShape(shape)}/${this.strides.join()}`
          : undefined,
    };
  }

  /** @internal Dtype and shape in a key. */
  get signature(): string {
    return (this.#signature ??= `${this.dtype}${formatShape(this.shape)}`);
  }

  /** Elements from one index of each axis to the next. */
  get strides(): readonly number[] {
    return this.#strides ?? stridesOf(this.shape);
  }

  /** Its buffer, which may be longer: bind `byteOffset` and `byteLength`, of halves and i8 up to a whole word of 4 bytes. It is reused after `destroy`, not before. */
  get buffer(): GPUBuffer {
    if (this.storage.allocation) this.storage.allocation.seen = true;
    return this.storage.buffer;
  }

  /**
   * Whether it can no longer be used: it, a tensor that shares its memory, or its buffer was destroyed; or it was made by calls that were only
   * planned.
   */
  get destroyed(): boolean {
    return isGone(this.storage) || (this.storage.planned && !this.runtime.planned);
  }

  /**
   * Copies the elements to the CPU, after all work submitted so far: as f32, to which f16, bf16 and i8 widen exactly, or
   * as {@link DataOf} the tensor's own dtype where that is named. Of u32 it must be.
   *
   * @throws NormError (rejects) `destroyed`, `dtype` where it holds another, `usage` where a borrowed buffer lacks
   * COPY_SRC, `lost`, `option`, `memory`, or with what went wrong in the call that made the tensor, or what that read.
   * @example const numbers: Float32Array = await y.read();
   * const bits = await y.read('bf16'); // a Uint16Array
   */
  async read(this: Tensor<Exclude<Dtype, 'u32'>>): Promise<DataOf['f32']>;
  async read<As extends ReadDtype<D>>(dtype: As): Promise<DataOf[As]>;
  async read<As extends ReadDtype<D>>(dtype: As | undefined): Promise<DataOf[As] | DataOf['f32']>;
  async read(dtype: Dtype = 'f32', ...more: readonly never[]): Promise<DataOf[Dtype]> {
    checkAlone('read', more);
    this.#checkReadable(dtype);
    // The copy is submitted before anything is awaited: the tensor may be destroyed, and its memory reused, meanwhile.
    const doubt = doubtOf(this.range);
    const copied = this.#download();
    copied.catch(() => {}); // Awaited below, unless there is a better reason to fail.
    const wrong = await doubt;
    if (wrong) throw wrong;
    const copy = await copied;
    const bytes = this.#strides ? gathered(copy, this.shape, this.#strides, this.dtype) : copy;
    if (isHalf(this.dtype)) return dtype === 'f32' ? widen(bytes, this.dtype) : halvesOf(bytes, this.dtype);
    if (this.dtype === 'i8') return dtype === 'f32' ? Float32Array.from(new Int8Array(bytes)) : new Int8Array(bytes);
    return this.dtype === 'u32' ? new Uint32Array(bytes) : new Float32Array(bytes);
  }

  async #download(): Promise<ArrayBuffer> {
    this.runtime.checkAlive('read');
    if (this.size === 0) return new ArrayBuffer(0);
    return this.runtime.download(this.storage.buffer, this.byteOffset, this.byteLength);
  }

  #checkReadable(dtype: Dtype): void {
    if (this.destroyed) {
      throw new NormError('destroyed', `read: the tensor ${whyGone(this.storage, 'read it before that')}`);
    }
    checkDtypeName('read', dtype);
    const widens = dtype === 'f32' && sharesWord(this.dtype);
    if (dtype !== this.dtype && !widens) {
      throw new NormError(
        'dtype',
        `read: the tensor holds ${this.dtype}, not ${dtype}; read('${this.dtype}') gives what it holds`,
      );
    }
    if (!(this.storage.buffer.usage & Usage.COPY_SRC)) {
      throw new NormError('usage', 'read: the buffer was made without GPUBufferUsage.COPY_SRC, which reading needs');
    }
  }

  /**
   * The same memory in another shape: nothing is copied, and destroying either tensor destroys both.
   *
   * @throws NormError `shape` where that holds another number of elements, `option`.
   * @example const rows = x.reshape([64, 96]);
   */
  reshape(shape: Shape, ...more: readonly never[]): Tensor<D> {
    checkAlone('reshape', more);
    checkShape('reshape', shape);
    if (!this.contiguous) {
      throw new NormError(
        'shape',
        `reshape: the tensor ${formatShape(this.shape)} has strides ${formatShape(this.strides)}; slice or permute what is contiguous after reshape, or copy it`,
      );
    }
    if (sizeOf(shape) !== this.size) {
      throw new NormError(
        'shape',
        `reshape: shape ${formatShape(shape)} holds ${sizeOf(shape)} elements, but the tensor ${formatShape(this.shape)} has ${this.size}`,
      );
    }
    return new Tensor(this.runtime, this.storage, shape, this.dtype as D, this.byteOffset);
  }

  /**
   * Indices `start` to before `end` of an axis, as a view: nothing is copied, and destroying either tensor destroys both.
   *
   * @throws NormError `axes` where there is no such axis, `shape` where it has no such indices, `limit` where what begins there cannot be
   * bound (u32 off the device's alignment), `option`.
   * @example const q = qkv.slice(1, 0, heads); // of [tokens, 3 · heads, size]
   */
  slice(axis: number, start: number, end: number, ...more: readonly never[]): Tensor<D> {
    checkAlone('slice', more);
    if (typeof axis !== 'number') {
      throw new NormError('axes', `slice: axis is ${formatValue(axis)}; it must be a whole number, one axis`);
    }
    const at = resolveAxes('slice', axis, this.shape)[0]!;
    const size = this.shape[at]!;
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > size) {
      throw new NormError(
        'shape',
        `slice: from ${formatValue(start)} to ${formatValue(end)} of axis ${at}, but x ${formatShape(this.shape)} has ${size} indices there`,
      );
    }
    const { shape, strides, dtype } = this;
    const byteOffset = this.byteOffset + start * strides[at]! * bytesPerElement(dtype);
    checkOffset('slice', this.runtime.device, dtype, byteOffset);
    const sizes = shape.map((one, index) => (index === at ? end - start : one));
    return new Tensor(this.runtime, this.storage, sizes, dtype as D, byteOffset, strides);
  }

  /**
   * The axes in another order, as a view: nothing is copied, and destroying either tensor destroys both.
   *
   * @throws NormError `axes` unless each axis is named once, `option`.
   * @example const channelsFirst = picture.permute([0, 3, 1, 2]); // of [N,H,W,C]
   */
  permute(axes: readonly number[], ...more: readonly never[]): Tensor<D> {
    checkAlone('permute', more);
    const { shape, strides, dtype, byteOffset } = this;
    // Of no axes all are none, which elsewhere is too few.
    const named = shape.length + [axes].flat().length === 0 ? [] : resolveAxes('permute', axes, shape);
    if (named.length < shape.length) {
      throw new NormError(
        'axes',
        `permute: axes ${formatValue(axes)} name ${named.length} of the ${shape.length} axes; name each`,
      );
    }
    const order = [axes].flat().map((axis) => (axis < 0 ? axis + shape.length : axis));
    return new Tensor(
      this.runtime,
      this.storage,
      order.map((axis) => shape[axis]!),
      dtype as D,
      byteOffset,
      order.map((axis) => strides[axis]!),
    );
  }

  /**
   * Gives its memory back, with that of every tensor that shares it. A borrowed buffer is left alone. What a command encoder of
   * yours mentions is freed once that is submitted; what an open compute pass of yours mentions at once, so submit it before.
   * A tensor that is dropped without `destroy` gives its memory back when it is collected. Calls that are only planned free nothing.
   */
  destroy(): void {
    const { storage, runtime } = this;
    if (storage.released) return;
    if (runtime.planned && !isImaginary(storage)) return;
    storage.released = true;
    if (storage.allocation) runtime.pool.give(storage);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** A tensor in memory of ours, its elements undefined. */
export function emptyTensor<D extends Dtype>(runtime: Runtime, shape: Shape, dtype: D, label: string): Tensor<D> {
  checkSize(label, runtime.maxBufferSize, shape, dtype);
  const storage = runtime.take(sizeOf(shape) * bytesPerElement(dtype), label);
  return new Tensor(runtime, storage, shape, dtype);
}
