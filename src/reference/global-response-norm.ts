import { LAYOUT } from '../options/names.ts';
import type { Affine } from './affine.ts';
import { affineAlong } from './affine.ts';
import { checkCall } from './checks.ts';
import type { Normalized } from './core.ts';
import { gather, normalizeOver } from './core.ts';
import type { Fusion, FusionOptions } from './fusion.ts';
import { FUSIONS, fusionOf, normalizedSum } from './fusion.ts';
import { BACKWARD, gradientOver } from './gradients.ts';
import type { BackwardOptions, Gradients } from './gradients.ts';
import type { Grouping } from './groups.ts';
import { checkElements, placesIn } from './groups.ts';
import type { LayoutOptions } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { NdArray } from './ndarray.ts';
import { otherAxes, sizeOf } from './ndarray.ts';
import { reader, spreadByNumPy } from './spread.ts';
import type { Measure } from './statistics.ts';

/** Weight and bias have one element a channel; left out they are 1 and 0. */
export interface GlobalResponseNormOptions extends Omit<Affine, 'zeroCenteredWeight'>, LayoutOptions, FusionOptions {
  /** Default 1e-6. */
  eps?: number | undefined;
}

const OPTIONS = ['eps', 'weight', 'bias', ...LAYOUT, ...FUSIONS] as const;

/** Nothing is measured on the way: the values stay as they are. */
const AS_IT_IS: Measure = () => ({ mean: 0, divisor: 1 });

/** Of each group, a channel of a sample: its norm, that divided by the mean of its sample's norms, and that mean. */
interface Responses {
  norm: Float64Array;
  response: Float64Array;
  divisor: Float64Array;
  /** The groups of each sample. */
  samples: number[][];
}

/**
 * y = s + s · n · weight + bias, n = g / (mean of g over the channels + eps), g = sqrt(Σs²) over the positions; and what {@link FusionOptions} say, of
 * which a modulation follows all of that. rstd is n.
 *
 * Woo et al. 2023, ConvNeXt V2, https://arxiv.org/abs/2301.00808
 *
 * @throws NormError `layout`, `shape`, `parameter`, `eps`, `option` where the shapes or options make no sense.
 * @example const { y } = globalResponseNorm(x, { layout: 'NHWC', weight, bias });
 */
export function globalResponseNorm(
  x: NdArray,
  options: GlobalResponseNormOptions = {},
  ...more: readonly never[]
): Normalized {
  checkCall('globalResponseNorm', { x }, options, OPTIONS, more);
  const { grouping, fusion, responses } = prepare(x, options);
  const normalized = normalizeOver(x, grouping, AS_IT_IS, withResponse(fusion, grouping, responses));
  return { ...normalized, rstd: { data: responses.response, shape: normalized.rstd.shape } };
}

/**
 * The gradients of {@link globalResponseNorm}: with W = 1 + weight · n, and r what arrives at it summed over the positions,
 * dn = r · weight, dg = (dn - mean of dn · n over the channels) / divisor, and ds has + s / g · dg besides.
 *
 * @throws NormError as {@link globalResponseNorm}.
 * @example const { dx, dweight } = globalResponseNormBackward(dy, x, { weight, bias });
 */
export function globalResponseNormBackward(
  dy: NdArray,
  x: NdArray,
  options: GlobalResponseNormOptions & BackwardOptions = {},
  ...more: readonly never[]
): Gradients {
  checkCall('globalResponseNormBackward', { dy, x }, options, [...OPTIONS, ...BACKWARD], more);
  const { dresidualOut, weight } = options;
  const { grouping, fusion, responses } = prepare(x, options);
  const { norm, response, divisor, samples } = responses;
  const whole = withResponse(fusion, grouping, responses);
  const arriving = { dy, dresidualOut };
  const { dweight: ofW } = gradientOver(arriving, x, grouping, AS_IT_IS, ({ g }) => g, whole);
  const { group, element } = placesIn(grouping);
  const weightAt = reader(fusion.weight, grouping, 1);
  const r = Float64Array.from(group, (first) => element.reduce((sum, offset) => sum + ofW!.data[first + offset]!, 0));
  const factor = new Float64Array(group.length);
  const dweight = new Float64Array(weight?.data.length ?? 0);
  for (const groups of samples) {
    const dn = (index: number): number => r[index]! * weightAt(index, 0);
    const average = groups.reduce((sum, index) => sum + dn(index) * response[index]!, 0) / groups.length;
    groups.forEach((index, channel) => {
      if (norm[index] !== 0) factor[index] = (dn(index) - average) / divisor[index]! / norm[index]!;
      if (weight) dweight[channel]! += r[index]! * response[index]!;
    });
  }
  const { dweight: _, ...gradients } = gradientOver(
    arriving,
    x,
    grouping,
    AS_IT_IS,
    ({ g, values, index }) => g.map((value, e) => value + values[e]! * factor[index]!),
    whole,
  );
  return { ...gradients, ...(weight && { dweight: { data: dweight, shape: weight.shape } }) };
}

function prepare(
  x: NdArray,
  options: GlobalResponseNormOptions,
): { grouping: Grouping; fusion: Fusion; responses: Responses } {
  const { shape } = x;
  const layout = layoutOf(shape, options);
  const grouping = { shape, axes: layout.spatial };
  checkElements('globalResponseNorm: x', grouping);
  const fusion = fusionOf(shape, layout, options, affineAlong([layout.channel], shape, options));
  return { grouping, fusion, responses: responsesOf(x, grouping, fusion, layout.channel, options.eps ?? 1e-6) };
}

function responsesOf(x: NdArray, grouping: Grouping, fusion: Fusion, channel: number, eps: number): Responses {
  const { group, element } = placesIn(grouping);
  const sum = normalizedSum(x, fusion, grouping);
  const values = new Float64Array(element.length);
  const norm = Float64Array.from(group, (first) => {
    gather(sum, first, element, values);
    return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  });
  // The groups are numbered along the kept axes: the channels of a sample are as far apart as the axis of the channels says.
  const kept = otherAxes(grouping.shape, grouping.axes);
  const sizes = kept.map((axis) => grouping.shape[axis]!);
  const at = kept.indexOf(channel);
  const step = sizes.slice(at + 1).reduce((product, size) => product * size, 1);
  const channels = sizes[at]!;
  const first = Array.from(group.keys()).filter((index) => Math.floor(index / step) % channels === 0);
  const samples = first.map((index) => Array.from({ length: channels }, (_, each) => index + each * step));
  const [response, divisor] = [new Float64Array(group.length), new Float64Array(group.length)];
  for (const groups of samples) {
    const mean = groups.reduce((sum, index) => sum + norm[index]!, 0) / channels;
    for (const index of groups) {
      divisor[index] = mean + eps;
      response[index] = divisor[index] === 0 ? 0 : norm[index]! / divisor[index]!;
    }
  }
  return { norm, response, divisor, samples };
}

/** Gradients as of y = s · W + bias, W = 1 + weight · n for each element. */
function withResponse(fusion: Fusion, grouping: Grouping, { response }: Responses): Fusion {
  const { shape } = grouping;
  const { group, element } = placesIn(grouping);
  const weightAt = reader(fusion.weight, grouping, 1);
  const data = new Float64Array(sizeOf(shape));
  group.forEach((first, index) =>
    element.forEach((offset) => (data[first + offset] = 1 + weightAt(index, 0) * response[index]!)),
  );
  return { ...fusion, weight: spreadByNumPy('weight', { data, shape }, shape) };
}
