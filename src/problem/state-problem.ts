import { NormError } from '../errors.ts';
import { affinesOf, operandOf, splitStrides, varyingStrides } from './affine.ts';
import type { Operand } from './affine.ts';
import type { Axis, Definition } from './definition.ts';
import { FLOATS } from './dtype.ts';
import type { Dtype, FloatDtype } from './dtype.ts';
import { fusionOf, partialCount } from './fusion.ts';
import type { AnyFusion, Fusion } from './fusion.ts';
import type { Strided } from './modulation.ts';
import { checkChoice, checkFlags } from '../options/checks.ts';
import { FLAGS } from '../options/names.ts';
import { checkTogether } from '../options/together.ts';
import type { Stated, TensorSpec } from './parameters.ts';
import { channelsOf } from './running.ts';
import { checkModulated } from './segments.ts';
import { checkShape } from './shape.ts';
import { rowMajorView } from './strides.ts';
import { measureProblem } from './problem.ts';
import type { CommonOptions, Problem } from './problem.ts';

/**
 * Turns a call into numbers.
 *
 * @throws NormError for everything that can be known to be wrong without a GPU.
 */
export function stateProblem<O extends CommonOptions<TensorSpec>>(
  definition: Definition<O>,
  x: TensorSpec,
  options: O,
  saves: boolean,
): Problem {
  const { op } = definition;
  const { shape } = x;
  checkShape(`${op}: x`, shape);
  checkFlags(op, options, FLAGS);
  checkTogether(op, options);
  const axes = definition.axes(shape, options);
  definition.check?.(shape, options);
  const measured = measureProblem(op, x, axes, definition.statistic(options));
  const layout = definition.layout?.(shape, options) ?? { batch: shape.length > 1 ? 0 : -1, channel: shape.length - 1 };
  const fusion = fusionOf(op, x, axes, layout, definition.layout !== undefined, options, saves);
  const sequences = options.segments ? axes[0]!.size : null;
  if (sequences !== null) checkModulated(op, axes, fusion);
  const partial = partialCount(options.partial, measured.length);
  return {
    ...measured,
    ...(sequences !== null && { x: rowMajorView({ axes, sequences }) }),
    ...affinesOf(sequences === null ? definition : { ...definition, trailing: false }, x, axes, options, fusion),
    ...fusionFields(axes, fusion),
    countPerGroup: sequences !== null || (fusion.mask?.selects ?? false),
    sequences,
    outputDtype: outputDtypeOf(op, x, options),
    partial,
    bessel: besselOf(op, 'x', measured.length, options.unbiased),
    castBeforeWeight: options.castBeforeWeight ?? false,
    count: partial ?? measured.length,
    channel: measured.measure === 'response' ? splitStrides(axes, varyingStrides(axes, 'channel')).kept : null,
    channels: channelsOf(axes),
    save: saves,
    ...fieldsOf({ definition, x, axes, options }),
  };
}

/** What the mode alone has. */
function fieldsOf<O>(stated: Stated<O>): Partial<Problem> {
  const states = stated.definition.states as readonly ((call: Stated<O>) => Partial<Problem>)[] | undefined;
  return Object.assign({}, ...(states ?? []).map((state) => state(stated))) as Partial<Problem>;
}

function fusionFields(
  axes: readonly Axis[],
  { inputBias, gate, mask, multiply, add, ...rest }: Fusion,
): Pick<
  Problem,
  | 'residual'
  | 'inputBias'
  | 'inputDtype'
  | 'gate'
  | 'mask'
  | 'multiply'
  | 'add'
  | 'writesResidualOut'
  | 'activation'
  | 'maskOutput'
> {
  const { residual, inputDtype, writesResidualOut, activation, maskOutput } = rest;
  const operand = (array: Strided | null): Operand | null => array && operandOf(axes, array);
  return {
    residual,
    inputDtype,
    inputBias: operand(inputBias),
    gate: operand(gate),
    mask: operand(mask),
    multiply: multiply && { ...multiply, by: operandOf(axes, multiply.by) },
    add: operand(add),
    writesResidualOut,
    activation,
    maskOutput,
  };
}

/** @throws NormError `option` where it is nothing that can be normalized. */
function outputDtypeOf(
  op: string,
  x: TensorSpec,
  { outputDtype = x.dtype as FloatDtype }: AnyFusion<TensorSpec>,
): Dtype {
  checkChoice(op, 'outputDtype', outputDtype, FLOATS);
  return outputDtype;
}

/**
 * The factor from a variance over so many elements to the one that normalizes.
 *
 * @throws NormError `option` where one element is to have an unbiased variance.
 */
export function besselOf(op: string, name: string, length: number, unbiased = false): number {
  if (!unbiased) return 1;
  if (length === 1) {
    throw new NormError(
      'option',
      `${op}: unbiased is set, but ${name} has 1 element that shares statistics; an unbiased variance takes 2 or more`,
    );
  }
  return length / (length - 1);
}
