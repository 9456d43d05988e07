import { NormError } from '../errors.ts';
import type { Axis, Definition, Statistic } from './definition.ts';
import { parameterShape } from './definition.ts';
import { checkEps, checkFlags, checkNames } from './options.ts';
import { parameterStrides } from './parameters.ts';
import type { Described } from './parameters.ts';
import { channelsOf, runningUpdate, statisticsSource } from './running.ts';
import type { RunningOptions, RunningUpdate, StatisticsSource } from './running.ts';
import { checkShape, formatShape, sizeOf, stridesOf } from './shape.ts';
import type { Shape } from './shape.ts';

/** Options every normalization may have; `T` is a tensor, or in planning ahead its description. */
export interface CommonOptions<T> extends RunningOptions<T> {
  weight?: T;
  bias?: T;
  eps?: number;
  save?: boolean;
  style?: T;
}

/** Where a tensor's elements lie along the kept axes and along the reduced ones: strides in elements, 0 where it does not vary. */
export interface View {
  kept: number[];
  reduced: number[];
}

/** What is computed of each group: a normalization's statistic, or with nothing normalized its variance or deviation. */
export type Measure = Statistic | 'variance' | 'deviation';

/**
 * A normalization as numbers. The kept axes, in order, number the groups; the reduced axes, in order, the elements of each.
 * Neighbouring axes that are reduced alike collapse, so that most of what people use is [K0, R0, K1, R1] at most.
 */
export interface Problem {
  op: string;
  shape: Shape;
  kept: number[];
  reduced: number[];
  groups: number;
  /** Elements of x that share statistics. */
  length: number;
  /** Elements that the statistics are of: more where other parts of a batch have a share in them. */
  count: number;
  x: View;
  weight: View | null;
  bias: View | null;
  measure: Measure;
  eps: number;
  source: StatisticsSource;
  /** Running statistics: strides along the kept axes, and what a training call does to them. */
  channel: number[] | null;
  channels: number;
  update: RunningUpdate | null;
  save: boolean;
  /** AdaIN: what is measured of the style; weight and bias are its deviation and mean. */
  style: Problem | null;
  /** The shape of saved statistics: the axes, those reduced being 1. */
  statisticsShape: number[];
}

const FLAGS = ['save', 'training', 'useInputStats'];

/**
 * Turns a call into numbers.
 *
 * @throws NormError for everything that can be known to be wrong without a GPU.
 */
export function stateProblem<O extends CommonOptions<Described>>(
  definition: Definition<O>,
  shape: Shape,
  options: O,
): Problem {
  const { op } = definition;
  checkShape(`${op}: x`, shape);
  checkNames(op, options, definition.options);
  checkFlags(op, options, FLAGS);
  const axes = definition.axes(shape, options);
  const source = statisticsSource(definition, options, axes);
  definition.check?.(shape, options);
  const measured = measureProblem(op, shape, axes, definition.statistic(options), definition.eps(options));
  const parameters = (name: 'weight' | 'bias'): View | null => {
    if (options.style !== undefined) return splitStrides(axes, varyingStrides(axes, 'parameter'));
    const tensor = options[name];
    return tensor ? splitStrides(axes, parameterStrides(definition, name, tensor, shape, axes)) : null;
  };
  return {
    ...measured,
    weight: parameters('weight'),
    bias: parameters('bias'),
    source,
    count: options.moments?.count ?? measured.length,
    channel:
      options.runningMean || source === 'running' ? splitStrides(axes, varyingStrides(axes, 'channel')).kept : null,
    channels: channelsOf(axes),
    update: runningUpdate(op, options, axes, source),
    save: options.save ?? false,
    style: options.style ? styleProblem(definition, options.style.shape, axes, options) : null,
  };
}

/** A problem that only measures the groups. */
export function measureProblem(
  op: string,
  shape: Shape,
  axes: readonly Axis[],
  measure: Measure,
  eps: number,
): Problem {
  checkEps(op, eps);
  const kept = axes.filter((axis) => !axis.reduced).map((axis) => axis.size);
  const reduced = axes.filter((axis) => axis.reduced).map((axis) => axis.size);
  return {
    op,
    shape,
    kept,
    reduced,
    groups: sizeOf(kept),
    length: sizeOf(reduced),
    count: sizeOf(reduced),
    x: splitStrides(axes, stridesOf(axes.map((axis) => axis.size))),
    weight: null,
    bias: null,
    measure,
    eps,
    source: 'computed',
    channel: null,
    channels: 0,
    update: null,
    save: false,
    style: null,
    statisticsShape: axes.map((axis) => (axis.reduced ? 1 : axis.size)),
  };
}

function styleProblem<O>(definition: Definition<O>, shape: Shape, content: readonly Axis[], options: O): Problem {
  const { op } = definition;
  checkShape(`${op}: style`, shape);
  const axes = definition.axes(shape, options);
  const [wanted, given] = [content, axes].map((list) => parameterShape(list).join(','));
  if (wanted !== given) {
    throw new NormError(
      'shape',
      `${op}: style ${formatShape(shape)} has samples and channels [${given}], but content has [${wanted}]; they must agree`,
    );
  }
  return measureProblem(op, shape, axes, 'deviation', definition.eps(options));
}

/** Strides of an array that holds one number for each index of the axes with the given flag. */
function varyingStrides(axes: readonly Axis[], flag: 'parameter' | 'channel'): number[] {
  const strides = stridesOf(axes.map((axis) => (axis[flag] ? axis.size : 1)));
  return axes.map((axis, index) => (axis[flag] ? strides[index]! : 0));
}

function splitStrides(axes: readonly Axis[], strides: readonly number[]): View {
  return {
    kept: strides.filter((_, index) => !axes[index]!.reduced),
    reduced: strides.filter((_, index) => axes[index]!.reduced),
  };
}
