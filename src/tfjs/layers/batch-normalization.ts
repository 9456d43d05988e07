import type { Tensor } from '@tensorflow/tfjs-core';
import { batchNorm } from '../functions.ts';
import { registerLayer } from './register.ts';
import { checkConfig, onlyTensor, StockBatchNormalization, withoutList } from './stock.ts';
import type { BatchNormalizationConfig, Inputs, Keywords } from './stock.ts';

/**
 * The layer of `tf.layers.batchNormalization` on these kernels: the same configuration (axis, momentum 0.99: the share of the OLD statistics, epsilon
 * 1e-3, center, scale, initializers, regularizers, constraints) and the same weights in the same order (gamma, beta, moving_mean, moving_variance), so
 * that `setWeights(other.getWeights())` loads those of one. The moving variance takes that of the batch as it is, biased. x may have any rank from 2.
 *
 * @throws NormError when it is called: as `batchNorm`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.conv2d({ filters: 16, kernelSize: 3, inputShape: [28, 28, 1] }));
 * model.add(new BatchNormalization({ momentum: 0.9 }));
 */
export class BatchNormalization extends StockBatchNormalization {
  static readonly className = 'WebgpuNormBatchNormalization';

  constructor(config?: BatchNormalizationConfig) {
    super(config);
    checkConfig(this, config);
    this.axis = withoutList(this.axis);
  }

  override call(inputs: Inputs, keywords: Keywords): Tensor {
    return batchNorm(onlyTensor(this, inputs), {
      channelAxis: this.axis,
      weight: this.gamma?.read(),
      bias: this.beta?.read(),
      runningMean: this.movingMean.read(),
      runningVar: this.movingVariance.read(),
      training: Boolean(keywords['training']),
      momentum: 1 - this.momentum,
      unbiasedRunningVar: false,
      eps: this.epsilon,
    });
  }
}

registerLayer(BatchNormalization, 'BatchNormalization');
