import { NormError } from '../errors.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import { formatValue } from '../problem/format-value.ts';
import type { Problem } from '../problem/problem.ts';
import type { Context } from './context.ts';
import type { Range } from './executor.ts';
import { Tensor } from './tensor.ts';

/**
 * What a normalization called with `save: true` keeps for its gradient: three numbers a group (the mean, what its rounding
 * left, the factor), for AdaIN also five a group of the style. x, weight, bias and style are not copied but referred to: they
 * have to be there, unchanged, until the gradient is computed.
 */
export class Saved implements Disposable {
  /** Of the shape of x with the reduced axes 1 (GroupNorm: the channel axis as two). Rounded; the rest is kept beside it. */
  readonly mean: Tensor;
  /** 1 / sqrt(variance + eps), or whatever the elements were multiplied by. */
  readonly rstd: Tensor;
  /** @internal */
  readonly problem: Problem;
  /** @internal The tensors of the call, by name. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** @internal The planes that were kept, by the plan's names. */
  readonly kept: Readonly<Record<string, Range>>;

  /** @internal */
  constructor(
    context: Context,
    problem: Problem,
    inputs: Readonly<Record<string, Tensor>>,
    kept: Readonly<Record<string, Range>>,
  ) {
    const { storage } = kept['saved']!;
    const plane = planeSize(problem.groups) * 4;
    this.mean = new Tensor(context, storage, problem.statisticsShape, 'f32', plane * PLANES.mean);
    this.rstd = new Tensor(context, storage, problem.statisticsShape, 'f32', plane * PLANES.scale);
    this.problem = problem;
    this.inputs = inputs;
    this.kept = kept;
  }

  /** Frees what was kept; what was referred to is left alone. */
  destroy(): void {
    if (this.mean.destroyed) return;
    this.mean.destroy();
    const { context } = this.mean;
    for (const [name, { storage }] of Object.entries(this.kept)) {
      if (name !== 'saved') new Tensor(context, storage, [], 'f32').destroy();
    }
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** @internal What was normalized: the sum where there was a residual, else x. */
export function inputOf({ inputs }: Saved): Tensor {
  return inputs['sum'] ?? inputs['x']!;
}

/** @internal What of the forward call a gradient reads, by the plan's names. */
export function operandsOf(saved: Saved): Record<string, Tensor> {
  const { inputs, problem } = saved;
  const { activation, modulation, gate } = problem;
  const names = ['weight', 'scale', 'style', 'mask'];
  // The slope of an activation depends on all that came before it; the gradient of a scale on what it scaled.
  if (activation !== null || modulation !== null) names.push('bias', 'shift');
  if (gate) names.push('residual', 'gate');
  const there = names.filter((name) => inputs[name]).map((name) => [name, inputs[name]!] as const);
  return { x: inputOf(saved), ...Object.fromEntries(there) };
}

/** The result of a call with `save: true`. */
export interface Saving {
  y: Tensor;
  saved: Saved;
}

/** @internal @throws NormError `saved` unless it is what a call of that function saved; `destroyed`. */
export function checkSaved(op: string, forwardOp: string, saved: unknown): asserts saved is Saved {
  if (!(saved instanceof Saved)) {
    throw new NormError(
      'saved',
      `${op}: saved is not what a forward call saved but ${formatValue(saved)}; give the saved of \`{ y, saved } = ${forwardOp}(…, { save: true })\``,
    );
  }
  if (saved.problem.op !== forwardOp) {
    throw new NormError('saved', `${op}: saved is of a call of ${saved.problem.op}; give that of a ${forwardOp} call`);
  }
  if (saved.mean.destroyed) {
    throw new NormError('destroyed', `${op}: saved was destroyed; keep it until the gradient is computed`);
  }
}
