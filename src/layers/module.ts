import { checkContext } from '../runtime/context.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import { whyGone } from '../runtime/storage.ts';
import type { Shape } from '../problem/shape.ts';
import { checkAlone, checkFlag } from '../options/checks.ts';
import { matchState, writeEntry } from './load.ts';
import type { IncompatibleKeys, LoadableEntry, LoadOptions } from './load.ts';
import { clear, filled, optionOf, parameterOf } from './parameter.ts';
import type { Initial, Parameter } from './parameter.ts';
import { COUNT, entryOf } from './state.ts';
import type { StateDict } from './state.ts';

/** Names of what a layer has besides parameters: not trained, but part of its state. */
type BufferName = 'running_mean' | 'running_var' | typeof COUNT;

/** Parameters and statistics that a layer is made with. */
export interface Parts {
  /** The shape of weight and bias; null where there is none. */
  weight: Shape | null;
  bias: Shape | null;
  /** The first weight. Default: 1. */
  firstWeight?: number;
  /** Other parameters. */
  others?: readonly Initial[];
  /** The number of channels whose running statistics are tracked; null: none are. */
  tracked: number | null;
}

/** Parameters and running statistics on the GPU, and their state dict. */
export abstract class Module implements Disposable {
  readonly context: Context;
  /** Whether the layer trains; see `train()`. */
  training = true;
  /** @internal */
  protected readonly name: string;
  readonly #parameters: Parameter[];
  readonly #buffers: Partial<Record<BufferName, Tensor>>;
  #destroyed = false;

  /** @internal As of a tensor. */
  get __v_skip(): true {
    return true;
  }

  /** @internal */
  protected constructor(
    context: Context,
    name: string,
    { weight, bias, firstWeight = 1, others = [], tracked }: Parts,
  ) {
    checkContext(name, context);
    context.runtime.checkAlive(name);
    this.context = context;
    this.name = name;
    const initial: Initial[] = [
      ...(weight ? [{ name: 'weight', shape: weight, value: firstWeight } as const] : []),
      ...(bias ? [{ name: 'bias', shape: bias, value: 0 } as const] : []),
      ...others,
    ];
    this.#parameters = initial.map((one) => parameterOf(context, `${name} ${one.name}`, one));
    this.#buffers =
      tracked === null
        ? {}
        : {
            running_mean: filled(context, [tracked], 0, `${name} running_mean`),
            running_var: filled(context, [tracked], 1, `${name} running_var`),
            [COUNT]: context.tensor([0], [1], { dtype: 'u32', label: `${name} ${COUNT}` }),
          };
  }

  /**
   * Training mode: statistics of the input, tracked if the layer tracks any. Returns the layer.
   *
   * @throws NormError `option` where the flag is neither true nor false.
   * @example layer.train();
   */
  train(training = true, ...more: readonly never[]): this {
    checkAlone(`${this.name}: train`, more);
    checkFlag(this.name, 'training', training);
    this.training = training;
    return this;
  }

  /**
   * Evaluation mode: running statistics if the layer tracks any. Returns the layer.
   *
   * @example const y = layer.eval().forward(x);
   */
  eval(...more: readonly never[]): this {
    checkAlone(`${this.name}: eval`, more);
    return this.train(false);
  }

  /**
   * Parameters that are trained, weight first.
   *
   * @throws NormError `option` where there are arguments.
   * @example const [weight, bias] = layer.parameters();
   */
  parameters(...more: readonly never[]): readonly Parameter[] {
    checkAlone(`${this.name}: parameters`, more);
    return this.#parameters;
  }

