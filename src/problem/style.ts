import { NormError } from '../errors.ts';
import { parameterShape } from './definition.ts';
import { checkElements } from './empty.ts';
import type { Stated, TensorSpec } from './parameters.ts';
import { measureProblem } from './problem.ts';
import type { Problem } from './problem.ts';
import { checkShape, formatShape } from './shape.ts';
import { besselOf } from './state-problem.ts';

/** The tensor whose mean and deviation are weight and bias, and whether that deviation is unbiased. */
interface StyleOptions {
  style?: TensorSpec | undefined;
  unbiased?: boolean | undefined;
}

/** @throws NormError `shape` where the style has other samples or channels than x, or no positions, `option` where one has no unbiased variance. */
export function stateStyle({ definition, axes: content, options }: Stated<StyleOptions>): { style?: Problem } {
  const { op } = definition;
  const { style, unbiased } = options;
  if (!style) return {};
  const { shape } = style;
  checkShape(`${op}: style`, shape);
  const axes = definition.axes(shape, options);
  const [wanted, given] = [content, axes].map((list) => parameterShape(list).join(','));
  if (wanted !== given) {
    throw new NormError(
      'shape',
      `${op}: style ${formatShape(shape)} has samples and channels [${given}], but content has [${wanted}]; they must agree`,
    );
  }
  checkElements(op, 'style', shape, axes);
  const measured = measureProblem(op, style, axes, 'deviation');
  return { style: { ...measured, bessel: besselOf(op, 'style', measured.length, unbiased) } };
}
