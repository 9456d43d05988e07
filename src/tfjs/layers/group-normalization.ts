import type { Tensor } from '@tensorflow/tfjs-core';
import { NormError } from '../../errors.ts';
import { formatValue } from '../../options/format-value.ts';
import { groupNorm } from '../functions.ts';
import { ChannelsNormalization } from './channels.ts';
import type { ChannelsConfig } from './channels.ts';
import { registerLayer } from './register.ts';
import { onlyTensor } from './stock.ts';
import type { Inputs, SavedConfig } from './stock.ts';

export type GroupNormalizationConfig = ChannelsConfig & {
  /** Into how many groups the channels are divided; -1: each by itself. Default: 32. */
  groups?: number | undefined;
};

/**
 * GroupNormalization as Keras has it: groups (32), axis of the channels (-1), epsilon (1e-3), center, scale, initializers and regularizers; weights
 * gamma and beta, an element a channel.
 *
 * @throws NormError `groups` unless the channels divide into so many; when it is called, as `groupNorm`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.conv2d({ filters: 16, kernelSize: 3, inputShape: [28, 28, 1] }));
 * model.add(new GroupNormalization({ groups: 4 }));
 */
export class GroupNormalization extends ChannelsNormalization {
  static readonly className = 'WebgpuNormGroupNormalization';
  readonly groups: number;

  constructor(config: GroupNormalizationConfig = {}) {
    super(config);
    this.groups = config.groups ?? 32;
  }

  override call(inputs: Inputs): Tensor {
    const x = onlyTensor(this, inputs);
    return groupNorm(x, {
      channelAxis: this.channelAxis,
      numGroups: this.groups === -1 ? x.shape.at(this.channelAxis)! : this.groups,
      weight: this.gamma?.read(),
      bias: this.beta?.read(),
      eps: this.epsilon,
    });
  }

  override getConfig(): SavedConfig {
    return { ...super.getConfig(), groups: this.groups };
  }

  protected override checkChannels(channels: number): number {
    const { groups } = this;
    if (groups === -1 || (Number.isInteger(groups) && groups > 0 && channels % groups === 0)) return channels;
    throw new NormError(
      'groups',
      `${this.name}: groups is ${formatValue(groups)}; it must be a divisor of the ${channels} channels, or -1 for each by itself`,
    );
  }
}

registerLayer(GroupNormalization, 'GroupNormalization');
