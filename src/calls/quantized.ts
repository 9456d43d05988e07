import { NormError } from '../errors.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { Definition } from '../problem/definition.ts';
import type { CommonOptions } from '../problem/problem.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { checkTensor } from './checks.ts';
import { CALL_OPTIONS, forwardQuantizing } from './forward.ts';
import type { QuantizedCallOptions, QuantizedOut, QuantizedResult } from './types.ts';

type Options = CommonOptions<Tensor> & QuantizedCallOptions;

/** Makes the function of a normalization that quantizes, of which `N` says what it takes. */
export function normQuantizedOf<N>(definition: Definition<never>): N;
export function normQuantizedOf(definition: Definition<never>) {
  const { op } = definition;
  const names = [...definition.options, ...CALL_OPTIONS];
  return (x: Tensor, options: Options = {}, ...more: unknown[]): QuantizedResult => {
    checkAlone(op, more, CALL_OPTIONS);
    checkNames(op, options, names);
    const { y, scales } = destinationsOf(op, options);
    return forwardQuantizing(definition, x, { ...options, out: y }, scales);
  };
}

/** @throws NormError `option` where they are no tensors, or scales that are given would be written. */
function destinationsOf(op: string, { out = {}, scales }: Options): QuantizedOut {
  checkNames(op, out, ['y', 'scales'], 'out');
  for (const [name, tensor] of Object.entries(out)) if (tensor !== undefined) checkTensor(op, `${name} of out`, tensor);
  if (out.scales && scales) {
    throw new NormError(
      'option',
      `${op}: scales are given, and out has scales too; give out.scales where they are computed, scales where they are known`,
    );
  }
  return out;
}
