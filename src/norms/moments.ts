import { checkTensor } from '../dispatch/arguments.ts';
import type { RecordOptions } from '../dispatch/forms.ts';
import { measure } from '../dispatch/moments.ts';
import type { Moments } from '../dispatch/moments.ts';
import type { Tensor } from '../dispatch/tensor.ts';
import { resolveAxes } from '../problem/axes.ts';
import { checkFlags, checkNames } from '../problem/options.ts';
import { measureProblem } from '../problem/problem.ts';

export interface MomentsOptions {
  /** The axes whose elements are taken together. */
  axes: number | readonly number[];
  /** Keep the reduced axes, with size 1. Default: false. */
  keepDims?: boolean;
}

/**
 * Mean, biased variance and count over the given axes, for every index of the others.
 *
 * @throws NormError before anything is recorded.
 */
export function moments(x: Tensor, options: MomentsOptions, record: Omit<RecordOptions, 'out'> = {}): Moments {
  checkTensor('moments', 'x', x);
  checkNames('moments', options, ['axes', 'keepDims']);
  checkFlags('moments', options, ['keepDims']);
  const reduced = resolveAxes('moments', options.axes, x.shape);
  const axes = x.shape.map((size, axis) => ({
    axis,
    size,
    reduced: reduced.includes(axis),
    parameter: false,
    channel: false,
  }));
  const problem = measureProblem('moments', x, axes, 'variance');
  return measure(x, problem, options.keepDims ? problem.statisticsShape : problem.kept, record);
}
