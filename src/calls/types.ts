import type { GradientName } from '../plan/gradient-request.ts';
import type { EncoderOptions } from '../runtime/encoder.ts';
import type { Mode } from '../problem/definition.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { GradientSums } from './gradient-sums.ts';
import type { Saved } from './saved.ts';

/** A tensor beside an x of dtype `X`, weight, bias, residual and others: f32 or what x holds. */
export type ParameterTensor<X extends FloatDtype = FloatDtype> = Tensor<'f32' | X>;

/** Positions, starts and numbers of batches. */
export type Counts = Tensor<'u32'>;

/** Options that say where a call is recorded, and where its result goes. */
export interface CallOptions<Y extends FloatDtype = FloatDtype> extends EncoderOptions {
  /** The tensor that takes the result, of the shape of x, and of its dtype or `outputDtype`; x itself, or one apart from all others; left out: a new one. */
  out?: Tensor<NoInfer<Y>> | undefined;
}

/** Options of a function whose result holds `Y`. */
export interface ResultOptions<Y extends FloatDtype = FloatDtype> extends CallOptions<Y> {
  /** The dtype of y, and so of dy. Default: that of x. To the compiler one that may be undefined is there. */
  outputDtype?: Y | undefined;
}

/** The result of a forward call for training: of x of dtype `X` a y of dtype `Y`. */
export interface ForwardResult<
  M extends Mode = Mode,
  X extends FloatDtype = FloatDtype,
  Y extends FloatDtype = FloatDtype,
> {
  y: Tensor<Y>;
  /** Statistics that the gradient needs. */
  saved: Saved<M, X, Y>;
  /** Where the call had a residual or an inputBias: x + inputBias + gate · residual. */
  residualOut?: ParameterTensor<X>;
}

/** The result of a quantizing call: y · scales, to half a scale. */
export interface QuantizedResult {
  /** Whole numbers from -127 to 127, i8, of the shape of x. */
  y: Tensor<'i8'>;
  /** f32: those that were given, or one for each row, or group of one: of the shape of x with their number in the place of the normalized axes. */
  scales: Tensor<'f32'>;
}

/** Tensors that take the results of a quantizing call; left out: new ones. */
export type QuantizedOut = { [Name in keyof QuantizedResult]?: QuantizedResult[Name] | undefined };

/** Options that say where a quantizing call is recorded, and where its results go. */
export interface QuantizedCallOptions extends EncoderOptions {
  out?: QuantizedOut | undefined;
}

/** The gradients of a normalization with weight and bias. */
export type ParameterGradientName = Exclude<GradientName, 'dstyle' | 'dmeanScale' | 'dalpha' | 'dinputShift'>;

/** Options of a gradient; `List` is a list of names, of those a gradient function has, `Name`. */
export interface BackwardOptions<
  List extends readonly GradientName[] = readonly ParameterGradientName[],
  X extends FloatDtype = FloatDtype,
  Name extends GradientName = GradientName,
> extends EncoderOptions {
  /** The gradients wanted; nothing is computed for the others. Default: dx, and those of all arrays that the call had. */
  gradients?: List | undefined;
  /** A gradient that arrives at `residualOut`, of its shape: it is added to dx and dresidual. */
  dresidualOut?: ParameterTensor<X> | undefined;
  /** Tensors that gradients are written to; left out: new ones. */
  out?: Pick<GradientTensors<X>, Name> | undefined;
  /** Tensors that gradients are added to, as over several batches. */
  accumulate?: Pick<GradientTensors<X>, Name> | undefined;
}

/** A gradient of a call on x of dtype `X`: it holds what the tensor does that it is with respect to. */
export type GradientTensor<Name extends GradientName, X extends FloatDtype = FloatDtype> = Name extends 'dx'
  ? Tensor<X>
  : Name extends 'dstyle'
    ? Tensor<FloatDtype>
    : ParameterTensor<X>;

/** Tensors by the names of gradients. */
export type GradientTensors<X extends FloatDtype = FloatDtype> = {
  [Name in GradientName]?: GradientTensor<Name, X> | undefined;
};

/** The gradients of a call by name, each of the shape of what it is with respect to: those of `Name`, and others as the call has them. */
export type Gradients<Name extends GradientName = never, X extends FloatDtype = FloatDtype> = {
  [Certain in Name]: GradientTensor<Certain, X>;
} & { [Name in GradientName]?: GradientTensor<Name, X> };

/** The gradients that a list asked for: all that it names, if it is written at the call; of one made at run time none is certain. */
export type ListedGradients<
  List extends readonly GradientName[],
  X extends FloatDtype = FloatDtype,
> = List extends readonly [infer First, ...infer Rest]
  ? Named<First, X> & ListedGradients<Extract<Rest, readonly GradientName[]>, X>
  : Gradients<never, X>;

/** A name that may be one of several gives one of several gradients. */
type Named<Name, X extends FloatDtype> = Name extends GradientName ? Gradients<Name, X> : never;

/**
 * The gradient of a normalization. `dy` has the shape and dtype of y, `saved` is what its Forward function returned.
 * Without a gate the dresidual of a residual of the shape and dtype of x is dx itself, the same Tensor, unless `out` or `accumulate` part them.
 */
export type NormBackward<Name extends GradientName = ParameterGradientName, More = object, M extends Mode = Mode> = <
  const List extends readonly Name[] = readonly ['dx' & Name],
  X extends FloatDtype = FloatDtype,
  Y extends FloatDtype = FloatDtype,
>(
  dy: Tensor<NoInfer<Y>>,
  saved: Saved<M, X, Y>,
  options?: BackwardOptions<List, NoInfer<X>, Name> & More,
) => ListedGradients<List, X>;

/** Options of the gradient of a part besides. */
export interface GivenSums {
  /** The sums of all parts, where the call normalized by `moments` of all of them. */
  sums?: GradientSums | undefined;
}
