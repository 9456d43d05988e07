import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type {
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { normalizeDefinition } from '../norms/normalize.ts';
import type { NormalizeOptions as Options } from '../norms/normalize.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';

/** Options of {@link normalize} for an x of dtype `X` and a y of dtype `Y`. */
export interface NormalizeOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>>, ResultOptions<Y> {}

/**
 * Normalization over any axes, by any statistic of the elements that share all other indices:
 * mean-variance (x - mean) / sqrt(variance + eps); rms x / sqrt(mean(x²) + eps); l2 x / max(sqrt(sum(x²)), eps);
 * l1 x / max(sum(|x|), eps); linf x / max(max(|x|), eps); sum x / sum(x), a sum nearer to zero than eps being replaced by eps with its sign.
 * Then · weight + bias, which broadcast to x by NumPy's rules. y has the shape of x; eps is 1e-5 for mean-variance, 2^-23 for rms, and
 * 1e-12 in the units of the norm or sum for the others, unless told otherwise.
 *
 * The norms are those of torch.nn.functional.normalize, https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const unit = normalize(x, { axes: [-1], statistic: 'l2' });
 */
export const normalize: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: NormalizeOptions<NoInfer<X>, Y>,
) => Tensor<NoInfer<Y>> = /* @__PURE__ */ normOf(normalizeDefinition);

/**
 * {@link normalize} for training: y, and what {@link normalizeBackward} needs.
 *
 * @function
 * @throws NormError as {@link normalize}.
 * @example const { y, saved } = normalizeForward(x, { axes: [-1], statistic: 'l2' });
 */
export const normalizeForward: <X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  x: Tensor<X>,
  options: NormalizeOptions<NoInfer<X>, Y>,
) => ForwardResult<'normalize', X, NoInfer<Y>> = /* @__PURE__ */ normForwardOf(normalizeDefinition);

/**
 * The gradient of {@link normalize}, for g = dy · weight, x̂ and the factor f: mean-variance
 * f · (g - mean(g) - x̂ · mean(g · x̂)); rms f · (g - x̂ · mean(g · x̂)); l2 f · (g - x̂ · sum(g · x̂)); l1 f · (g - sign(x) · sum(g · x̂));
 * linf the same at the largest |x|, in equal shares where there are several; sum f · (g - sum(g · x̂)); where eps took the place of a norm,
 * f · g. dweight = sum(dy · x̂) and dbias = sum(dy) over all that they are broadcast along.
 * Derived in docs/gradients.md as (G8) to (G13).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx } = normalizeBackward(dy, saved);
 */
export const normalizeBackward: NormBackward<ParameterGradientName, object, 'normalize'> =
  /* @__PURE__ */ normBackwardOf('normalize');
