import { checkTensor } from '../calls/checks.ts';
import type { BackwardOptions, CallOptions, ForwardResult, Gradients } from '../calls/types.ts';
import type { Context } from '../runtime/context.ts';
import type { Saved } from '../calls/saved.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { checkAlone, checkCount, checkFlag, checkNames } from '../options/checks.ts';
import { Module } from './module.ts';
import type { Parts } from './module.ts';
import { optionOf } from './parameter.ts';
import { SavedCalls } from './saved-calls.ts';

const CALL_OPTIONS = ['out', 'encoder'] as const;

/** The gradient function of a mode, as far as layers call it. */
export type Backward<Gradient> = (dy: Tensor, saved: Saved, options: BackwardOptions<readonly ['dx']>) => Gradient;

/** The result of a layer's function: with `saved` where the gradient needs it. */
export type LayerResult = Pick<ForwardResult, 'y'> & Partial<ForwardResult>;

/** dx alone, of the gradients that a function returns. */
export function dxOf(backward: Backward<Gradients<'dx'>>): Backward<Tensor<FloatDtype>> {
  return (dy, saved, options) => backward(dy, saved, options).dx;
}

/**
 * A normalization that keeps its parameters and running statistics on the GPU. Its calls are those of the functions of the same
 * name; what it adds is their bookkeeping. `Inputs` are what `forward` takes besides x, by name; `Gradient` is what `backward` returns.
 *
 * `forward` in training keeps what the gradient needs (of the input it keeps a reference, not a copy); `backward` uses it up, adds
 * to the parameters' gradients and returns that of the input. A layer that is called several times before, as one with shared
 * weights is, keeps every call: `backward` takes them from the last to the first. In `eval()` nothing is kept unless `keepSaved`
 * is set.
 */
export abstract class Layer<Inputs extends object = object, Gradient = Tensor<FloatDtype>> extends Module {
  /** Whether `forward` keeps what `backward` needs in eval mode too. */
  keepSaved = false;
  /** How many calls of `forward` are kept at most, before `backward` or {@link Layer.freeSaved}; 0: none is, in training neither. */
  maxSaved = 16;
  readonly #backward: Backward<Gradient>;
  readonly #options: readonly string[];
  readonly #saved: SavedCalls;

  /** @internal */
  protected constructor(
    context: Context,
    name: string,
    parts: Parts,
    backward: Backward<Gradient>,
    inputs: readonly (keyof Inputs & string)[] = [],
  ) {
    super(context, name, parts);
    this.#saved = new SavedCalls(context);
    this.#backward = backward;
    this.#options = [...inputs, ...CALL_OPTIONS];
  }

  /** The call of the function, with the layer's tensors and options. */
  protected abstract call(x: Tensor, saves: boolean, options: CallOptions & Inputs): LayerResult;

  /**
   * y, of the shape of x.
   *
   * @throws NormError `destroyed`, `option` where x is no tensor, as the function of the same name does, `shape` or `parameter`
   * where x has other axes or channels than the layer was made for, `saved` where `maxSaved` calls are kept already.
   * @example const y = layer.forward(x, { encoder });
   */
  forward<X extends FloatDtype = FloatDtype>(
    x: Tensor<X>,
    options: CallOptions<NoInfer<X>> & Inputs = {} as CallOptions<X> & Inputs,
    ...more: readonly never[]
  ): Tensor<X> {
    this.checkAlive('forward');
    checkAlone(`${this.name}: forward`, more, CALL_OPTIONS);
    checkTensor(`${this.name}: forward`, 'x', x);
    checkCount(this.name, 'maxSaved', this.maxSaved, 0);
    checkFlag(this.name, 'training', this.training);
    checkFlag(this.name, 'keepSaved', this.keepSaved);
    const saves = (this.training || this.keepSaved) && this.maxSaved > 0;
    if (saves) this.#saved.checkRoom(this.name, this.maxSaved);
    checkNames(`${this.name}: forward`, options, this.#options);
    const { y, saved } = this.call(x, saves, options);
    if (saved) this.#saved.push(saved);
    return y;
  }

  /**
   * dx of the last `forward` that no `backward` was for, of the shape of x, which `out` takes; adds to `grad` of each parameter.
   *
   * @throws NormError `destroyed`, `option` where dy is no tensor, `saved` where no forward call is kept, and as the gradient
   * function does; what was kept then stays.
   * @example const dx = layer.backward(dy);
   */
  backward(dy: Tensor<FloatDtype>, options: CallOptions = {}, ...more: readonly never[]): Gradient {
    this.checkAlive('backward');
    checkAlone(`${this.name}: backward`, more, CALL_OPTIONS);
    checkTensor(`${this.name}: backward`, 'dy', dy);
    checkNames(`${this.name}: backward`, options, CALL_OPTIONS);
    const saved = this.#saved.last;
    if (!saved) {
      throw new NormError(
        'saved',
        `${this.name}: backward needs a forward call before it that kept its statistics: in training mode, or with keepSaved`,
      );
    }
    const { encoder, out } = options;
    const accumulate = Object.fromEntries(this.parameters().map((one) => [`d${optionOf(one)}`, one.grad]));
    const gradient = this.#backward(dy, saved, { accumulate, out: { dx: out }, encoder });
    this.#saved.pop();
    return gradient;
  }

  /**
   * Frees what forward calls kept, where no `backward` is going to use it.
   *
   * @throws NormError `option` where there are arguments.
   * @example layer.freeSaved();
   */
  freeSaved(...more: readonly never[]): void {
    checkAlone(`${this.name}: freeSaved`, more);
    this.#saved.clear();
  }

  /** Frees parameters, gradients, running statistics and what forward calls kept. Calls that are only planned free nothing. */
  override destroy(): void {
    this.freeSaved();
    super.destroy();
  }
}
