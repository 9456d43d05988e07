import type { Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { rmsNorm } from '../functions.ts';
import { registerLayer } from './register.ts';
import { checkAxes, checkConfig, onlyShape, onlyTensor, sizeAlong } from './stock.ts';
import type { Inputs, LayerConfig, SavedConfig } from './stock.ts';

export type RMSNormalizationConfig = LayerConfig & {
  /** The normalized axis, or several, as Keras writes it into models. Default: -1, the last. */
  axis?: number | number[] | undefined;
  /** Added to the mean square. Default: 1e-6. */
  epsilon?: number | undefined;
};

/**
 * RMSNormalization as Keras has it: x / sqrt(mean(x²) + epsilon) · scale along an axis or several; its weight is scale, of ones at first,
 * of the shape of these axes.
 *
 * @throws NormError when it is called: as `rmsNorm`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.dense({ units: 64, inputShape: [32] }));
 * model.add(new RMSNormalization());
 */
export class RMSNormalization extends layers.Layer {
  static readonly className = 'WebgpuNormRMSNormalization';
  readonly axis: number | number[];
  readonly epsilon: number;
  #scale: LayerVariable | null = null;

  constructor(config: RMSNormalizationConfig = {}) {
    super(config);
    checkConfig(this, config);
    const axis = config.axis ?? -1;
    checkAxes(this, axis);
    this.axis = Array.isArray(axis) ? [...axis] : axis;
    this.epsilon = config.epsilon ?? 1e-6;
    this.supportsMasking = true;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(this, inputShape);
    const fromFront = (axis: number): number => (axis < 0 ? axis + shape.length : axis);
    const axes = [this.axis].flat().toSorted((a, b) => fromFront(a) - fromFront(b));
    const sizes = axes.map((axis) => sizeAlong(this, axis, shape));
    this.#scale = this.addWeight('scale', sizes, 'float32', initializers.ones());
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
