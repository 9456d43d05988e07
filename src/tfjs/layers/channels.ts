import type { Shape } from '@tensorflow/tfjs-layers';
import { InputSpec } from '@tensorflow/tfjs-layers';
import { checkAxis, checkConfig, onlyShape, sizeAlong, StockLayerNormalization } from './stock.ts';
import type { LayerNormalizationConfig } from './stock.ts';

/** Options of a layer whose gamma and beta have an element for each channel. */
export type ChannelsConfig = Omit<LayerNormalizationConfig, 'axis'> & {
  /** The axis of the channels. Default: -1, the last. */
  axis?: number | undefined;
};

/** A layer with the configuration of LayerNormalization, whose gamma and beta have an element for each channel. */
export class ChannelsNormalization extends StockLayerNormalization {
  constructor(config: ChannelsConfig = {}) {
    super(config);
    checkConfig(this, config);
    checkAxis(this, config.axis === undefined ? -1 : config.axis);
  }

  /** The axis of the channels. */
  get channelAxis(): number {
    return this.axis as number;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = onlyShape(this, inputShape);
    const channels = this.checkChannels(sizeAlong(this, this.channelAxis, shape));
    const axis = this.channelAxis < 0 ? this.channelAxis + shape.length : this.channelAxis;
    this.inputSpec = [new InputSpec({ ndim: shape.length, axes: { [axis]: channels } })];
    const { gammaInitializer, gammaRegularizer, betaInitializer, betaRegularizer } = this;
    if (this.scale) {
      this.gamma = this.addWeight('gamma', [channels], 'float32', gammaInitializer, gammaRegularizer, true);
    }
    if (this.center) {
      this.beta = this.addWeight('beta', [channels], 'float32', betaInitializer, betaRegularizer, true);
    }
    this.built = true;
  }

  /** Refuses a number of channels that does not fit. */
  protected checkChannels(channels: number): number {
    return channels;
  }
}
