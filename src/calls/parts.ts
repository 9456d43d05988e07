import { NormError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { planeSize } from '../plan/plan.ts';
import { checkCount, checkNames } from '../options/checks.ts';
import { checkShape, formatShape, isSameShape, sizeOf } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { formatValue } from '../options/format-value.ts';
import { checkContext } from '../runtime/context.ts';
import type { Context } from '../runtime/context.ts';
import { checkData } from '../runtime/elements.ts';
import { isComputePass } from '../runtime/encoder.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import { emptyTensor } from '../runtime/tensor.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkEncoder, checkInputs } from './checks.ts';
import { cachedPlan } from './plans.ts';
import { record } from './record.ts';

/** Several numbers of every group in one tensor, plane by plane: what parts of a batch exchange. */
export interface Packed {
  packed: Tensor;
  /** Of one plane. */
  shape: Shape;
}

/** Packed numbers as plain data, to be sent to another worker or device. */
export interface PackedData {
  data: Float32Array<ArrayBuffer>;
  shape: Shape;
  /** Elements a group. */
  count: number;
}

/** The shape of the tensor that holds the planes. */
export function packedShape(planes: number, shape: Shape): number[] {
  return [planes, planeSize(sizeOf(shape))];
}

/** Packed numbers on the CPU, zeros where a plane is longer than its groups: there memory has what was in it before. */
export async function readPacked(
  { packed, count }: { packed: Tensor<'f32'>; count: number },
  shape: Shape,
): Promise<PackedData> {
  const groups = sizeOf(shape);
  const plane = planeSize(groups);
  const all = await packed.read();
  return { data: all.map((value, index) => (index % plane < groups ? value : 0)), shape, count };
}

/**
 * Uploads packed numbers that were read.
 *
 * @throws NormError `option`, `dtype` or `shape` where they are not what was read.
 */
export function loadPacked(
  op: string,
  context: Context,
  planes: number,
  given: PackedData,
  leastCount: 0 | 1 = 1,
): Tensor<'f32'> {
  checkContext(op, context);
  if (typeof given !== 'object' || (given as unknown) === null || !('data' in given)) {
    throw new NormError(
      'option',
      `${op}: data is ${formatValue(given)}; give what read() resolves to, { data, shape, count }`,
    );
  }
  const { data, shape, count } = given;
  checkData(op, data);
  checkShape(op, shape);
  checkCount(op, 'count', count, leastCount);
  const packed = packedShape(planes, shape);
  if (data.length !== sizeOf(packed)) {
    throw new NormError(
      'shape',
      `${op}: the data has ${data.length} elements; of shape ${formatShape(shape)} there are ${sizeOf(packed)}`,
    );
  }
  return context.tensor(data, packed, { dtype: 'f32', label: op });
}

/** @throws NormError `option` unless parts are a list of one or several of a class. Returns the first. */
export function checkParts<P>(
  op: string,
  parts: readonly P[],
  Part: abstract new (...args: never[]) => P,
  name: string,
  makers: string,
): P {
  if (!Array.isArray(parts)) {
    throw new NormError(
      'option',
      `${op}: parts is ${formatValue(parts)}; it must be an Array of ${name}, [a, b] for example`,
    );
  }
  if (parts.length === 0) throw new NormError('option', `${op}: parts is empty; at least one part is needed`);
  for (const [index, part] of parts.entries()) {
    if (part instanceof Part) continue;
    throw new NormError(
      'option',
      `${op}: part ${index} is no ${name} but ${formatValue(part)}; make it with ${makers}`,
    );
  }
  return (parts as readonly P[])[0]!;
}

/**
 * Copies the parts of several workers side by side and runs the plan that merges them, from `partials` into `result`.
 *
 * @throws NormError `shape` where their groups differ, `limit` where all of them side by side are more than the device binds, `device`, `destroyed`.
 */
export function mergePacked(
  op: string,
  parts: readonly Packed[],
  result: string,
  options: EncoderOptions,
  plan: (size: { groups: number; parts: number }) => Plan,
): Tensor<'f32'> {
  checkNames(op, options, ['encoder']);
  const { encoder } = options;
  checkEncoder(op, encoder);
  if (encoder && isComputePass(encoder)) {
    throw new NormError(
      'option',
      `${op}: encoder is an open compute pass; parts are copied side by side first, which takes a GPUCommandEncoder`,
    );
  }
  const { packed: first, shape } = parts[0]!;
  const { runtime } = first;
  const planes = first.shape[0]!;
  checkInputs(op, runtime, Object.fromEntries(parts.map((part, index) => [`part ${index}`, part.packed])));
  for (const part of parts) {
    if (!isSameShape(part.shape, shape)) {
      throw new NormError(
        'shape',
        `${op}: a part has shape ${formatShape(part.shape)}, the first ${formatShape(shape)}; they must agree`,
      );
    }
  }
  const size = { groups: sizeOf(shape), parts: parts.length };
  const merging =
    size.groups === 0 ? null : cachedPlan(runtime, `${op} ${size.groups} ${size.parts}`, () => plan(size));
  if (merging && merging.scratch['partials']! > runtime.profile.maxBinding) {
    throw new NormError('limit', `${op}: too many parts for the device; merge some first`);
  }
  const packed = emptyTensor(runtime, packedShape(planes, shape), 'f32', op);
  if (!merging) return packed;
  record(
    runtime,
    merging,
    { [result]: packed.range },
    {
      encoder,
      before: (commands, { partials }) => {
        parts.forEach((part, index) => copyPlanes(commands, part.packed, partials!.storage.buffer, size, index));
      },
      copied: parts.map((part) => part.packed.range),
    },
  );
  return packed;
}

function copyPlanes(
  encoder: GPUCommandEncoder,
  part: Tensor,
  partials: GPUBuffer,
  size: { groups: number; parts: number },
  index: number,
): void {
  const from = planeSize(size.groups) * 4;
  const to = planeSize(size.groups * size.parts) * 4;
  for (let plane = 0; plane < part.shape[0]!; plane++) {
    const target = plane * to + index * size.groups * 4;
    encoder.copyBufferToBuffer(part.storage.buffer, part.byteOffset + plane * from, partials, target, size.groups * 4);
  }
}
