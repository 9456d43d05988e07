import { ARRAY_PARTS, ARRAYS } from '../options/names.ts';
import { checkParts } from '../options/together.ts';
import type { CommonOptions } from '../problem/problem.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkTensor } from './checks.ts';
import { momentsTensor } from './moments-option.ts';

const OPTIONS: ReadonlySet<string> = new Set(ARRAYS);
const PARTS: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(ARRAY_PARTS));

/**
 * The tensors of a call by the names of the plan's resources. Found by going through the options there are: engines are slow to find that an
 * object made by `{ ...options, encoder }` lacks a name.
 */
export function inputsOf(op: string, x: Tensor, options: CommonOptions<Tensor>): Record<string, Tensor> {
  checkParts(op, options);
  const inputs: Record<string, Tensor> = { x };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (OPTIONS.has(name)) inputs[name] = value as Tensor;
    for (const part of PARTS.get(name) ?? []) {
      const tensor = (value as Readonly<Record<string, Tensor | undefined>>)[part];
      if (tensor !== undefined) inputs[part] = tensor;
    }
  }
  for (const name in inputs) checkTensor(op, name, inputs[name]);
  if (options.moments !== undefined) inputs['moments'] = momentsTensor(op, options.moments);
  return inputs;
}
