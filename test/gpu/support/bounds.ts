import type { Mode, Operation } from './modes.ts';
import { normalizedByReference } from './run.ts';
import type { Filled } from './run.ts';

/**
 * The largest error allowed of y against float64, as a relative norm: max |y - exact| over max(|exact|, |weight|, |bias|),
 * in units of u = 2^-24, what one rounding of f32 may cost.
 *
 * Where they come from: the roundings on the way, each 1 u where division and sqrt are rounded correctly, as software
 * adapters do; WGSL allows division 5 u, sqrt 9 u, and inverseSqrt 4 u everywhere. (On a GPU that uses all it is allowed,
 * add 12 u to each.)
 *
 * - scale of mean-variance: quotient, square taken off, sqrt (3); squared, eps added, inverseSqrt (6)         9 u
 * - sums of up to 30,000 terms in blocks of 64, on data of no special order                                   2 u
 * - y: two differences, scale, weight, bias                                                                   5 u
 *
 * Known statistics have no sums and a shorter way to the scale; the norms divide once more, but have no differences;
 * AdaIN multiplies by a second measured deviation. Seen at most, over all shapes of these tests: 6.4 u.
 */
const UNITS: Record<Operation, number> = {
  batchNorm: 16,
  layerNorm: 16,
  instanceNorm: 16,
  groupNorm: 16,
  rmsNorm: 14,
  normalize: 16,
  scaleNorm: 16,
  adaptiveInstanceNorm: 22,
  dynamicTanh: 16,
  dynamicErf: 16,
  globalResponseNorm: 16,
};

export function boundOf(mode: Mode): number {
  return UNITS[mode.op] * 2 ** -24;
}

/**
 * The same for gradients, as `gradientErrors` measures them: the errors of y (which the normalized x is), of two sums, and
 * of what is taken off dy.
 */
export function gradientBoundOf(mode: Mode): number {
  return 2 * boundOf(mode);
}

/** The largest |x_hat| where a mask leaves elements out of the statistics: nothing bounds those, of which the gradients of parameters are sums. */
export function largestOutside({ op, x, options, arrays }: Filled): number {
  const { mask, runningMean, runningVar } = arrays;
  if (!mask) return 0;
  const { layout, axes, numGroups, training, eps, useInputStats } = options;
  const given = { layout, axes, numGroups, training, eps, useInputStats };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const running = { ...(runningMean && { runningMean }), ...(runningVar && { runningVar }) };
  const { data } = normalizedByReference({ op, x, options: known, arrays: { mask, ...running } }).y;
  return data.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
}
