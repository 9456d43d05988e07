import { NormError } from '../errors.ts';
import { planeSize, PLANES } from '../plan/plan.ts';
import type { CallNumbers } from '../plan/uniforms.ts';
import type { Mode } from '../problem/definition.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Problem } from '../problem/problem.ts';
import { ROTARY_ARRAYS } from '../options/names.ts';
import { brandOf } from '../options/brand.ts';
import type { Brand } from '../options/brand.ts';
import { formatValue } from '../options/format-value.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { whyGone } from '../runtime/storage.ts';
import { Tensor } from '../runtime/tensor.ts';

/**
 * Statistics that a Forward call keeps for its gradient: three numbers a group (the mean, what its rounding
 * left, the factor), for AdaIN also five a group of the style. x, weight, bias and style are not copied but referred to: they
 * have to be there, unchanged, until the gradient is computed.
 *
 * `M` is the function that was called, `X` and `Y` what x and y hold, as the compiler knows them; `Saved` alone is of any call.
 */
export class Saved<
  M extends Mode = Mode,
  X extends FloatDtype = FloatDtype,
  Y extends FloatDtype = FloatDtype,
> implements Disposable {
  /** @internal */
  static readonly brand: Brand = /* @__PURE__ */ brandOf('Saved');
  /** @internal As of a tensor. */
  get __v_skip(): true {
    return true;
  }
  /** @internal What the call was, in types alone; compared both ways, as {@link Tensor} compares dtypes. */
  declare readonly call: { of(mode: M, x: X, y: Y): void }['of'];
  /**
   * Of the shape of x with the reduced axes 1 (GroupNorm: the channel axis as two). Rounded; the rest is kept beside it. Of a function of each
   * element (DyT, Derf) there is none: it has no element.
   */
  readonly mean: Tensor<'f32'>;
  /** 1 / sqrt(variance + eps), or whatever the elements were multiplied by. */
  readonly rstd: Tensor<'f32'>;
  /** @internal */
  readonly runtime: Runtime;
  /** @internal */
  readonly problem: Problem;
  /** @internal The numbers of the call. */
  readonly numbers: CallNumbers;
  /** @internal The tensors of the call, by name. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** @internal The planes that were kept, by the plan's names. */
  readonly statistics: Readonly<Record<string, Tensor>>;

  /** @internal */
  constructor(
    runtime: Runtime,
    problem: Problem,
    numbers: CallNumbers,
    inputs: Readonly<Record<string, Tensor>>,
    statistics: Readonly<Record<string, Tensor>>,
  ) {
    const { storage } = statistics['saved']!;
    const plane = problem.source === 'none' ? 0 : planeSize(problem.groups) * 4;
    this.mean = new Tensor(runtime, storage, problem.statisticsShape, 'f32', plane * PLANES.mean);
    this.rstd = new Tensor(runtime, storage, problem.statisticsShape, 'f32', plane * PLANES.rstd);
    this.runtime = runtime;
    this.problem = problem;
    this.numbers = numbers;
    this.inputs = inputs;
    this.statistics = statistics;
  }

  /** Frees what was kept; what was referred to is left alone. */
  destroy(): void {
    for (const planes of Object.values(this.statistics)) planes.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** The tensor that was normalized: the sum where something was added to x, else x. */
export function inputOf({ inputs }: Saved): Tensor {
  return inputs['residualOut'] ?? inputs['x']!;
}

/** Tensors of the forward call that a gradient reads, by the plan's names. */
export function operandsOf(saved: Saved): Record<string, Tensor> {
  const { inputs, problem } = saved;
  const { activation, modulation, multiply, gate } = problem;
  const names = [
    'weight',
    'scale',
    'style',
    'mask',
    'segments',
    'by',
    'meanScale',
    'alpha',
    'inputShift',
    ...ROTARY_ARRAYS,
  ];
  // The derivative of an activation depends on all that came before it; the gradient of a scale or a factor on what it scaled.
  if (activation !== null || modulation !== null || multiply !== null) names.push('bias', 'shift');
  if (activation !== null) names.push('add');
  if (gate) names.push('residual', 'gate');
  const operands: Record<string, Tensor> = { x: inputOf(saved) };
  for (const name of names) if (inputs[name]) operands[name] = inputs[name];
  return operands;
}

/** @throws NormError `saved` unless it is what a call of such a function saved; `destroyed`. */
export function checkSaved(op: string, forwardOps: readonly string[], saved: unknown): asserts saved is Saved {
  if (!(saved instanceof Saved)) {
    throw new NormError(
      'saved',
      `${op}: saved is not what a forward call saved but ${formatValue(saved)}; give the saved of \`{ y, saved } = ${forwardOps[0]}Forward(…)\``,
    );
  }
  if (!forwardOps.includes(saved.problem.op)) {
    throw new NormError(
      'saved',
      `${op}: saved is of a call of ${saved.problem.op}; give that of a ${forwardOps.join(', ').replace(/, (?=\w+$)/, ' or ')} call`,
    );
  }
  if (saved.mean.destroyed) {
    throw new NormError(
      'destroyed',
      `${op}: saved ${whyGone(saved.mean.storage, 'keep it until the gradient is computed')}`,
    );
  }
}
