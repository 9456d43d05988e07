import type { Context } from '../runtime/context.ts';
import type { CallOptions } from '../calls/types.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { layerNorm, layerNormBackward, layerNormForward } from '../functions/layer-norm.ts';
import { dxOf } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';
import { Rows } from './rows.ts';

/** Options of {@link LayerNorm}. */
export interface LayerNormLayerOptions {
  /** Added to the variance, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** Whether there is a weight, and with it a bias. Default: true. */
  elementwiseAffine?: boolean | undefined;
  /** Whether there is a bias beside the weight. Default: true. */
  bias?: boolean | undefined;
}

/**
 * Layer normalization over the last axes, of shape `normalizedShape`, which weight and bias have too, 1 and 0 at first:
 * y = (x - mean) / sqrt(variance + eps) · weight + bias, as {@link layerNorm} has it.
 *
 * Ba, Kiros, Hinton 2016, https://arxiv.org/abs/1607.06450; torch.nn.LayerNorm
 *
 * @example const layer = new LayerNorm(context, [64, 8, 8]);
 */
export class LayerNorm extends Rows {
  readonly #eps: { eps?: number };

  /** @throws NormError `option`, `eps`. */
  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: LayerNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    checkOptions('LayerNorm', options, ['eps', 'elementwiseAffine', 'bias'], ['elementwiseAffine', 'bias'], more);
    const { elementwiseAffine: weight = true, bias = true, ...eps } = options;
    super('LayerNorm', context, normalizedShape, { weight, bias: weight && bias }, dxOf(layerNormBackward));
    this.#eps = eps;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const options = { ...this.#eps, axes: this.axesOf(x), ...this.affine(), ...call };
    return saves ? layerNormForward(x, options) : { y: layerNorm(x, options) };
  }
}
