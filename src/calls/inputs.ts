import { ARRAY_PARTS, ARRAYS } from '../options/names.ts';
import { checkParts } from '../options/together.ts';
import type { CommonOptions } from '../problem/problem.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkTensor } from './checks.ts';
import { momentsTensor } from './moments-option.ts';

/** The tensors of a call by the names of the plan's resources. */
export function inputsOf(op: string, x: Tensor, options: CommonOptions<Tensor>): Record<string, Tensor> {
  const inputs: Record<string, Tensor> = { x };
  for (const name of ARRAYS) {
    const tensor = options[name] as Tensor | undefined;
    if (tensor !== undefined) inputs[name] = tensor;
  }
  const { moments } = options;
  checkParts(op, options);
  const given = options as object as Readonly<Record<string, Readonly<Record<string, Tensor>> | undefined>>;
  for (const name in ARRAY_PARTS) {
    const parts = given[name];
    if (parts === undefined) continue;
    for (const part of ARRAY_PARTS[name]!) if (parts[part] !== undefined) inputs[part] = parts[part];
  }
  for (const name in inputs) checkTensor(op, name, inputs[name]);
  if (moments !== undefined) inputs['moments'] = momentsTensor(op, moments);
  return inputs;
}
