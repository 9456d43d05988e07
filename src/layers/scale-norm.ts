import type { CallOptions } from '../calls/types.ts';
import { scaleNorm, scaleNormBackward, scaleNormForward } from '../functions/scale-norm.ts';
import { checkFinite } from '../options/checks.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { dxOf, Layer } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';

/** Options of {@link ScaleNorm}. */
export interface ScaleNormLayerOptions {
  /** The length that vectors get at first: √C in the paper. Default: 1. */
  scaleInitValue?: number | undefined;
  /** The least norm that is divided by. Default: 1e-5. */
  eps?: number | undefined;
}

/**
 * ScaleNorm: y = scale · x / max(‖x‖₂, eps) along the last axis, of any size. Its state is the published code's `scale`, one number.
 *
 * Nguyen, Salazar 2019, https://arxiv.org/abs/1910.05895
 *
 * @example const layer = new ScaleNorm(context, { scaleInitValue: Math.sqrt(512) });
 */
export class ScaleNorm extends Layer {
  readonly #eps: { eps?: number | undefined };

  /** @throws NormError `option`, `eps`. */
  constructor(context: Context, options: ScaleNormLayerOptions = {}, ...more: readonly never[]) {
    checkOptions('ScaleNorm', options, ['scaleInitValue', 'eps'], [], more);
    const { scaleInitValue: value = 1, ...eps } = options;
    checkFinite('ScaleNorm', 'scaleInitValue', value);
    const others = [{ name: 'scale', shape: [1], value } as const];
    super(context, 'ScaleNorm', { weight: null, bias: null, others, tracked: null }, dxOf(scaleNormBackward));
    this.#eps = eps;
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const options = { ...this.#eps, ...this.affine(), ...call };
    return saves ? scaleNormForward(x, options) : { y: scaleNorm(x, options) };
  }
}
