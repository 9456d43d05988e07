import type * as ort from 'onnxruntime-web';
import { COUNTS } from '../bridge/dtypes.ts';
import { NormError } from '../errors.ts';
import { isPlain } from '../options/checks.ts';
import { formatValue } from '../options/format-value.ts';
import type { Dtype } from '../problem/dtype.ts';
import { formatShape } from '../problem/shape.ts';
import type { Context } from '../runtime/context.ts';
import { doubtOf } from '../runtime/doubts.ts';
import { isImaginary } from '../runtime/storage.ts';
import type { Storage } from '../runtime/storage.ts';
import { Tensor } from '../runtime/tensor.ts';
import type { OnnxRuntime } from './peer.ts';

/** A tensor of ONNX Runtime, of location gpu-buffer, or one of ours on the same device. */
export type AnyTensor = ort.Tensor | Tensor;

/** Arguments of a function, with a tensor of ONNX Runtime wherever it takes one of ours. */
export type Taking<T> = T extends Tensor
  ? AnyTensor
  : T extends GPUObjectBase | ((...given: never[]) => unknown)
    ? T
    : T extends object
      ? { [Name in keyof T]: Taking<T[Name]> }
      : T;

/** The arguments of a function, as {@link Taking}. */
export type OnnxArguments<Arguments extends unknown[]> = { [Index in keyof Arguments]: Taking<Arguments[Index]> };

/** Results of a function, as tensors of ONNX Runtime. */
export type OnnxResult<R> = R extends Tensor
  ? ort.Tensor
  : { [Name in keyof R]: R[Name] extends Tensor | undefined ? ort.Tensor | Exclude<R[Name], Tensor> : R[Name] };

/** Dtypes that both have a name for. ONNX Runtime keeps no bfloat16 and no int8 in buffers of the GPU. */
const DTYPES: Partial<Record<ort.Tensor.Type, Dtype>> = { float32: 'f32', float16: 'f16', uint32: 'u32' };
const TYPES: Partial<Record<Dtype, 'float32' | 'float16' | 'uint32'>> = {
  f32: 'float32',
  f16: 'float16',
  u32: 'uint32',
};

const EMPTY = { float32: new Float32Array(), float16: new Uint16Array(), uint32: new Uint32Array() };

/** Shows tensors of ONNX Runtime as ours and ours as its own: the same buffers, nothing is copied. */
export class Exchange {
  readonly #context: Context;
  readonly #runtime: OnnxRuntime;
  readonly #onError: (error: NormError) => void;
  /** Our tensors by theirs, so that each is looked at once, and that its end is known on both sides. */
  readonly #wrapped = new WeakMap<ort.Tensor, Tensor>();
  readonly #lent = new WeakMap<Tensor, ort.Tensor>();

  constructor(context: Context, runtime: OnnxRuntime, onError: (error: NormError) => void) {
    this.#context = context;
    this.#runtime = runtime;
    this.#onError = onError;
  }

  /** @throws NormError where it is no tensor in memory of the GPU; `op` and `name` say of what. */
  wrap(op: string, name: string, tensor: AnyTensor): Tensor {
    if (tensor instanceof Tensor) return tensor;
    checkTensor(op, name, tensor);
    const dtype = dtypeOf(op, name, tensor);
    const shape = tensor.dims;
    if (tensor.size === 0) return this.#context.empty(shape, { dtype });
    let wrapped = this.#wrapped.get(tensor);
    // What was read is of location cpu from then on; of ours it is in its buffer too, until its end.
    if (wrapped?.storage.allocation && !wrapped.destroyed) return wrapped;
    checkLocation(op, name, tensor);
    if (!wrapped || isView(wrapped)) {
      wrapped = this.#context.wrap(tensor.gpuBuffer as GPUBuffer, { shape, dtype });
      this.#remember(tensor, wrapped);
    }
    if (wrapped.destroyed) {
      throw new NormError(
        'destroyed',
        `${op}: the memory of ${name} was destroyed; dispose of a tensor after its last use`,
      );
    }
    return wrapped;
  }

