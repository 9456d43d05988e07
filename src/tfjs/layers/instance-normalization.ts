import type { Tensor } from '@tensorflow/tfjs-core';
import { instanceNorm } from '../functions.ts';
import { ChannelsNormalization } from './channels.ts';
import { registerLayer } from './register.ts';
import { onlyTensor } from './stock.ts';
import type { Inputs } from './stock.ts';

/**
 * InstanceNormalization: each channel of each sample by itself. Its configuration is axis (-1: that of the channels), epsilon (1e-3), center, scale,
 * initializers and regularizers; its weights are gamma and beta, an element a channel.
 *
 * @throws NormError when it is called: as `instanceNorm`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.conv2d({ filters: 16, kernelSize: 3, inputShape: [28, 28, 1] }));
 * model.add(new InstanceNormalization());
 */
export class InstanceNormalization extends ChannelsNormalization {
  static readonly className = 'WebgpuNormInstanceNormalization';

  override call(inputs: Inputs): Tensor {
    return instanceNorm(onlyTensor(this, inputs), {
      channelAxis: this.channelAxis,
      weight: this.gamma?.read(),
      bias: this.beta?.read(),
      eps: this.epsilon,
    });
  }
}

registerLayer(InstanceNormalization, 'InstanceNormalization');
