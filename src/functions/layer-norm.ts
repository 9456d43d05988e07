import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type { CallOptions, Norm, NormBackward, NormForward } from '../calls/types.ts';
import { layerNormDefinition } from '../norms/layer-norm.ts';
import type { LayerNormOptions as Options } from '../norms/layer-norm.ts';
import type { Tensor } from '../runtime/tensor.ts';

export interface LayerNormOptions extends Options<Tensor>, CallOptions {}

/**
 * Layer normalization: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased
 * variance taken over `axes` for every index of the others. Weight and bias have the shape of the normalized axes.
 *
 * Ba, Kiros, Hinton 2016, https://arxiv.org/abs/1607.06450
 *
 * @throws NormError before anything is recorded.
 * @example const y = layerNorm(x, { weight, bias });
 */
export const layerNorm: Norm<LayerNormOptions> = /* @__PURE__ */ normOf(layerNormDefinition);

/**
 * {@link layerNorm} for training.
 *
 * @throws NormError before anything is recorded.
 * @example const { y, saved } = layerNormForward(x, { weight, bias });
 */
export const layerNormForward: NormForward<LayerNormOptions> = /* @__PURE__ */ normForwardOf(layerNormDefinition);

/**
 * The gradient of {@link layerNorm}: for g = dy · weight and x̂, dx = (g - mean(g) - x̂ · mean(g · x̂)) / sqrt(variance + eps),
 * the means over the normalized axes; dweight = sum(dy · x̂) and dbias = sum(dy) over the others.
 *
 * @throws NormError before anything is recorded.
 * @example const { dx, dweight, dbias } = layerNormBackward(dy, saved);
 */
export const layerNormBackward: NormBackward = /* @__PURE__ */ normBackwardOf('layerNorm');
