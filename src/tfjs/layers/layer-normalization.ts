import { reshape, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { NormError } from '../../errors.ts';
import { layerNorm } from '../functions.ts';
import { registerLayer } from './register.ts';
import { checkConfig, onlyTensor, StockLayerNormalization } from './stock.ts';
import type { Inputs, LayerNormalizationConfig } from './stock.ts';

/**
 * The layer of `tf.layers.layerNormalization` on these kernels: the same configuration (axis or axes, epsilon 1e-3, center, scale, initializers,
 * regularizers) and the same weights in the same order (gamma, beta).
 *
 * @throws NormError `option` of Keras's rms_scaling; when it is called: as `layerNorm`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.dense({ units: 64, inputShape: [32] }));
 * model.add(new LayerNormalization({ epsilon: 1e-6 }));
 */
export class LayerNormalization extends StockLayerNormalization {
  static readonly className = 'WebgpuNormLayerNormalization';

  constructor(config: LayerNormalizationConfig = {}) {
    const { axis } = config;
    // The stock layer counts the axes from 0 on in the Array that it is given.
    super(Array.isArray(axis) ? { ...config, axis: [...axis] } : config);
    checkConfig(this, config);
    if ((config as { rmsScaling?: unknown }).rmsScaling) {
      throw new NormError(
        'option',
        `${this.name}: rmsScaling divides by the deviation and takes off no mean, which no function here does; RMSNormalization divides by the root mean square`,
      );
    }
  }

  override call(inputs: Inputs): Tensor {
    const x = onlyTensor(this, inputs);
    const axes = [this.axis].flat().toSorted((a, b) => a - b);
    const shape = axes.map((axis) => x.shape[axis]!);
    // As the stock layer: the numbers of axes in another order are taken as they lie.
    const lying = (weight: LayerVariable | null | undefined): Tensor | undefined =>
      weight ? reshape(weight.read(), shape) : undefined;
    return tidy(() => layerNorm(x, { axes, weight: lying(this.gamma), bias: lying(this.beta), eps: this.epsilon }));
  }
}

registerLayer(LayerNormalization, 'LayerNormalization');
