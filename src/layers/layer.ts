import type { BackwardOptions, CallOptions, ForwardResult, Gradients } from '../calls/types.ts';
import type { Context } from '../runtime/context.ts';
import type { Saved } from '../calls/saved.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import type { Shape } from '../problem/shape.ts';
import { checkAlone, checkCount, checkFlag, checkNames } from '../options/checks.ts';
import { matchState, writeEntry } from './load.ts';
import type { IncompatibleKeys, LoadableEntry, LoadOptions } from './load.ts';
import { checkContext, checkTensor } from './options.ts';
import { clear, filled, optionOf, parameterOf } from './parameter.ts';
import type { Initial, Parameter } from './parameter.ts';
import { SavedCalls } from './saved-calls.ts';
import { COUNT, entryOf } from './state.ts';
import type { StateDict } from './state.ts';

/** What a layer has besides parameters: not trained, but part of its state. */
type BufferName = 'running_mean' | 'running_var' | typeof COUNT;
const CALL_OPTIONS = ['out', 'encoder'] as const;

/** The gradient function of a mode, as far as layers call it. */
export type Backward = (dy: Tensor, saved: Saved, options: BackwardOptions<readonly ['dx']>) => Gradients<'dx'>;

/** What the function of a layer returns: with `saved` where the gradient needs it. */
export type LayerResult = Pick<ForwardResult, 'y'> & Partial<ForwardResult>;

/** What a layer is made with. */
export interface Parts {
  /** The shape of weight and bias; null where there is none. */
  weight: Shape | null;
  bias: Shape | null;
  /** What the weight begins with. Default: 1. */
  firstWeight?: number;
  /** Parameters of one element each, with the number they begin with. */
  single?: readonly (Pick<Parameter, 'name'> & { value: number })[];
  /** The number of channels whose running statistics are tracked; null: none are. */
  tracked: number | null;
}

/**
 * A normalization that keeps its parameters and running statistics on the GPU. Its calls are those of the functions of the same
 * name; what it adds is their bookkeeping.
 *
 * `forward` in training keeps what the gradient needs (of the input it keeps a reference, not a copy); `backward` uses it up, adds
 * to the parameters' gradients and returns that of the input. A layer that is called several times before, as one with shared
 * weights is, keeps every call: `backward` takes them from the last to the first. In `eval()` nothing is kept unless `keepSaved`
 * is set.
 */
export abstract class Layer implements Disposable {
  readonly context: Context;
  /** Whether the layer trains; see {@link Layer.train}. */
  training = true;
  /** Whether `forward` keeps what `backward` needs in eval mode too. */
  keepSaved = false;
  /** How many calls of `forward` are kept at most, before `backward` or {@link Layer.freeSaved}; 0: none is, in training neither. */
  maxSaved = 16;
  readonly #name: string;
  readonly #parameters: Parameter[];
  readonly #buffers: Partial<Record<BufferName, Tensor>>;
  readonly #backward: Backward;
  readonly #saved: SavedCalls;
  #destroyed = false;

