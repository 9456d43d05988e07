import type { CallOptions } from '../calls/types.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import { groupNorm, groupNormBackward, groupNormForward } from '../functions/group-norm.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import { checkCount } from '../options/checks.ts';
import { dxOf, Layer } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkChannels, checkOptions } from './options.ts';

/** Options of {@link GroupNorm}. */
export interface GroupNormLayerOptions extends LayoutOptions {
  /** Added to the variance, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** Whether there are weight and bias. Default: true. */
  affine?: boolean | undefined;
}

/**
 * Group normalization of [N,C,…], `numChannels` channels in `numGroups` groups: y = (x - mean) / sqrt(variance + eps) · weight + bias by the statistics
 * of each group of each sample, as {@link groupNorm} has it; weight and bias for each channel, 1 and 0 at first.
 *
 * Wu, He 2018, https://arxiv.org/abs/1803.08494; torch.nn.GroupNorm
 *
 * @example const layer = new GroupNorm(context, 8, 64);
 */
export class GroupNorm extends Layer {
  readonly #numGroups: number;
  readonly #numChannels: number;
  readonly #options: Pick<GroupNormLayerOptions, 'layout' | 'channelAxis' | 'eps'>;

  /** @throws NormError `option`, `eps`, `groups` where the channels cannot be divided. */
  constructor(
    context: Context,
    numGroups: number,
    numChannels: number,
    options: GroupNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    checkOptions('GroupNorm', options, ['layout', 'channelAxis', 'eps', 'affine'], ['affine'], more);
    checkCount('GroupNorm', 'numGroups', numGroups);
    checkCount('GroupNorm', 'numChannels', numChannels);
    if (numChannels % numGroups !== 0) {
      throw new NormError(
        'groups',
        `GroupNorm: numGroups is ${numGroups}; it must be a divisor of ${numChannels} channels`,
      );
    }
    const { affine = true, ...rest } = options;
    const weight = affine ? [numChannels] : null;
    super(context, 'GroupNorm', { weight, bias: weight, tracked: null }, dxOf(groupNormBackward));
    this.#numGroups = numGroups;
    this.#numChannels = numChannels;
    this.#options = rest;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    checkChannels('GroupNorm', x.shape, this.#options, this.#numChannels);
    const options = { ...this.#options, numGroups: this.#numGroups, ...this.affine(), ...call };
    return saves ? groupNormForward(x, options) : { y: groupNorm(x, options) };
  }
}
