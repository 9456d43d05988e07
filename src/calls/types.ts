import type { GradientName } from '../plan/gradient-request.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { GradientSums } from './gradient-sums.ts';
import type { Saved } from './saved.ts';

/** Options that say where a call is recorded, and where its result goes. */
export interface CallOptions extends EncoderOptions {
  /** The tensor that takes the result, of the shape of x, and of its dtype or `outputDtype`; x itself, or one apart from all others; left out: a new one. */
  out?: Tensor | undefined;
}

/** What a forward call for training returns. */
export interface ForwardResult {
  y: Tensor;
  /** What the gradient needs. */
  saved: Saved;
  /** Where the call had a residual or an inputBias: x + inputBias + gate · residual. */
  residualOut?: Tensor;
}

/** What a quantizing call returns: y · scales is the result, to half a scale. */
export interface QuantizedResult {
  /** Whole numbers from -127 to 127, i8, of the shape of x. */
  y: Tensor;
  /** f32: those that were given, or one for each row, or group of one: of the shape of x with their number in the place of the normalized axes. */
  scales: Tensor;
}

/** Tensors that take the results of a quantizing call; left out: new ones. */
export type QuantizedOut = { [Name in keyof QuantizedResult]?: Tensor | undefined };

/** Options that say where a quantizing call is recorded, and where its results go. */
export interface QuantizedCallOptions extends EncoderOptions {
  out?: QuantizedOut | undefined;
}

/** A normalization whose result is quantized. */
export type NormQuantized<O> = (x: Tensor, options?: O) => QuantizedResult;

/** A normalization: a function of x, of any shape it takes; y has the shape of x. */
export type Norm<O> = object extends O ? (x: Tensor, options?: O) => Tensor : (x: Tensor, options: O) => Tensor;

/** The same for training. */
export type NormForward<O> = object extends O
  ? (x: Tensor, options?: O) => ForwardResult
  : (x: Tensor, options: O) => ForwardResult;

/** The gradients of a normalization with weight and bias. */
export type ParameterGradientName = Exclude<GradientName, 'dstyle' | 'dmeanScale' | 'dalpha' | 'dinputShift'>;

/** Options of a gradient; `List` is a list of names, of those a gradient function has. */
export interface BackwardOptions<
  List extends readonly GradientName[] = readonly ParameterGradientName[],
> extends EncoderOptions {
  /** The gradients wanted; nothing is computed for the others. Default: dx, and those of all arrays that the call had. */
  gradients?: List | undefined;
  /** A gradient that arrives at `residualOut`, of its shape: it is added to dx and dresidual. */
  dresidualOut?: Tensor | undefined;
  /** Tensors that gradients are written to; left out: new ones. */
  out?: GradientTensors | undefined;
  /** Tensors that gradients are added to, as over several batches. */
  accumulate?: GradientTensors | undefined;
}

/** Tensors by the names of gradients. */
export type GradientTensors = { [Name in GradientName]?: Tensor | undefined };

/** The gradients of a call by name, each of the shape of what it is with respect to: those of `Names`, and others as the call has them. */
export type Gradients<Names extends GradientName = never> = Record<Names, Tensor> &
  Partial<Record<GradientName, Tensor>>;

/** The gradients that a list asked for: all that it names, if it is written at the call; of one made at run time none is certain. */
export type ListedGradients<List extends readonly GradientName[]> = List extends readonly [infer First, ...infer Rest]
  ? Named<First> & ListedGradients<Extract<Rest, readonly GradientName[]>>
  : Gradients;

/** A name that may be one of several gives one of several gradients. */
type Named<Name> = Name extends GradientName ? Gradients<Name> : never;

/**
 * The gradient of a normalization. `dy` has the shape and dtype of y, `saved` is what its Forward function returned.
 * Without a gate dresidual is dx itself, the same Tensor.
 */
export type NormBackward<Names extends GradientName = ParameterGradientName, More = unknown> = <
  const List extends readonly Names[] = readonly ['dx' & Names],
>(
  dy: Tensor,
  saved: Saved,
  options?: BackwardOptions<List> & More,
) => ListedGradients<List>;

/** What the gradient of a part may be told besides. */
export interface GivenSums {
  /** The sums of all parts, where the call normalized by `moments` of all of them. */
  sums?: GradientSums | undefined;
}
