import type { Context } from '../runtime/context.ts';
import type { CallOptions } from '../calls/types.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import { layerNorm, layerNormBackward, layerNormForward } from '../functions/layer-norm.ts';
import { rmsNorm, rmsNormBackward, rmsNormForward } from '../functions/rms-norm.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { formatValue } from '../options/format-value.ts';
import { formatShape, isSameShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { checkCount } from '../options/checks.ts';
import { dxOf, Layer } from './layer.ts';
import type { Backward, LayerResult } from './layer.ts';
import type { Parts } from './module.ts';
import { checkOptions } from './options.ts';

/** Options of {@link RMSNorm}. */
export interface RmsNormLayerOptions {
  /** Added to the mean square, inside the root. Default: 2^-23. */
  eps?: number | undefined;
  /** Whether there is a weight. Default: true. */
  elementwiseAffine?: boolean | undefined;
}

/** Options of {@link LayerNorm}. */
export interface LayerNormLayerOptions {
  /** Added to the variance, inside the root. Default: 1e-5. */
  eps?: number | undefined;
  /** Whether there is a weight, and with it a bias. Default: true. */
  elementwiseAffine?: boolean | undefined;
  /** Whether there is a bias beside the weight. Default: true. */
  bias?: boolean | undefined;
}

/** Layers that normalize the last axes of x, whose shape they know. */
export abstract class Rows<Inputs extends object = object, Gradient = Tensor<FloatDtype>> extends Layer<
  Inputs,
  Gradient
> {
  readonly #shape: Shape;

  /** @internal */
  protected constructor(
    name: string,
    context: Context,
    normalizedShape: number | readonly number[],
    has: { weight: boolean; bias: boolean; others?: Parts['others'] },
    backward: Backward<Gradient>,
    inputs: readonly (keyof Inputs & string)[] = [],
  ) {
    const shape = sizesOf(name, normalizedShape);
    const { others = [] } = has;
    const parts = { weight: has.weight ? shape : null, bias: has.bias ? shape : null, others, tracked: null };
    super(context, name, parts, backward, inputs);
    this.#shape = shape;
  }

  /** @internal The axes that are normalized. */
  protected axesOf(x: Tensor): number[] {
    const last = x.shape.slice(Math.max(x.shape.length - this.#shape.length, 0));
    if (!isSameShape(last, this.#shape)) {
      throw new NormError(
        'shape',
        `${this.name}: x ${formatShape(x.shape)} must end in the normalized shape ${formatShape(this.#shape)}`,
      );
    }
    return this.#shape.map((_, axis) => axis - this.#shape.length);
  }
}

/** @throws NormError `option` unless it is a size, or a list of at least one. */
function sizesOf(layer: string, normalizedShape: unknown): Shape {
  if (typeof normalizedShape === 'number') {
    checkCount(layer, 'normalizedShape', normalizedShape);
    return [normalizedShape];
  }
  const sizes: unknown = normalizedShape;
  if (!Array.isArray(sizes) || sizes.length === 0) {
    throw new NormError(
      'option',
      `${layer}: normalizedShape is ${formatValue(sizes)}; it must be a positive whole number or an Array of them`,
    );
  }
  for (const size of sizes as unknown[]) checkCount(layer, 'a size of normalizedShape', size);
  return [...(sizes as Shape)];
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
