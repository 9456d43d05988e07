import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type { CallOptions, Norm, NormBackward, NormForward } from '../calls/types.ts';
import { rmsNormDefinition } from '../norms/rms-norm.ts';
import type { RmsNormOptions as Options } from '../norms/rms-norm.ts';
import type { Tensor } from '../runtime/tensor.ts';

export interface RmsNormOptions extends Options<Tensor>, CallOptions {}

/**
 * Root mean square normalization: y = x / sqrt(mean(x²) + eps) · weight + bias, the mean taken
 * over `axes`, the last unless told otherwise, for every index of the others. Weight and bias have the shape of the normalized axes,
 * y that of x; eps is 2^-23 unless told otherwise.
 *
 * Zhang, Sennrich 2019, https://arxiv.org/abs/1910.07467
 *
 * @throws NormError before anything is recorded: `axes`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = rmsNorm(x, { residual, residualOut: hidden, weight, eps: 1e-6 });
 */
export const rmsNorm: Norm<RmsNormOptions> = /* @__PURE__ */ normOf(rmsNormDefinition);

/**
 * {@link rmsNorm} for training: y, and what {@link rmsNormBackward} needs.
 *
 * @throws NormError as {@link rmsNorm}.
 * @example const { y, saved } = rmsNormForward(x, { weight });
 */
export const rmsNormForward: NormForward<RmsNormOptions> = /* @__PURE__ */ normForwardOf(rmsNormDefinition);

/**
 * The gradient of {@link rmsNorm}: for g = dy · weight and x̂, dx = (g - x̂ · mean(g · x̂)) / sqrt(mean(x²) + eps),
 * the mean over the normalized axes; dweight = sum(dy · x̂) and dbias = sum(dy) over the others.
 *
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight } = rmsNormBackward(dy, saved);
 */
export const rmsNormBackward: NormBackward = /* @__PURE__ */ normBackwardOf('rmsNorm');
