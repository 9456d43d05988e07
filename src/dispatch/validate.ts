import { NormError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Profile } from '../plan/profile.ts';
import { bytesPerElement, isHalf, wholeWords } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { formatValue } from '../problem/format-value.ts';
import { formatShape, isSameShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Tensor } from './tensor.ts';
import { Usage } from './usage.ts';

/** @throws NormError `limit` where the device cannot bind as much. */
export function checkBinding(what: string, device: GPUDevice, shape: Shape, dtype: Dtype, byteOffset = 0): void {
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  const before = byteOffset % device.limits.minStorageBufferOffsetAlignment;
  const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  if (wholeWords(before + bytes) > most) {
    throw new NormError(
      'limit',
      `${what}: shape ${formatShape(shape)} takes ${bytes} bytes${before ? `, bound with ${before} before them` : ''}; this device binds at most ${most}`,
    );
  }
}

/** @throws NormError `limit` where a call has more arrays than the device binds at once. */
export function checkArrays(op: string, { passes }: Plan, { maxArrays }: Profile): void {
  const most = Math.max(...passes.map(({ bindings }) => bindings.length));
  if (most > maxArrays) {
    throw new NormError(
      'limit',
      `${op}: so many options take ${most} arrays in one pass; this device binds ${maxArrays}, ask for more by the limit ` +
        `maxStorageBuffersPerShaderStage`,
    );
  }
}

/** @throws NormError `option` unless it is a buffer. */
export function checkBuffer(buffer: Partial<GPUBuffer> | null): void {
  if (typeof buffer?.usage !== 'number' || typeof buffer.size !== 'number') {
    throw new NormError('option', `wrap: buffer is ${formatValue(buffer)}; it must be a GPUBuffer`);
  }
}

/** @throws NormError `usage`, `limit` or `shape` where a part of a buffer of the app cannot be bound. */
export function checkBorrowed(
  device: GPUDevice,
  buffer: GPUBuffer,
  shape: Shape,
  dtype: Dtype,
  byteOffset: number,
): void {
  if (!(buffer.usage & Usage.STORAGE)) {
    throw new NormError('usage', 'wrap: the buffer was made without GPUBufferUsage.STORAGE, which kernels need');
  }
  checkOffset(device, dtype, byteOffset);
  const bytes = sizeOf(shape) * bytesPerElement(dtype);
  const taken = `wrap: shape ${formatShape(shape)} takes ${bytes} bytes from byteOffset ${byteOffset}`;
  if (byteOffset + bytes > buffer.size) {
    throw new NormError('shape', `${taken}, but the buffer has ${buffer.size}`);
  }
  if (isHalf(dtype) && wholeWords(byteOffset + bytes) > buffer.size) {
    throw new NormError(
      'shape',
      `${taken}, into a word of 4 bytes that the buffer of ${buffer.size} lacks the rest of; WebGPU binds whole words`,
    );
  }
}

/** Kernels shift what they read as floats from the aligned offset below; counts they do not. */
function checkOffset(device: GPUDevice, dtype: Dtype, byteOffset: number): void {
  const counts = dtype === 'u32';
  const alignment = counts ? device.limits.minStorageBufferOffsetAlignment : bytesPerElement(dtype);
  if (Number.isInteger(byteOffset) && byteOffset >= 0 && byteOffset % alignment === 0) return;
  const why = counts ? ' for u32 on this device' : `, the bytes of an element of ${dtype}`;
  throw new NormError(
    'limit',
    `wrap: byteOffset is ${formatValue(byteOffset)}; it must be a multiple of ${alignment}${why}`,
  );
}

/** @throws NormError `device` or `destroyed` where a tensor cannot take part in a call on this context. */
export function checkOperand(op: string, name: string, tensor: Tensor, device: GPUDevice): void {
  if (tensor.context.device !== device) {
    throw new NormError('device', `${op}: ${name} is on another device than x; all tensors of a call must share one`);
  }
  if (tensor.destroyed) throw new NormError('destroyed', `${op}: ${name} was destroyed; it can no longer be used`);
}

/** @throws NormError `dtype` or `shape` where a tensor is not of the dtype, and the shape of another, which `owner` names. */
export function checkLike(op: string, name: string, tensor: Tensor, shape: Shape, owner: string, dtype: Dtype): void {
  if (tensor.dtype !== dtype) {
    throw new NormError('dtype', `${op}: ${name} holds ${tensor.dtype}; it must hold ${dtype}`);
  }
  if (!isSameShape(tensor.shape, shape)) {
    throw new NormError(
      'shape',
      `${op}: ${name} has shape ${formatShape(tensor.shape)}, but ${owner} has ${formatShape(shape)}`,
    );
  }
}

/** @throws NormError `usage` where what a call writes overlaps something else of the call. */
export function checkOverlap(op: string, written: readonly string[], tensors: Readonly<Record<string, Tensor>>): void {
  for (const name of written) {
    const result = tensors[name];
    if (!result) continue;
    for (const [other, tensor] of Object.entries(tensors)) {
      if (other === name || result.buffer !== tensor.buffer) continue;
      if (meet(spanOf(result), spanOf(tensor))) {
        throw new NormError(
          'usage',
          `${op}: ${name} overlaps ${other} in the same buffer; WebGPU needs separate ranges`,
        );
      }
      if (meet(boundOf(result), boundOf(tensor))) {
        const { alignment } = result.context;
        throw new NormError(
          'usage',
          `${op}: ${name} is too near to ${other} in the same buffer; what is bound of each begins at the multiple of ` +
            `${alignment} bytes at or below its byteOffset and ends with a word of 4 bytes, and WebGPU needs separate ranges`,
        );
      }
    }
    checkNeighbours(op, result, tensors);
  }
}

/** @throws NormError `usage` where two tensors of the buffer that a result is in cannot be bound beside each other. */
function checkNeighbours(op: string, result: Tensor, tensors: Readonly<Record<string, Tensor>>): void {
  const inBuffer = Object.entries(tensors).filter(([, { buffer }]) => buffer === result.buffer);
  inBuffer.forEach(([name, tensor], index) => {
    for (const [other, near] of inBuffer.slice(index + 1)) {
      if (meet(boundOf(tensor), boundOf(near))) {
        throw new NormError(
          'usage',
          `${op}: ${name} and ${other} are too near to each other in the buffer that a result is written to; WebGPU needs ` +
            `separate ranges, each from a multiple of ${result.context.alignment} bytes`,
        );
      }
    }
  });
}

/** Bytes of a buffer, from one to before another. */
type Span = readonly [from: number, to: number];

function spanOf({ byteOffset, byteLength }: Tensor): Span {
  return [byteOffset, byteOffset + byteLength];
}

/** What a binding of it takes in. */
function boundOf(tensor: Tensor): Span {
  const [from, to] = spanOf(tensor);
  return [from - (from % tensor.context.alignment), wholeWords(to)];
}

function meet([a, aEnd]: Span, [b, bEnd]: Span): boolean {
  return a < bEnd && b < aEnd;
}
