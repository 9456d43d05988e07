import { normBackwardOf } from '../calls/backward.ts';
import { CALL_OPTIONS, forwardOf } from '../calls/forward.ts';
import type {
  ForwardResult,
  NormBackward,
  ParameterGradientName,
  ParameterTensor,
  ResultOptions,
} from '../calls/types.ts';
import { adaptiveInstanceNormDefinition } from '../norms/adaptive-instance-norm.ts';
import type { AdaptiveInstanceNormOptions as Options } from '../norms/adaptive-instance-norm.ts';
import { checkAlone, checkNames } from '../options/checks.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import type { Tensor } from '../runtime/tensor.ts';

const OPTIONS = /* @__PURE__ */ optionNames();
const forward = /* @__PURE__ */ forwardOf(adaptiveInstanceNormDefinition, false);
const forwardSaving = /* @__PURE__ */ forwardOf(adaptiveInstanceNormDefinition, true);

/** Options of {@link adaptiveInstanceNorm} for a content of dtype `X` and a y of dtype `Y`. */
export interface AdaptiveInstanceNormOptions<X extends FloatDtype = FloatDtype, Y extends FloatDtype = FloatDtype>
  extends Options<ParameterTensor<X>>, ResultOptions<Y> {}

/**
 * Adaptive instance normalization: each channel of each content sample takes the mean and the
 * deviation of the style's, y = sqrt(variance(style) + eps) · (x - mean) / sqrt(variance + eps) + mean(style).
 * Content and style agree in samples and channels; their positions (H,W) may differ. y has the shape of the content; eps is 1e-5 unless
 * told otherwise.
 *
 * Huang, Belongie 2017, https://arxiv.org/abs/1703.06868
 *
 * @throws NormError before anything is recorded: `layout`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = adaptiveInstanceNorm(content, style);
 */
export function adaptiveInstanceNorm<X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  content: Tensor<X>,
  style: Tensor<FloatDtype>,
  options: AdaptiveInstanceNormOptions<NoInfer<X>, Y> = {},
  ...more: readonly never[]
): Tensor<NoInfer<Y>> {
  return forward(content, withStyle(style, options, more)).y;
}

/**
 * {@link adaptiveInstanceNorm} for training: y, and what {@link adaptiveInstanceNormBackward} needs.
 *
 * @throws NormError as {@link adaptiveInstanceNorm}.
 * @example const { y, saved } = adaptiveInstanceNormForward(content, style);
 */
export function adaptiveInstanceNormForward<X extends FloatDtype = FloatDtype, Y extends FloatDtype = X>(
  content: Tensor<X>,
  style: Tensor<FloatDtype>,
  options: AdaptiveInstanceNormOptions<NoInfer<X>, Y> = {},
  ...more: readonly never[]
): ForwardResult<'adaptiveInstanceNorm', X, NoInfer<Y>> {
  return forwardSaving(content, withStyle(style, options, more));
}

/** The style is an argument. */
function optionNames(): string[] {
  const { options } = adaptiveInstanceNormDefinition;
  return [...options.filter((name) => name !== 'style'), ...CALL_OPTIONS];
}

function withStyle(
  style: Tensor,
  options: AdaptiveInstanceNormOptions,
  more: readonly unknown[],
): AdaptiveInstanceNormOptions & { style: Tensor } {
  const { op } = adaptiveInstanceNormDefinition;
  checkAlone(op, more, CALL_OPTIONS);
  checkNames(op, options, OPTIONS);
  return { ...options, style };
}

/**
 * The gradient of {@link adaptiveInstanceNorm}: for the normalized content x̂ and the style's deviation σ = sqrt(variance(style) + eps),
 * dx = σ · (dy - mean(dy) - x̂ · mean(dy · x̂)) / sqrt(variance + eps), and at each of the m positions of the style
 * dstyle = (sum(dy) + (style - mean(style)) / σ · sum(dy · x̂)) / m.
 * Derived in docs/gradients.md as (G8) and (G16).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dstyle } = adaptiveInstanceNormBackward(dy, saved);
 */
export const adaptiveInstanceNormBackward: NormBackward<
  Exclude<ParameterGradientName, 'dweight' | 'dbias'> | 'dstyle',
  object,
  'adaptiveInstanceNorm'
> = /* @__PURE__ */ normBackwardOf('adaptiveInstanceNorm');
