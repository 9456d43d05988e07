import type { Context } from '../runtime/context.ts';
import type { Tensor } from '../runtime/tensor.ts';
import { NormError } from '../errors.ts';
import type { FloatDtype } from '../problem/dtype.ts';
import { formatValue } from '../options/format-value.ts';
import { formatShape, isSameShape } from '../problem/shape.ts';
import type { Shape } from '../problem/shape.ts';
import { checkCount } from '../options/checks.ts';
import { Layer } from './layer.ts';
import type { Backward } from './layer.ts';
import type { Parts } from './module.ts';

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
