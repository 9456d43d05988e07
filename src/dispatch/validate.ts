import { NormError } from '../errors.ts';
import { formatShape, isSameShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import type { Tensor } from './tensor.ts';
import { Usage } from './usage.ts';

/** @throws NormError `limit` where the device cannot bind as much. */
export function checkBinding(what: string, device: GPUDevice, shape: Shape): void {
  const bytes = sizeOf(shape) * 4;
  const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  if (bytes > most) {
    throw new NormError(
      'limit',
      `${what}: shape ${formatShape(shape)} takes ${bytes} bytes; this device binds at most ${most}`,
    );
  }
}

/** @throws NormError `usage` or `limit` where a buffer of the app cannot be bound. */
export function checkBorrowed(device: GPUDevice, buffer: GPUBuffer, shape: Shape, byteOffset: number): void {
  const alignment = device.limits.minStorageBufferOffsetAlignment;
  if (!(buffer.usage & Usage.STORAGE)) {
    throw new NormError('usage', 'wrap: the buffer was made without GPUBufferUsage.STORAGE, which kernels need');
  }
  if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset % alignment !== 0) {
    throw new NormError(
      'limit',
      `wrap: byteOffset is ${byteOffset}; it must be a multiple of ${alignment} on this device`,
    );
  }
  const bytes = sizeOf(shape) * 4;
  if (byteOffset + bytes > buffer.size) {
    throw new NormError(
      'shape',
      `wrap: shape ${formatShape(shape)} takes ${bytes} bytes from byteOffset ${byteOffset}, but the buffer has ${buffer.size}`,
    );
  }
}

/** @throws NormError `device` or `destroyed` where a tensor cannot take part in a call on this context. */
export function checkOperand(op: string, name: string, tensor: Tensor, device: GPUDevice): void {
  if (tensor.context.device !== device) {
    throw new NormError('device', `${op}: ${name} is on another device than x; all tensors of a call must share one`);
  }
  if (tensor.destroyed) throw new NormError('destroyed', `${op}: ${name} was destroyed; it can no longer be used`);
}

/** @throws NormError `dtype` or `shape` where a tensor is not f32 of the shape of another, which `owner` names. */
export function checkLike(op: string, name: string, tensor: Tensor, shape: Shape, owner: string): void {
  if (tensor.dtype !== 'f32') throw new NormError('dtype', `${op}: ${name} holds ${tensor.dtype}; it must hold f32`);
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
    for (const [other, tensor] of Object.entries(tensors)) {
      if (other !== name && tensors[name] && overlap(tensors[name], tensor)) {
        throw new NormError(
          'usage',
          `${op}: ${name} overlaps ${other} in the same buffer; WebGPU needs separate ranges`,
        );
      }
    }
  }
}

function overlap(a: Tensor, b: Tensor): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}
