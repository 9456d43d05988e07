import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { normalize } from '../functions.ts';
import { registerLayer } from './register.ts';
import { checkAxes, checkConfig, onlyTensor } from './stock.ts';
import type { Inputs, LayerConfig, SavedConfig } from './stock.ts';

export type UnitNormalizationConfig = LayerConfig & {
  /** The normalized axis, or several. Default: -1, the last. */
  axis?: number | number[] | undefined;
};

/**
 * UnitNormalization as Keras has it: x / max(‖x‖₂, 1e-12) along an axis or several. It has no weights.
 *
 * @throws NormError `option`; when it is called, as `normalize`.
 * @example const model = tf.sequential();
 * model.add(tf.layers.dense({ units: 64, inputShape: [32] }));
 * model.add(new UnitNormalization());
 */
export class UnitNormalization extends layers.Layer {
  static readonly className = 'WebgpuNormUnitNormalization';
  readonly axis: number | number[];

  constructor(config: UnitNormalizationConfig = {}) {
    super(config);
    checkConfig(this, config);
    const axis = config.axis ?? -1;
    checkAxes(this, axis);
    this.axis = Array.isArray(axis) ? [...axis] : axis;
    this.supportsMasking = true;
  }

  override call(inputs: Inputs): Tensor {
    return normalize(onlyTensor(this, inputs), { axes: this.axis, statistic: 'l2' });
  }

  override getConfig(): SavedConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}

registerLayer(UnitNormalization, 'UnitNormalization');
