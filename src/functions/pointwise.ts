import { CALL_OPTIONS, forwardOf } from '../calls/forward.ts';
import type { CallOptions, ForwardResult } from '../calls/types.ts';
import { NormError } from '../errors.ts';
import type { DynamicErfOptions } from '../norms/dynamic-erf.ts';
import type { PointwiseDefinition } from '../norms/dynamic-tanh.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { Tensor } from '../runtime/tensor.ts';

type Options = DynamicErfOptions<Tensor> & CallOptions;

/** Of a function of each element: what it takes besides x, by the names of its options. */
type Taken = readonly ('alpha' | 'inputShift')[];

/** Makes the function. */
export function pointwiseOf(definition: PointwiseDefinition, taken: Taken) {
  const forward = forwardOf(definition, false);
  return (x: Tensor, options: Options, ...more: readonly unknown[]): Tensor =>
    forward(x, withTaken(definition, taken, options, more)).y;
}

/** Makes the function that saves what the gradient needs. */
export function pointwiseForwardOf(definition: PointwiseDefinition, taken: Taken) {
  const forward = forwardOf(definition, true);
  return (x: Tensor, options: Options, ...more: readonly unknown[]): ForwardResult =>
    forward(x, withTaken(definition, taken, options, more));
}

/** The options of a call, what its function takes as one of them. */
function withTaken(
  { op, options: names }: PointwiseDefinition,
  taken: Taken,
  options: Partial<Options> = {},
  more: readonly unknown[],
) {
  checkAlone(op, more, CALL_OPTIONS);
  checkNames(op, options, [...taken, ...names.filter((name) => name !== 'pointwise'), ...CALL_OPTIONS]);
  const { alpha, inputShift, ...others } = options;
  if (alpha === undefined) {
    throw new NormError(
      'option',
      `${op}: alpha is missing; it must be a Tensor of one element, what x is multiplied by`,
    );
  }
  return { ...others, pointwise: { alpha, inputShift } };
}