  /** @throws NormError where ONNX Runtime has no such tensors. */
  unwrap(op: string, tensor: Tensor): ort.Tensor {
    // One that came from ONNX Runtime, as where an \`out\` is, goes back as what it was.
    const known = this.#lent.get(tensor);
    if (known?.location === 'gpu-buffer') return known;
    if (known?.location === 'none') {
      throw new NormError('destroyed', `${op}: the tensor was disposed; dispose of a tensor after its last use`);
    }
    const { shape, dtype, runtime } = tensor;
    if (runtime.device !== this.#context.device) {
      throw new NormError(
        'device',
        `${op}: the tensor is on another device than ONNX Runtime; copy it through the CPU`,
      );
    }
    const type = TYPES[dtype];
    if (!type) {
      throw new NormError(
        'dtype',
        `${op}: the tensor holds ${dtype}, which ONNX Runtime keeps in no buffer; float32 and float16 are, outputDtype: 'f32' or 'f16' of a call`,
      );
    }
    // ONNX Runtime itself has empty results on the CPU.
    if (tensor.size === 0) return new this.#runtime.Tensor(type, EMPTY[type] as never, [...shape]);
    if (!tensor.contiguous || tensor.byteOffset > 0) {
      const lies = tensor.contiguous
        ? `begins at byte ${tensor.byteOffset}`
        : `has strides ${formatShape(tensor.strides)}`;
      throw new NormError(
        'limit',
        `${op}: the tensor ${lies} of its buffer; a tensor of ONNX Runtime is all of one, from its beginning`,
      );
    }
    const theirs = this.#runtime.Tensor.fromGpuBuffer(tensor.buffer, {
      dataType: type,
      dims: [...shape],
      download: async () => (await tensor.read(dtype)) as never,
      dispose: () => tensor.destroy(),
    });
    this.#remember(theirs, tensor);
    void this.#report(tensor);
    return theirs;
  }

  /** Results, of which tensors become theirs. Where one cannot, those made for the call, all but what was `given` to it, are freed. */
  unwrapAll<Name extends string>(
    op: string,
    results: Record<Name, unknown>,
    given: ReadonlySet<Storage> = new Set(),
  ): Record<Name, unknown> {
    try {
      return mapped(results, (value) => (value instanceof Tensor ? this.unwrap(op, value) : value));
    } catch (error) {
      for (const result of Object.values(results)) {
        if (isOfMemory(result) && !(result instanceof Tensor && given.has(result.storage))) result.destroy();
      }
      throw error;
    }
  }

  /** @throws NormError unless it is a tensor of numbers that both have. */
  upload(tensor: ort.Tensor): Tensor {
    checkTensor('upload', 'tensor', tensor);
    const dtype = dtypeOf('upload', 'tensor', tensor);
    if (tensor.location !== 'cpu' && tensor.location !== 'cpu-pinned') {
      throw new NormError(
        'option',
        `upload: the tensor is of location '${tensor.location}'; upload takes one on the CPU`,
      );
    }
    return this.#context.tensor(tensor.data as ArrayLike<number>, tensor.dims, { dtype });
  }

  /** Calls a function of ours. */
  call(norm: (...all: unknown[]) => unknown, given: readonly unknown[]): unknown {
    const op = 'call';
    const seen = new Set<Storage>();
    const show = (value: unknown, name: string, within: readonly unknown[] = []): unknown => {
      const shown = isOrtTensor(value) ? this.wrap(op, name, value) : value;
      if (shown instanceof Tensor) seen.add(shown.storage);
      if (!isPlain(shown)) return shown;
      if (within.includes(shown)) {
        throw new NormError(
          'option',
          `${op}: ${name} is an object that it is in; give options that do not hold themselves`,
        );
      }
      return mapped(shown, (part, key) => show(part, key, [...within, shown]));
    };
    const result = norm(...given.map((value, index) => show(value, index === 0 ? 'x' : `argument ${index + 1}`)));
    return isPlain(result) ? this.unwrapAll(op, result, seen) : this.unwrapAll(op, { result }, seen).result;
  }

  #remember(theirs: ort.Tensor, ours: Tensor): void {
    this.#wrapped.set(theirs, ours);
    this.#lent.set(ours, theirs);
  }

  /** A tensor of ONNX Runtime cannot carry what the device finds wrong with the work that made it. */
  async #report({ range }: Tensor): Promise<void> {
    const wrong = await doubtOf(range);
    if (wrong) this.#onError(wrong);
  }
}

/** Whether a tensor of ours that was destroyed did but show a buffer that is not ours, and lives on. */
function isView({ storage }: Tensor): boolean {
  return storage.released && !storage.allocation && !isImaginary(storage);
}

function isOrtTensor(value: unknown): value is ort.Tensor {
  return typeof (value as Partial<ort.Tensor> | null | undefined)?.location === 'string';
}

/** Whether it has memory of the GPU: a tensor, or what a call saves. */
function isOfMemory(value: unknown): value is { destroy(): void } {
  return typeof (value as Partial<Tensor> | null | undefined)?.destroy === 'function';
}

function mapped<Name extends string>(
  of: Record<Name, unknown>,
  map: (value: unknown, name: string) => unknown,
): Record<Name, unknown> {
  const entries = Object.entries(of).map(([name, value]) => [name, map(value, name)] as const);
  return Object.fromEntries(entries) as Record<Name, unknown>;
}

/** @throws NormError `option` unless it is a tensor of some ONNX Runtime. */
function checkTensor(
  op: string,
  name: string,
  tensor: Partial<ort.Tensor> | null | undefined,
): asserts tensor is ort.Tensor {
  if (typeof tensor?.location === 'string' && Array.isArray(tensor.dims)) return;
  throw new NormError(
    'option',
    `${op}: ${name} is ${formatValue(tensor)}; it must be an ort.Tensor, or a Tensor of this context`,
  );
}

/** @throws NormError `dtype` unless it is one that both have. */
function dtypeOf(op: string, name: string, { type }: ort.Tensor): Dtype {
  const dtype = DTYPES[type];
  if (dtype) return dtype;
  const wanted = COUNTS.includes(name) ? 'uint32' : 'float32 or float16';
  throw new NormError(
    'dtype',
    `${op}: ${name} holds ${type}; it must hold ${wanted}, which a Cast node in the model gives`,
  );
}

/** @throws NormError `destroyed` or `device` unless it is in a buffer of the GPU. */
function checkLocation(op: string, name: string, { location }: ort.Tensor): void {
  if (location === 'gpu-buffer') return;
  if (location === 'none') {
    throw new NormError('destroyed', `${op}: ${name} was disposed; dispose of a tensor after its last use`);
  }
  const why =
    location === 'ml-tensor' || location === 'texture'
      ? 'the session must run on WebGPU, executionProviders: ["webgpu"], and leave its results there'
      : 'upload it once, by upload(tensor), or leave it on the GPU';
  throw new NormError(
    'device',
    `${op}: ${name} is of location '${location}'; ${why}: a session with preferredOutputLocation: 'gpu-buffer' does`,
  );
}
