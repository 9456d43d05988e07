import { normBackwardOf } from '../calls/backward.ts';
import type { CallOptions, Norm, NormBackward, NormForward, ParameterGradientName } from '../calls/types.ts';
import { dynamicTanhDefinition } from '../norms/dynamic-tanh.ts';
import type { DynamicTanhOptions as Options } from '../norms/dynamic-tanh.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { pointwiseForwardOf, pointwiseOf } from './pointwise.ts';

/** Options of {@link dynamicTanh}. */
export interface DynamicTanhOptions extends Options<Tensor>, CallOptions {}

/**
 * Dynamic tanh (DyT), in the place of a normalization: y = tanh(alpha · x) · weight + bias. Each element by itself: nothing is measured.
 * alpha is one element; weight and bias have the shape of `axes`, the last unless told otherwise; y has the shape of x.
 *
 * Zhu et al. 2025, Transformers without Normalization, https://arxiv.org/abs/2503.10622
 *
 * @function
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `option` where what is
 * given does not fit x, is missing or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = dynamicTanh(x, { alpha, weight, bias });
 */
export const dynamicTanh: Norm<DynamicTanhOptions> = /* @__PURE__ */ pointwiseOf(dynamicTanhDefinition);

/**
 * {@link dynamicTanh} for training: y, and what {@link dynamicTanhBackward} needs. `saved.mean` and `saved.rstd` have no element.
 *
 * @function
 * @throws NormError as {@link dynamicTanh}.
 * @example const { y, saved } = dynamicTanhForward(x, { alpha, weight, bias });
 */
export const dynamicTanhForward: NormForward<DynamicTanhOptions> =
  /* @__PURE__ */ pointwiseForwardOf(dynamicTanhDefinition);

/**
 * The gradient of {@link dynamicTanh}: for t = tanh(alpha · x) and g = dy · weight · (1 - t²), dx = g · alpha, dalpha = sum(g · x) over all
 * elements, dweight = sum(dy · t) and dbias = sum(dy) over all that they are repeated for.
 * Derived in docs/gradients.md as (G26).
 *
 * @function
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dalpha, dweight, dbias } = dynamicTanhBackward(dy, saved, { gradients: ['dx', 'dalpha', 'dweight', 'dbias'] });
 */
export const dynamicTanhBackward: NormBackward<ParameterGradientName | 'dalpha'> =
  /* @__PURE__ */ normBackwardOf('dynamicTanh');
