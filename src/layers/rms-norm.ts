import type { Context } from '../runtime/context.ts';
import type { CallOptions } from '../calls/types.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { rmsNorm, rmsNormBackward, rmsNormForward } from '../functions/rms-norm.ts';
import { dxOf } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';
import { Rows } from './rows.ts';

/** Options of {@link RMSNorm}. */
export interface RmsNormLayerOptions {
  /** Added to the mean square, inside the root. Default: 2^-23. */
  eps?: number | undefined;
  /** Whether there is a weight. Default: true. */
  elementwiseAffine?: boolean | undefined;
}

/**
 * Root mean square normalization over the last axes, of shape `normalizedShape`, which the weight has too, 1 at first:
 * y = x / sqrt(mean(x²) + eps) · weight, as {@link rmsNorm} has it.
 *
 * Zhang, Sennrich 2019, https://arxiv.org/abs/1910.07467; torch.nn.RMSNorm
 *
 * @example const layer = new RMSNorm(context, 768, { eps: 1e-6 });
 */
export class RMSNorm extends Rows {
  readonly #eps: { eps?: number };

  /** @throws NormError `option`, `eps`. */
  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: RmsNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    checkOptions('RMSNorm', options, ['eps', 'elementwiseAffine'], ['elementwiseAffine'], more);
    const { elementwiseAffine: weight = true, ...eps } = options;
    super('RMSNorm', context, normalizedShape, { weight, bias: false }, dxOf(rmsNormBackward));
    this.#eps = eps;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const options = { ...this.#eps, axes: this.axesOf(x), ...this.affine(), ...call };
    return saves ? rmsNormForward(x, options) : { y: rmsNorm(x, options) };
  }
}
