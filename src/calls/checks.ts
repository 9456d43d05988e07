import { NormError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Profile } from '../plan/profile.ts';
import { isFloat } from '../problem/dtype.ts';
import type { Dtype } from '../problem/dtype.ts';
import { formatShape, isSameShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { formatValue } from '../options/format-value.ts';
import type { Encoder } from '../runtime/encoder.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { meet, whyGone } from '../runtime/storage.ts';
import type { Bytes } from '../runtime/storage.ts';
import { isFinished } from '../runtime/submissions.ts';
import { Tensor } from '../runtime/tensor.ts';
import type { Tensors } from './resources.ts';

/** @throws NormError `option` unless it is a tensor. */
export function checkTensor(op: string, name: string, tensor: unknown): asserts tensor is Tensor {
  if (tensor instanceof Tensor) return;
  const given = formatValue(tensor);
  if ((tensor as object | null | undefined)?.constructor === Tensor) {
    throw new NormError('option', `${op}: ${name} is a Proxy of a Tensor, or made of one; give the Tensor itself`);
  }
  const what = given === 'a Tensor' ? `${given} of another library` : given;
  throw new NormError('option', `${op}: ${name} is no Tensor but ${what}; make one with ctx.tensor() or ctx.wrap()`);
}

/** @throws NormError `option` unless a call may be recorded into it: an encoder that has no pass open, or an open compute pass. */
export function checkEncoder(op: string, encoder: Encoder | undefined): void {
  if (encoder === undefined) return;
  let wanted = 'a GPUCommandEncoder or an open GPUComputePassEncoder';
  const given = encoder as unknown as Partial<
    Record<'beginComputePass' | 'dispatchWorkgroups' | 'label', unknown>
  > | null;
  try {
    const isEncoder = typeof given?.beginComputePass === 'function' || typeof given?.dispatchWorkgroups === 'function';
    // The label is an accessor, which a Proxy does not answer for.
    if (isEncoder && given.label !== null) {
      if (!isFinished(encoder)) return;
      wanted = 'a new one, since this one was finished';
    }
  } catch {
    wanted = 'the encoder itself, no Proxy of it';
  }
  throw new NormError('option', `${op}: encoder is ${formatValue(encoder)}; it must be ${wanted}`);
}

/** @throws NormError where a tensor cannot take part. */
export function checkInputs(op: string, runtime: Runtime, inputs: Readonly<Record<string, Tensor>>): void {
  runtime.checkAlive(op);
  for (const name in inputs) checkOperand(op, name, inputs[name]!, runtime);
}

/** @throws NormError `dtype` for a tensor of counts. */
export function checkFloat(op: string, name: string, { dtype }: Tensor): void {
  if (!isFloat(dtype)) {
    throw new NormError('dtype', `${op}: ${name} holds ${dtype}; it must hold f32, f16 or bf16`);
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

/** @throws NormError `device` or `destroyed` where a tensor cannot take part in a call on this context. */
export function checkOperand(op: string, name: string, tensor: Tensor, { device }: Runtime): void {
  if (tensor.runtime.device !== device) {
    throw new NormError('device', `${op}: ${name} is on another device than x; all tensors of a call must share one`);
  }
  if (tensor.destroyed) {
    throw new NormError('destroyed', `${op}: ${name} ${whyGone(tensor.storage, 'it can no longer be used')}`);
  }
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

/** @throws NormError `usage` where what a call writes overlaps something else of the call: what it reads, and what it kept. */
export function checkOverlap(op: string, written: Tensors, read: Tensors, kept: Tensors = NONE): void {
  for (const name in written) {
    const result = written[name];
    if (!result || result.size === 0) continue;
    if (isAlone(name, result, written) && isAlone(name, result, read) && isAlone(name, result, kept)) continue;
    checkRanges(op, name, result, { ...read, ...kept, ...written });
  }
}

const NONE: Tensors = {};

/** Whether no other tensor is in the buffer of a result, as in most calls. */
function isAlone(name: string, { storage }: Tensor, tensors: Tensors): boolean {
  for (const other in tensors) {
    if (other !== name && tensors[other]?.storage.buffer === storage.buffer) return false;
  }
  return true;
}

function checkRanges(op: string, name: string, result: Tensor, tensors: Tensors): void {
  const inBuffer = Object.entries(tensors).filter(
    (one): one is [string, Tensor] => one[1]?.storage.buffer === result.storage.buffer && one[1].size > 0,
  );
  for (const [other, tensor] of inBuffer) {
    if (other === name) continue;
    if (meet(bytesOf(result), bytesOf(tensor))) {
      throw new NormError('usage', `${op}: ${name} overlaps ${other} in the same buffer; WebGPU needs separate ranges`);
    }
    if (meet(result.range, tensor.range)) {
      const { alignment } = result.runtime;
      throw new NormError(
        'usage',
        `${op}: ${name} is too near to ${other} in the same buffer; what is bound of each begins at the multiple of ` +
          `${alignment} bytes at or below its byteOffset and ends with a word of 4 bytes, and WebGPU needs separate ranges`,
      );
    }
  }
  checkNeighbours(op, inBuffer);
}

/** @throws NormError `usage` where two tensors of the buffer that a result is in cannot be bound beside each other. */
function checkNeighbours(op: string, inBuffer: readonly (readonly [string, Tensor])[]): void {
  inBuffer.forEach(([name, tensor], index) => {
    for (const [other, near] of inBuffer.slice(index + 1)) {
      if (meet(tensor.range, near.range)) {
        throw new NormError(
          'usage',
          `${op}: ${name} and ${other} are too near to each other in the buffer that a result is written to; WebGPU needs ` +
            `separate ranges, each from a multiple of ${tensor.runtime.alignment} bytes`,
        );
      }
    }
  });
}

function bytesOf({ byteOffset, byteLength }: Tensor): Bytes {
  return { offset: byteOffset, size: byteLength };
}
