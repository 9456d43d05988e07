import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { Shape } from '../problem/shape.ts';

/** A tensor that is trained, and its gradient: zeros until a backward pass adds to it. */
export interface Parameter {
  /** PyTorch's name: `weight` or `bias`; of DyT and Derf also `alpha` and `shift`, of GraphNorm `mean_scale`, of ScaleNorm `scale`. */
  readonly name: 'weight' | 'bias' | 'alpha' | 'shift' | 'mean_scale' | 'scale';
  readonly value: Tensor<'f32'>;
  readonly grad: Tensor<'f32'>;
}

/** Names of parameters as options of the function. */
const OPTIONS = {
  weight: 'weight',
  scale: 'weight',
  bias: 'bias',
  alpha: 'alpha',
  shift: 'inputShift',
  mean_scale: 'meanScale',
} as const;

export function optionOf({ name }: Pick<Parameter, 'name'>): (typeof OPTIONS)[Parameter['name']] {
  return OPTIONS[name];
}

/** A parameter before it is trained: all elements the same. */
export interface Initial {
  name: Parameter['name'];
  shape: Shape;
  value: number;
}

export function parameterOf(context: Context, label: string, { name, shape, value: first }: Initial): Parameter {
  const value = filled(context, shape, first, label);
  return { name, value, grad: filled(context, shape, 0, `${label} gradient`) };
}

/** A tensor of one number; while calls are only planned it holds nothing. */
export function filled(context: Context, shape: Shape, value: number, label: string): Tensor<'f32'> {
  const tensor = context.empty(shape, { label });
  if (!context.runtime.planned)
    context.device.queue.writeBuffer(tensor.storage.buffer, 0, new Float32Array(tensor.size).fill(value));
  return tensor;
}

/** Sets all elements to zero, unless calls are only planned. */
export function clear(tensor: Tensor): void {
  const { device, planned } = tensor.runtime;
  if (planned) return;
  const encoder = device.createCommandEncoder({ label: 'webgpu-norm zeroGrad' });
  encoder.clearBuffer(tensor.storage.buffer, tensor.byteOffset, tensor.byteLength);
  device.queue.submit([encoder.finish()]);
}
