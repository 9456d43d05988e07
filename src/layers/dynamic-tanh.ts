import type { CallOptions } from '../calls/types.ts';
import { dynamicTanh, dynamicTanhBackward, dynamicTanhForward } from '../functions/dynamic-tanh.ts';
import { checkFinite } from '../options/checks.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { dxOf } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';
import { Rows } from './rows.ts';

/** Options of {@link DynamicTanh}. */
export interface DynamicTanhLayerOptions {
  /** The first alpha. Default: 0.5. */
  alphaInitValue?: number | undefined;
  /** Whether there are weight and bias. Default: true. */
  elementwiseAffine?: boolean | undefined;
}

/**
 * Dynamic tanh (DyT) in the place of LayerNorm: y = tanh(alpha · x) · weight + bias, weight and bias of the last axes, of shape `normalizedShape`.
 * Its state is `weight`, `bias` and `alpha`, 1, 0 and 0.5 at first.
 *
 * Zhu et al. 2025, https://arxiv.org/abs/2503.10622
 *
 * @example const layer = new DynamicTanh(context, 768, { alphaInitValue: 0.8 });
 */
export class DynamicTanh extends Rows {
  /** @throws NormError `option`. */
  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: DynamicTanhLayerOptions = {},
    ...more: readonly never[]
  ) {
    checkOptions('DynamicTanh', options, ['alphaInitValue', 'elementwiseAffine'], ['elementwiseAffine'], more);
    const { alphaInitValue: value = 0.5, elementwiseAffine: affine = true } = options;
    checkFinite('DynamicTanh', 'alphaInitValue', value);
    const others = [{ name: 'alpha', shape: [1], value } as const];
    super('DynamicTanh', context, normalizedShape, { weight: affine, bias: affine, others }, dxOf(dynamicTanhBackward));
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const { alpha, ...affine } = this.affine() as { alpha: Tensor };
    const options = { alpha, axes: this.axesOf(x), ...affine, ...call };
    return saves ? dynamicTanhForward(x, options) : { y: dynamicTanh(x, options) };
  }
}
