import type { CallOptions } from '../calls/types.ts';
import {
  globalResponseNorm,
  globalResponseNormBackward,
  globalResponseNormForward,
} from '../functions/global-response-norm.ts';
import { checkCount } from '../options/checks.ts';
import type { LayoutOptions } from '../problem/layout.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { dxOf, Layer } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkChannels, checkOptions } from './options.ts';

/** Options of {@link GlobalResponseNorm}. */
export interface GlobalResponseNormLayerOptions extends LayoutOptions {
  /** Added to the mean of the norms. Default: 1e-6. */
  eps?: number | undefined;
}

/**
 * Global response normalization (GRN) of [N,C,…], or with `layout: 'NHWC'` of channels last as ConvNeXt V2 has them. Its state is timm's, `weight`
 * and `bias`, zeros at first; that of ConvNeXt's own code takes `rename: { gamma: 'weight', beta: 'bias' }` and a shape of [1,1,1,C] made [C].
 * y = x + x · n · weight + bias, n as {@link globalResponseNorm} has it; eps is 1e-6 unless told otherwise.
 *
 * Woo et al. 2023, https://arxiv.org/abs/2301.00808
 *
 * @example const layer = new GlobalResponseNorm(context, 384, { layout: 'NHWC' });
 */
export class GlobalResponseNorm extends Layer {
  readonly #numChannels: number;
  readonly #options: GlobalResponseNormLayerOptions;

  /** @throws NormError `option`, `eps`. */
  constructor(
    context: Context,
    numChannels: number,
    options: GlobalResponseNormLayerOptions = {},
    ...more: readonly never[]
  ) {
    checkOptions('GlobalResponseNorm', options, ['layout', 'channelAxis', 'eps'], [], more);
    checkCount('GlobalResponseNorm', 'numChannels', numChannels);
    const shape = [numChannels];
    const parts = { weight: shape, firstWeight: 0, bias: shape, tracked: null };
    super(context, 'GlobalResponseNorm', parts, dxOf(globalResponseNormBackward));
    this.#numChannels = numChannels;
    this.#options = { ...options };
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    checkChannels('GlobalResponseNorm', x.shape, this.#options, this.#numChannels);
    const options = { ...this.#options, ...this.affine(), ...call };
    return saves ? globalResponseNormForward(x, options) : { y: globalResponseNorm(x, options) };
  }
}
