import { normBackwardOf } from '../calls/backward.ts';
import { normForwardOf, normOf } from '../calls/forward.ts';
import type { CallOptions, Norm, NormBackward, NormForward } from '../calls/types.ts';
import { groupNormDefinition } from '../norms/group-norm.ts';
import type { GroupNormOptions as Options } from '../norms/group-norm.ts';
import type { Tensor } from '../runtime/tensor.ts';

export interface GroupNormOptions extends Options<Tensor>, CallOptions {}

/**
 * Group normalization: y = (x - mean) / sqrt(variance + eps) · weight + bias, mean and biased variance
 * taken over the positions and the channels of each group of each sample. Weight and bias: one element a channel;
 * y has the shape of x; eps is 1e-5 unless told otherwise.
 *
 * Wu, He 2018, https://arxiv.org/abs/1803.08494
 *
 * @throws NormError before anything is recorded: `layout`, `groups`, `shape`, `parameter`, `dtype`, `eps`, `option` where what is
 * given does not fit x or is unknown; `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const y = groupNorm(x, { numGroups: 32, weight, bias, activation: 'silu' });
 */
export const groupNorm: Norm<GroupNormOptions> = /* @__PURE__ */ normOf(groupNormDefinition);

/**
 * {@link groupNorm} for training: y, and what {@link groupNormBackward} needs.
 *
 * @throws NormError as {@link groupNorm}.
 * @example const { y, saved } = groupNormForward(x, { numGroups: 32, weight, bias });
 */
export const groupNormForward: NormForward<GroupNormOptions> = /* @__PURE__ */ normForwardOf(groupNormDefinition);

/**
 * The gradient of {@link groupNorm}: for g = dy · weight and x̂, dx = (g - mean(g) - x̂ · mean(g · x̂)) / sqrt(variance + eps),
 * the means over each group; dweight = sum(dy · x̂) and dbias = sum(dy) for each channel.
 *
 * @throws NormError before anything is recorded: `saved` where it is of another function, `shape`, `dtype`, `option`;
 * `device`, `destroyed`, `usage`, `limit`, `lost` where a tensor cannot take part.
 * @example const { dx, dweight, dbias } = groupNormBackward(dy, saved);
 */
export const groupNormBackward: NormBackward = /* @__PURE__ */ normBackwardOf('groupNorm');
