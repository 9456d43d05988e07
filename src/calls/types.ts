import type { GradientName } from '../plan/gradient-request.ts';
import type { Encoder } from '../runtime/encoder.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { GradientSums } from './gradient-sums.ts';
import type { Saved } from './saved.ts';

/** Options that say where a call is recorded, and where its result goes. */
export interface CallOptions {
  /** The tensor that takes the result, of the shape of x, and of its dtype or `outputDtype`; x itself, or one apart from all others; left out: a new one. */
  out?: Tensor;
  /** Left out: the work is submitted. */
  encoder?: Encoder;
}

/** What a forward call for training returns. */
export interface ForwardResult {
  y: Tensor;
  /** What the gradient needs. */
  saved: Saved;
  /** Where the call had a residual: x + gate · residual. */
  residualOut?: Tensor;
}

/** A normalization: a function of x, of any shape it takes; y has the shape of x. */
export type Norm<O> = object extends O ? (x: Tensor, options?: O) => Tensor : (x: Tensor, options: O) => Tensor;

/** The same for training. */
export type NormForward<O> = object extends O
  ? (x: Tensor, options?: O) => ForwardResult
  : (x: Tensor, options: O) => ForwardResult;

/** The gradients of a normalization with weight and bias. */
export type ParameterGradientName = Exclude<GradientName, 'dstyle'>;

/** Options of a gradient. */
export interface BackwardOptions<G extends GradientName = GradientName> {
  /** The gradients wanted; nothing is computed for the others. Default: dx, and those of all arrays that the call had. */
  gradients?: readonly G[];
  /** A gradient that arrives at `residualOut`, of its shape: it is added to dx and dresidual. */
  dresidualOut?: Tensor;
  /** Tensors that gradients are written to; left out: new ones. */
  out?: Partial<Record<GradientName, Tensor>>;
  /** Tensors that gradients are added to, as over several batches. */
  accumulate?: Partial<Record<GradientName, Tensor>>;
  encoder?: Encoder;
}

/** The gradients of a call by name, each of the shape of what it is with respect to: those that were asked for, and others that the call has. */
export type Gradients<G extends GradientName> = Record<G, Tensor> & Partial<Record<GradientName, Tensor>>;

/**
 * The gradient of a normalization. `dy` has the shape and dtype of y, `saved` is what its Forward function returned.
 * Without a gate dresidual is dx itself, the same Tensor.
 */
export type NormBackward<Names extends GradientName = ParameterGradientName, More = unknown> = <
  G extends Names = 'dx' & Names,
>(
  dy: Tensor,
  saved: Saved,
  options?: BackwardOptions<G> & More,
) => Gradients<G>;

/** What BatchNorm's gradient may be told besides. */
export interface GivenSums {
  /** The sums of all parts of a split batch, where the call normalized by `moments` of all of them. */
  sums?: GradientSums;
}
