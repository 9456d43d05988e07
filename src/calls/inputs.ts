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

/** Options of which parts are such tensors. */
export const PARTS: Readonly<Record<string, readonly string[]>> = {
  pointwise: ['alpha', 'inputShift'],
  modulation: ['scale', 'shift'],
  multiply: ['by'],
  rotary: ROTARY_TENSORS,
};

/** The tensors of a call by the names of the plan's resources. */
export function inputsOf(op: string, x: Tensor, options: CommonOptions<Tensor>): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = { x };
  for (const name of TENSORS) {
    const tensor = options[name] as Tensor | undefined;
    if (tensor !== undefined) inputs[name] = tensor;
  }
  const { modulation, multiply, moments, rotary } = options;
  if (modulation !== undefined) checkNames(op, modulation, PARTS['modulation']!, 'modulation');
  if (multiply !== undefined) checkMultiply(op, multiply, options.residual ?? options.inputBias);
  if (rotary !== undefined) checkNames(op, rotary, ROTARY_PARTS, 'rotary');
  const given = options as object as Readonly<Record<string, Readonly<Record<string, Tensor>> | undefined>>;
  for (const name in PARTS) {
    const parts = given[name];
    if (parts === undefined) continue;
    for (const part of PARTS[name]!) if (parts[part] !== undefined) inputs[part] = parts[part];
  }
  for (const name in inputs) checkTensor(op, name, inputs[name]);
  if (moments !== undefined) inputs['moments'] = momentsTensor(op, moments);
  return inputs;
}
