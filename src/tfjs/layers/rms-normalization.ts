import type { Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { rmsNorm } from '../functions.ts';
import { registerLayer } from './register.ts';
import { checkAxis, checkConfig, onlyShape, onlyTensor, sizeAlong } from './stock.ts';
import type { Inputs, LayerConfig, SavedConfig } from './stock.ts';

export type RMSNormalizationConfig = LayerConfig & {
  /** The normalized axis. Default: -1, the last. */
  axis?: number | undefined;
  /** Added to the mean square. Default: 1e-6. */
  epsilon?: number | undefined;
};

/**
 * RMSNormalization as Keras has it: x / sqrt(mean(x²) + epsilon) · scale along one axis; its weight is scale, of ones at first.
 *
 * @throws NormError when it is called: as `rmsNorm`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.dense({ units: 64, inputShape: [32] }));
 * model.add(new RMSNormalization());
 */
export class RMSNormalization extends layers.Layer {
  static readonly className = 'WebgpuNormRMSNormalization';
  readonly axis: number;
  readonly epsilon: number;
  #scale: LayerVariable | null = null;

  constructor(config: RMSNormalizationConfig = {}) {
    super(config);
    checkConfig(this, config);
    this.axis = config.axis ?? -1;
    this.epsilon = config.epsilon ?? 1e-6;
    this.supportsMasking = true;
    checkAxis(this, this.axis);
  }

  override build(inputShape: Shape | Shape[]): void {
    const size = sizeAlong(this, this.axis, onlyShape(this, inputShape));
    this.#scale = this.addWeight('scale', [size], 'float32', initializers.ones());
    this.built = true;
  }

  override call(inputs: Inputs): Tensor {
    return rmsNorm(onlyTensor(this, inputs), { axes: this.axis, weight: this.#scale?.read(), eps: this.epsilon });
  }

  override getConfig(): SavedConfig {
    return { ...super.getConfig(), axis: this.axis, epsilon: this.epsilon };
  }
}

registerLayer(RMSNormalization, 'RMSNormalization');
