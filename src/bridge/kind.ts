import { normBackwardOf, OPERANDS } from '../calls/backward.ts';
import { forwardOf } from '../calls/forward.ts';
import type { NormBackward } from '../calls/types.ts';
import { NormError } from '../errors.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { GradientName } from '../plan/gradient-request.ts';
import type { Definition } from '../problem/definition.ts';
import type { Named, Options } from './options.ts';

/** Options that have no meaning where results are new tensors of another library. */
export type Left = 'residualOut' | 'outputDtype' | 'moments';

const LEFT: readonly string[] = ['residualOut', 'outputDtype', 'moments'] satisfies Left[];

/** Tensors that training updates. */
const UPDATED = ['runningMean', 'runningVar', 'numBatchesTracked'] as const;

type Call = ReturnType<typeof forwardOf>;

/** A normalization, with its gradient. */
export interface Kind {
  op: string;
  /** Options that a call on tensors of another library takes. */
  names: readonly string[];
  definition: Definition<Options>;
  evaluate: Call;
  forward: Call;
  backward: NormBackward<GradientName>;
}

/** Operands that have a gradient, by the names of a call. */
export const TRAINED: readonly string[] = Object.values(OPERANDS);

/** A normalization for tensors of another library; `given` names the options of one that is given them in another way. */
export function kindOf(definition: Definition<never>, given: readonly string[] = definition.options): Kind {
  return {
    op: definition.op,
    names: given.filter(isTaken),
    definition: definition as unknown as Definition<Options>,
    evaluate: forwardOf(definition, false),
    forward: forwardOf(definition, true),
    backward: normBackwardOf(definition.op),
  };
}

function isTaken(name: string): boolean {
  return !LEFT.includes(name);
}

/** The running statistics among the tensors of a call that it updates. */
export function updatedBy({ definition }: Kind, options: Options, tensors: Named<unknown>): string[] {
  const updates = definition.usesRunning?.(options) === false;
  return updates ? UPDATED.filter((name) => tensors[name] !== undefined) : [];
}

/**
 * Options with the style, which is an argument; `wanted` says what it must be.
 *
 * @throws NormError `option` where it is missing, or the options have another.
 */
export function withStyle<T, O extends object>(
  { op, options: names }: Definition<never>,
  style: T,
  options: O,
  more: readonly unknown[],
  wanted: string,
): O & { style: T } {
  checkAlone(op, more);
  checkNames(
    op,
    options,
    names.filter((name) => isTaken(name) && name !== 'style'),
  );
  if (style === undefined) throw new NormError('option', `${op}: style is missing; it must be ${wanted}`);
  return { ...options, style };
}
