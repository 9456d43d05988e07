import { NormError } from '../errors.ts';
import { affinesOf, operandOf, splitStrides, varyingStrides } from './affine.ts';
import type { Operand } from './affine.ts';
import type { Axis, Definition } from './definition.ts';
import { parameterShape } from './definition.ts';
import { FLOATS } from './dtype.ts';
import type { Dtype, FloatDtype } from './dtype.ts';
import { checkElements } from './empty.ts';
import { fusionOf, partialCount } from './fusion.ts';
import type { AnyFusion, Fusion } from './fusion.ts';
import type { Strided } from './modulation.ts';
import { meanScaleOf } from './mean-scale.ts';
import { rotaryOf } from './rotary.ts';
import { checkChoice, checkFlags } from '../options/checks.ts';
import { FLAGS } from '../options/names.ts';
import { checkTogether } from '../options/together.ts';
import type { TensorSpec } from './parameters.ts';
import { quantizationOf } from './quantization.ts';
import { pointwiseOperands } from './pointwise.ts';
import { channelsOf, runningUpdate, statisticsSource } from './running.ts';
import { checkModulated } from './segments.ts';
import { checkShape, formatShape } from './shape.ts';

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
  const source = statisticsSource(definition, options, axes, x.dtype);
  definition.check?.(shape, options);
  const measured = measureProblem(op, x, axes, definition.statistic(options));
  const layout = definition.layout?.(shape, options) ?? { batch: shape.length > 1 ? 0 : -1, channel: shape.length - 1 };
  const fusion = fusionOf(op, x, axes, layout, definition.layout !== undefined, options, saves);
  const quantization = definition.quantizes ? quantizationOf(op, shape, axes, options) : null;
  const sequences = options.segments ? axes[0]!.size : null;
  if (sequences !== null) checkModulated(op, axes, fusion);
  const partial = partialCount(options.partial, measured.length);
  return {
    ...measured,
    ...(sequences !== null && { x: { ...measured.x, kept: measured.x.kept.with(0, 0) } }),
    ...affinesOf(sequences === null ? definition : { ...definition, trailing: false }, x, axes, options, fusion),
    ...operandsOf(axes, fusion),
    countPerGroup: sequences !== null || (fusion.mask?.selects ?? false),
    sequences,
    ...pointwiseOperands(op, x, axes, options.pointwise),
    meanScale: meanScaleOf(definition, x, axes, options),
    rotary: rotaryOf(op, x, axes, options.rotary),
    outputDtype: quantization ? 'i8' : outputDtypeOf(op, x, options),
    quantization,
    source,
    partial,
    bessel: besselOf(op, 'x', measured.length, options.unbiased),
    ...(source === 'none' && { statisticsShape: [0] }),
    castBeforeWeight: options.castBeforeWeight ?? false,
    count: partial ?? options.moments?.count ?? measured.length,
    channel:
      options.runningMean || source === 'running' || measured.measure === 'response'
        ? splitStrides(axes, varyingStrides(axes, 'channel')).kept
        : null,
    channels: channelsOf(axes),
    runningDtype: options.runningMean?.dtype ?? 'f32',
    update: runningUpdate(op, options, axes, source),
    save: saves,
    style: options.style ? styleProblem(definition, options.style, axes, options) : null,
  };
}

function operandsOf(
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
function besselOf(op: string, name: string, length: number, unbiased = false): number {
  if (!unbiased) return 1;
  if (length === 1) {
    throw new NormError(
      'option',
      `${op}: unbiased is set, but ${name} has 1 element that shares statistics; an unbiased variance takes 2 or more`,
    );
  }
  return length / (length - 1);
}

function styleProblem<O extends CommonOptions<TensorSpec>>(
  definition: Definition<O>,
  style: TensorSpec,
  content: readonly Axis[],
  options: O,
): Problem {
  const { op } = definition;
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
  return { ...measured, bessel: besselOf(op, 'style', measured.length, options.unbiased) };
}
