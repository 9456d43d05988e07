import { checkNames } from '../options/checks.ts';
import { checkMultiply } from '../problem/multiply-add.ts';
import type { CommonOptions } from '../problem/problem.ts';
import { ROTARY_PARTS, ROTARY_TENSORS } from '../problem/rotary.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkTensor } from './checks.ts';
import { momentsTensor } from './moments-option.ts';

/** Options that are tensors which are read; those that a training call writes too last. */
export const TENSORS = [
  'weight',
  'bias',
  'style',
  'residual',
  'gate',
  'inputBias',
  'add',
  'mask',
  'meanScale',
  'scales',
  'segments',
  'runningMean',
  'runningVar',
  'numBatchesTracked',
] as const;

/** The tensors of a call by the names of the plan's resources. */
export function inputsOf(op: string, x: Tensor, options: CommonOptions<Tensor>): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = { x };
  for (const name of TENSORS) {
    const tensor = options[name] as Tensor | undefined;
    if (tensor !== undefined) inputs[name] = tensor;
  }
  const { modulation, multiply, moments, rotary, pointwise } = options;
  if (pointwise !== undefined) {
    const { alpha, inputShift } = pointwise;
    inputs['alpha'] = alpha;
    if (inputShift !== undefined) inputs['inputShift'] = inputShift;
  }
  if (modulation !== undefined) {
    checkNames(op, modulation, ['scale', 'shift'], 'modulation');
    const { scale, shift } = modulation;
    if (scale !== undefined) inputs['scale'] = scale;
    if (shift !== undefined) inputs['shift'] = shift;
  }
  if (multiply !== undefined) {
    checkMultiply(op, multiply, options.residual ?? options.inputBias);
    inputs['by'] = multiply.by;
  }
  if (rotary !== undefined) {
    checkNames(op, rotary, ROTARY_PARTS, 'rotary');
    for (const name of ROTARY_TENSORS) if (rotary[name] !== undefined) inputs[name] = rotary[name];
  }
  for (const name in inputs) checkTensor(op, name, inputs[name]);
  if (moments !== undefined) inputs['moments'] = momentsTensor(op, moments);
  return inputs;
}
