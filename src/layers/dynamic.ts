import type { CallOptions } from '../calls/types.ts';
import { NormError } from '../errors.ts';
import { dynamicErf, dynamicErfBackward, dynamicErfForward } from '../functions/dynamic-erf.ts';
import { dynamicTanh, dynamicTanhBackward, dynamicTanhForward } from '../functions/dynamic-tanh.ts';
import { formatValue } from '../options/format-value.ts';
import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import type { LayerResult } from './layer.ts';
import { checkOptions } from './options.ts';
import { Rows } from './rows.ts';

export interface DynamicTanhLayerOptions {
  /** What alpha begins with. Default: 0.5. */
  alphaInitValue?: number | undefined;
  /** Whether there are weight and bias. Default: true. */
  elementwiseAffine?: boolean | undefined;
}

export interface DynamicErfLayerOptions extends DynamicTanhLayerOptions {
  /** What the shift begins with. Default: 0. */
  shiftInitValue?: number | undefined;
}

/**
 * Dynamic tanh (DyT) in the place of LayerNorm: tanh(alpha · x) · weight + bias, weight and bias of the last axes, of shape `normalizedShape`.
 * Its state is `weight`, `bias` and `alpha`.
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
    const { alphaInitValue = 0.5, elementwiseAffine: affine = true } = options;
    const single = [{ name: 'alpha', value: finite('DynamicTanh', 'alphaInitValue', alphaInitValue) } as const];
    super('DynamicTanh', context, normalizedShape, { weight: affine, bias: affine, single }, dynamicTanhBackward);
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const { alpha, ...affine } = this.affine() as { alpha: Tensor };
    const options = { alpha, axes: this.axesOf(x), ...affine, ...call };
    return saves ? dynamicTanhForward(x, options) : { y: dynamicTanh(x, options) };
  }
}

/**
 * Dynamic erf (Derf) in the place of LayerNorm: erf(alpha · x + shift) · weight + bias, weight and bias of the last axes, of shape
 * `normalizedShape`. Its state is `weight`, `bias`, `alpha` and `shift`.
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
    const { alphaInitValue = 0.5, shiftInitValue = 0, elementwiseAffine: affine = true } = options;
    const single = [
      { name: 'alpha', value: finite('DynamicErf', 'alphaInitValue', alphaInitValue) },
      { name: 'shift', value: finite('DynamicErf', 'shiftInitValue', shiftInitValue) },
    ] as const;
    super('DynamicErf', context, normalizedShape, { weight: affine, bias: affine, single }, dynamicErfBackward);
  }

  /** @internal */
  protected override call(x: Tensor, saves: boolean, call: CallOptions): LayerResult {
    const { alpha, ...others } = this.affine() as { alpha: Tensor };
    const options = { alpha, axes: this.axesOf(x), ...others, ...call };
    return saves ? dynamicErfForward(x, options) : { y: dynamicErf(x, options) };
  }
}

/** @throws NormError `option` unless it is a finite number. */
function finite(layer: string, name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return value;
  throw new NormError('option', `${layer}: ${name} is ${formatValue(value)}; it must be a finite number`);
}