  /**
   * Sets every gradient to zero.
   *
   * @throws NormError `destroyed`, `lost`, `option` where there are arguments.
   * @example layer.zeroGrad();
   */
  zeroGrad(...more: readonly never[]): void {
    this.checkAlive('zeroGrad');
    checkAlone(`${this.name}: zeroGrad`, more);
    for (const { grad } of this.#parameters) clear(grad);
  }

  /**
   * Copies parameters and running statistics to the CPU, by PyTorch's names, shapes and types.
   *
   * @throws NormError (rejects) `destroyed`, `lost`, `option` where there are arguments.
   * @example const file = writeSafetensors(await layer.stateDict());
   */
  async stateDict(...more: readonly never[]): Promise<StateDict> {
    this.checkAlive('stateDict');
    checkAlone(`${this.name}: stateDict`, more);
    // All copies are submitted before one is awaited: they are of one moment, whatever is called meanwhile.
    const entries = this.#state().map(async ([name, tensor]) => [name, await entryOf(name, tensor)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  /**
   * Takes parameters and running statistics over, all of them or, where one does not fit, none. The count of batches may be
   * missing beside running statistics, as in files of old versions of PyTorch: it is set to 0.
   *
   * @throws NormError `state` that names every entry that is missing, unexpected or not as the layer has it; `option`, `destroyed`, `lost`.
   * @example layer.loadStateDict(entriesUnder('norm1.', readSafetensors(bytes)), { rename: { gamma: 'weight' } });
   */
  loadStateDict(
    state: Readonly<Record<string, LoadableEntry>>,
    options: LoadOptions = {},
    ...more: readonly never[]
  ): IncompatibleKeys {
    this.checkAlive('loadStateDict');
    checkAlone(`${this.name}: loadStateDict`, more, ['strict', 'rename']);
    const tensors = this.#state();
    const shapes = new Map(tensors.map(([name, { shape }]) => [name, shape]));
    const { entries, ...keys } = matchState(this.name, shapes, state, options);
    for (const [name, tensor] of tensors) {
      const entry = entries.get(name);
      if (entry) writeEntry(name, tensor, entry);
    }
    return keys;
  }

  /** Frees parameters, gradients, running statistics and what forward calls kept. Calls that are only planned free nothing. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = !this.context.runtime.planned;
    for (const [, tensor] of this.#tensors()) tensor.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** @internal Weight and bias, and whatever else is trained, as options of the function. */
  protected affine(): { weight?: Tensor<'f32'>; bias?: Tensor<'f32'> } {
    return Object.fromEntries(this.#parameters.map((one) => [optionOf(one), one.value]));
  }

  /** @internal Running statistics as options of the function; none where the layer tracks none. */
  protected tracked():
    | (Record<'runningMean' | 'runningVar', Tensor<'f32'>> & { numBatchesTracked: Tensor<'u32'> })
    | undefined {
    const {
      running_mean: runningMean,
      running_var: runningVar,
      num_batches_tracked: numBatchesTracked,
    } = this.#buffers;
    return runningMean && runningVar && numBatchesTracked && { runningMean, runningVar, numBatchesTracked };
  }

  /** @internal Layers without parameters have no tensor that would tell; memory of the others may be somebody else's by now. */
  protected checkAlive(call: string): void {
    if (this.#destroyed) throw new NormError('destroyed', `${this.name}: ${call} of a layer that was destroyed`);
    const gone = this.#tensors().find(([, tensor]) => tensor.destroyed);
    if (!gone) return this.context.runtime.checkAlive(`${this.name}: ${call}`);
    const [name, { storage }] = gone;
    throw new NormError(
      'destroyed',
      `${this.name}: ${call} of a layer whose ${name} ${whyGone(storage, 'destroy the layer, not what it has')}`,
    );
  }

  /** State and gradients. */
  #tensors(): [string, Tensor][] {
    const gradients = this.#parameters.map(({ name, grad }): [string, Tensor] => [`gradient of ${name}`, grad]);
    return [...this.#state(), ...gradients];
  }

  #state(): [string, Tensor][] {
    return [
      ...this.#parameters.map(({ name, value }): [string, Tensor] => [name, value]),
      ...Object.entries(this.#buffers),
    ];
  }
}