  /** @internal */
  protected constructor(
    context: Context,
    name: string,
    { weight, bias, firstWeight = 1, single = [], tracked }: Parts,
    backward: Backward,
  ) {
    checkContext(name, context);
    this.context = context;
    this.#saved = new SavedCalls(context);
    this.#name = name;
    this.#backward = backward;
    const initial: Initial[] = [
      ...(weight ? [{ name: 'weight', shape: weight, value: firstWeight } as const] : []),
      ...(bias ? [{ name: 'bias', shape: bias, value: 0 } as const] : []),
      ...single.map((one) => ({ ...one, shape: [1] })),
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

  /** The call of the function, with the layer's tensors and options. */
  protected abstract call(x: Tensor, saves: boolean, options: CallOptions): LayerResult;

  /**
   * Training mode: statistics of the input, tracked if the layer tracks any. Returns the layer.
   *
   * @throws NormError `option` where the flag is neither true nor false.
   * @example layer.train();
   */
  train(training = true, ...more: readonly never[]): this {
    checkAlone(`${this.#name}: train`, more);
    checkFlag(this.#name, 'training', training);
    this.training = training;
    return this;
  }

  /**
   * Evaluation mode: running statistics if the layer tracks any. Returns the layer.
   *
   * @example const y = layer.eval().forward(x);
   */
  eval(...more: readonly never[]): this {
    checkAlone(`${this.#name}: eval`, more);
    return this.train(false);
  }

  /**
   * y, of the shape of x.
   *
   * @throws NormError `destroyed`, `option` where x is no tensor, as the function of the same name does, `shape` or `parameter`
   * where x has other axes or channels than the layer was made for, `saved` where `maxSaved` calls are kept already.
   * @example const y = layer.forward(x, { encoder });
   */
  forward(x: Tensor, options: CallOptions = {}, ...more: readonly never[]): Tensor {
    this.#checkAlive('forward');
    checkAlone(`${this.#name}: forward`, more, CALL_OPTIONS);
    checkTensor(`${this.#name}: forward`, 'x', x);
    checkCount(this.#name, 'maxSaved', this.maxSaved, 0);
    const saves = (this.training || this.keepSaved) && this.maxSaved > 0;
    if (saves) this.#saved.checkRoom(this.#name, this.maxSaved);
    checkNames(`${this.#name}: forward`, options, CALL_OPTIONS);
    const { y, saved } = this.call(x, saves, options);
    if (saved) this.#saved.push(saved);
    return y;
  }

  /**
   * dx of the last `forward` that no `backward` was for, of the shape of x; adds to `grad` of each parameter.
   *
   * @throws NormError `destroyed`, `option` where dy is no tensor, `saved` where no forward call is kept, and as the gradient
   * function does; what was kept then stays.
   * @example const dx = layer.backward(dy);
   */
  backward(dy: Tensor, options: CallOptions = {}, ...more: readonly never[]): Tensor {
    this.#checkAlive('backward');
    checkAlone(`${this.#name}: backward`, more, CALL_OPTIONS);
    checkTensor(`${this.#name}: backward`, 'dy', dy);
    checkNames(`${this.#name}: backward`, options, CALL_OPTIONS);
    const saved = this.#saved.last;
    if (!saved) {
      throw new NormError(
        'saved',
        `${this.#name}: backward needs a forward call before it that kept its statistics: in training mode, or with keepSaved`,
      );
    }
    const { encoder, out } = options;
    const accumulate = Object.fromEntries(this.#parameters.map((one) => [`d${optionOf(one)}`, one.grad]));
    const { dx } = this.#backward(dy, saved, {
      accumulate,
      ...(out && { out: { dx: out } }),
      ...(encoder && { encoder }),
    });
    this.#saved.pop();
    return dx;
  }

  /** Frees what forward calls kept, where no `backward` is going to use it. */
  freeSaved(): void {
    this.#saved.clear();
  }

  /** What is trained, weight first. */
  parameters(): readonly Parameter[] {
    return this.#parameters;
  }

  /** Sets every gradient to zero. Throws NormError `destroyed`. */
  zeroGrad(): void {
    this.#checkAlive('zeroGrad');
    for (const { grad } of this.#parameters) clear(grad);
  }

  /**
   * Copies parameters and running statistics to the CPU, by PyTorch's names, shapes and types.
   *
   * @throws NormError (rejects) `destroyed`, `lost`.
   * @example const file = writeSafetensors(await layer.stateDict());
   */
  async stateDict(): Promise<StateDict> {
    this.#checkAlive('stateDict');
    // All copies are submitted before one is awaited: they are of one moment, whatever is called meanwhile.
    const entries = this.#state().map(async ([name, tensor]) => [name, await entryOf(name, tensor)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  /**
   * Takes parameters and running statistics over, all of them or, where one does not fit, none. The count of batches may be
   * missing beside running statistics, as in files of old versions of PyTorch: it is set to 0.
   *
   * @throws NormError `state` that names every entry that is missing, unexpected or not as the layer has it; `option`, `destroyed`.
   * @example layer.loadStateDict(entriesUnder('norm1.', readSafetensors(bytes)), { rename: { gamma: 'weight' } });
   */
  loadStateDict(
    state: Readonly<Record<string, LoadableEntry>>,
    options: LoadOptions = {},
    ...more: readonly never[]
  ): IncompatibleKeys {
    this.#checkAlive('loadStateDict');
    checkAlone(`${this.#name}: loadStateDict`, more, ['strict', 'rename']);
    const tensors = this.#state();
    const shapes = new Map(tensors.map(([name, { shape }]) => [name, shape]));
    const { entries, ...keys } = matchState(this.#name, shapes, state, options);
    for (const [name, tensor] of tensors) {
      const entry = entries.get(name);
      if (entry) writeEntry(name, tensor, entry);
    }
    return keys;
  }

  /** Frees parameters, gradients, running statistics and what forward calls kept. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.freeSaved();
    for (const { value, grad } of this.#parameters) [value, grad].forEach((tensor) => tensor.destroy());
    for (const tensor of Object.values(this.#buffers)) tensor.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** @internal Weight and bias, and whatever else is trained, as options of the function. */
  protected affine(): { weight?: Tensor; bias?: Tensor } {
    return Object.fromEntries(this.#parameters.map((one) => [optionOf(one), one.value]));
  }

  /** @internal Running statistics as options of the function; none where the layer tracks none. */
  protected tracked(): { runningMean: Tensor; runningVar: Tensor; numBatchesTracked: Tensor } | undefined {
    const {
      running_mean: runningMean,
      running_var: runningVar,
      num_batches_tracked: numBatchesTracked,
    } = this.#buffers;
    return runningMean && runningVar && numBatchesTracked && { runningMean, runningVar, numBatchesTracked };
  }

  #state(): [string, Tensor][] {
    return [
      ...this.#parameters.map(({ name, value }): [string, Tensor] => [name, value]),
      ...Object.entries(this.#buffers),
    ];
  }

  /** Layers without parameters have no tensor that would tell; memory of the others may be somebody else's by now. */
  #checkAlive(call: string): void {
    if (this.#destroyed) throw new NormError('destroyed', `${this.#name}: ${call} of a layer that was destroyed`);
  }
}
