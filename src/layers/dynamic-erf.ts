import type { CallOptions } from '../calls/types.ts';
import { dynamicErf, dynamicErfBackward, dynamicErfForward } from '../functions/dynamic-erf.ts';
import { checkFinite } from '../options/checks.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { dxOf } from './layer.ts';
import type { LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';
import { Rows } from './rows.ts';
import type { DynamicTanhLayerOptions } from './dynamic-tanh.ts';

/** Options of {@link DynamicErf}. */
export interface DynamicErfLayerOptions extends DynamicTanhLayerOptions {
  /** The first shift. Default: 0. */
  shiftInitValue?: number | undefined;
}

/**
 * Dynamic erf (Derf) in the place of LayerNorm: y = erf(alpha · x + shift) · weight + bias, weight and bias of the last axes, of shape
 * `normalizedShape`. Its state is `weight`, `bias`, `alpha` and `shift`, 1, 0, 0.5 and 0 at first.
 *
 * Chen et al. 2025, https://arxiv.org/abs/2512.10938
 *
 * @example const layer = new DynamicErf(context, 768);
 */
export class DynamicErf extends Rows {
  /** @throws NormError `option`. */
  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: DynamicErfLayerOptions = {},
    ...more: readonly never[]
  ) {
    const names = ['alphaInitValue', 'shiftInitValue', 'elementwiseAffine'];
    checkOptions('DynamicErf', options, names, ['elementwiseAffine'], more);
    const { alphaInitValue: alpha = 0.5, shiftInitValue: shift = 0, elementwiseAffine: affine = true } = options;
    checkFinite('DynamicErf', 'alphaInitValue', alpha);
    checkFinite('DynamicErf', 'shiftInitValue', shift);
    const others = [
      { name: 'alpha', shape: [1], value: alpha },
      { name: 'shift', shape: [1], value: shift },
    ] as const;
    super('DynamicErf', context, normalizedShape, { weight: affine, bias: affine, others }, dxOf(dynamicErfBackward));
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const { alpha, ...others } = this.affine() as { alpha: Tensor };
    const options = { alpha, axes: this.axesOf(x), ...others, ...call };
    return saves ? dynamicErfForward(x, options) : { y: dynamicErf(x, options) };
  }
}
