import { backwardOf } from '../dispatch/backward.ts';
import type { Backward, Gradient } from '../dispatch/backward.ts';
import { forward } from '../dispatch/call.ts';
import type { NoSave, NoSum, RecordOptions, ReturnSum, Save, Summing } from '../dispatch/forms.ts';
import type { Saving } from '../dispatch/saved.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import { NormError } from '../errors.ts';
import type { Definition } from '../problem/definition.ts';
import { FUSIONS } from '../problem/fusion.ts';
import { resolveLayout } from '../problem/layout.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { checkNames } from '../problem/options.ts';
import { instanceAxes } from './instance.ts';
import type { FusionOptions } from './options.ts';

export interface AdaptiveInstanceNormOptions extends FusionOptions, LayoutOptions {
  /** Added to both variances, inside the root. Default: 1e-5. */
  eps?: number;
  /** Divide both sums of squares by n - 1 rather than by n, as the published code does. Default: false. */
  unbiased?: boolean;
  save?: boolean;
}

/** The options with descriptions in the place of tensors. */
type Fusible = FusionOptions<unknown> & Omit<AdaptiveInstanceNormOptions, keyof FusionOptions>;

/** Parameters vary over samples and channels, and are measured of the style. */
export const adaptiveInstanceNormDefinition: Definition<Fusible & { style?: unknown }> = {
  op: 'adaptiveInstanceNorm',
  options: ['layout', 'channelAxis', 'eps', 'save', 'unbiased', 'style', ...FUSIONS],
  axes: (shape, options) =>
    instanceAxes('adaptiveInstanceNorm', shape, options).map((axis) => ({ ...axis, parameter: !axis.reduced })),
  layout: (shape, options) => resolveLayout('adaptiveInstanceNorm', shape, options),
  statistic: () => 'mean-variance',
  eps: ({ eps = 1e-5 }) => eps,
  check: (_, { style }) => {
    if (!style) throw new NormError('option', 'adaptiveInstanceNorm: style is missing; it must be a Tensor');
  },
};

/**
 * Adaptive instance normalization (Huang and Belongie 2017): each channel of each content sample takes the mean and the
 * deviation of the style's, y = sqrt(variance(style) + eps) · (x - mean) / sqrt(variance + eps) + mean(style).
 * Content and style agree in samples and channels; their positions (H,W) may differ.
 *
 * @throws NormError before anything is recorded.
 */
export function adaptiveInstanceNorm(
  content: Tensor,
  style: Tensor,
  options: AdaptiveInstanceNormOptions & Save & { residual: Tensor },
  record?: RecordOptions,
): Saving & Summing;
export function adaptiveInstanceNorm(
  content: Tensor,
  style: Tensor,
  options: AdaptiveInstanceNormOptions & Save,
  record?: RecordOptions,
): Saving;
export function adaptiveInstanceNorm(
  content: Tensor,
  style: Tensor,
  options: AdaptiveInstanceNormOptions & NoSave & ReturnSum,
  record?: RecordOptions,
): Summing;
export function adaptiveInstanceNorm(
  content: Tensor,
  style: Tensor,
  options?: AdaptiveInstanceNormOptions & NoSave & NoSum,
  record?: RecordOptions,
): Tensor;
export function adaptiveInstanceNorm(
  content: Tensor,
  style: Tensor,
  options: AdaptiveInstanceNormOptions = {},
  record: RecordOptions = {},
): Tensor | Saving | Summing {
  checkNames('adaptiveInstanceNorm', options, ['layout', 'channelAxis', 'eps', 'save', 'unbiased', ...FUSIONS]);
  return forward(adaptiveInstanceNormDefinition, content, { ...options, style }, record);
}

/** The gradients of {@link adaptiveInstanceNorm}. */
export interface AdaptiveInstanceNormGradients {
  dx: Tensor;
  dstyle: Tensor;
  /** Where the call had them; without a gate dresidual is dx itself. */
  dresidual?: Tensor;
  dgate?: Tensor;
  dscale?: Tensor;
  dshift?: Tensor;
}

/**
 * The gradient of {@link adaptiveInstanceNorm}: for the normalized content x̂ and the style's deviation σ = sqrt(variance(style) + eps),
 * dx = σ · (dy - mean(dy) - x̂ · mean(dy · x̂)) / sqrt(variance + eps), and at each of the m positions of the style
 * dstyle = (sum(dy) + (style - mean(style)) / σ · sum(dy · x̂)) / m.
 *
 * @throws NormError before anything is recorded.
 */
export const adaptiveInstanceNormBackward: Backward<
  AdaptiveInstanceNormGradients,
  Exclude<Gradient, 'dweight' | 'dbias'>
> = /* @__PURE__ */ backwardOf('adaptiveInstanceNorm');
