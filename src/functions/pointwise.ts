import { CALL_OPTIONS, forwardOf } from '../calls/forward.ts';
import type { CallOptions, ForwardResult } from '../calls/types.ts';
import type { DynamicErfOptions } from '../norms/dynamic-erf.ts';
import { pointwiseOptions } from '../norms/dynamic-tanh.ts';
import type { PointwiseDefinition } from '../norms/dynamic-tanh.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { Tensor } from '../runtime/tensor.ts';

type Options = DynamicErfOptions<Tensor> & CallOptions;

/** Makes the function, of which `N` says what it takes. */
export function pointwiseOf<N>(definition: PointwiseDefinition): N;
export function pointwiseOf(definition: PointwiseDefinition) {
  const forward = pointwiseForward(definition, false);
  return (x: Tensor, options: Options, ...more: readonly unknown[]): Tensor => forward(x, options, more).y;
}

/** Makes the function that saves what the gradient needs. */
export function pointwiseForwardOf<N>(definition: PointwiseDefinition): N;
export function pointwiseForwardOf(definition: PointwiseDefinition) {
  const forward = pointwiseForward(definition, true);
  return (x: Tensor, options: Options, ...more: readonly unknown[]): ForwardResult => forward(x, options, more);
}

/** The call, what its function takes as options of their own. */
function pointwiseForward<Saves extends boolean>(definition: PointwiseDefinition, saves: Saves) {
  const { op } = definition;
  const forward = forwardOf(definition, saves);
  const names = [...definition.given, ...CALL_OPTIONS];
  return (x: Tensor, options: Partial<Options> = {}, more: readonly unknown[]) => {
    checkAlone(op, more, CALL_OPTIONS);
    checkNames(op, options, names);
    return forward(x, pointwiseOptions(definition, options));
  };
}
