import type { NdArray } from '../../../src/reference/index.ts';
import type { Filled } from './run.ts';

/** The normalizations over channels, and their gradients, as float64 loops from the definition: nothing of the library is in them. */

/** An element of x: its index, its sample and channel, and which elements it shares statistics with. */
interface Element {
  index: number;
  sample: number;
  channel: number;
  group: number;
}

type Statistics = Map<number, { mean: number; variance: number; count: number }>;

/**
 * y, residualOut and every gradient of sum(dy · y), by name. Arrays hold a number a channel ([C]), a row a sample ([N,C]), or are of
 * the shape of x where that has more than two axes. `store` rounds residualOut to what it is stored as.
 */
export function plain(
  filled: Filled,
  dy: ArrayLike<number>,
  store: (value: number) => number = (value) => value,
): Record<string, Float64Array> {
  const { op, x, options, arrays } = filled;
  const { residual, gate, scale, shift, style } = arrays;
  const elements = elementsOf(filled, x);
  const channels = 1 + Math.max(...elements.map(({ channel }) => channel));
  const offset = ({ shape }: NdArray, { index, sample, channel }: Element): number =>
    shape.length === 1 ? channel : shape.length === 2 ? sample * channels + channel : index;
  const read = (array: NdArray | undefined, element: Element, missing: number): number =>
    array ? array.data[offset(array, element)]! : missing;

  const input = Float64Array.from(elements, (element) => {
    const { index } = element;
    return residual ? store(x.data[index]! + read(gate, element, 1) * residual.data[index]!) : x.data[index]!;
  });
  const known = op === 'batchNorm' ? !options['training'] : options['useInputStats'] === false;
  const lost = options['unbiased'] ? 1 : 0;
  const statistics = known ? runningOf(arrays, elements) : statisticsOf(elements, input, lost);
  const eps = (options['eps'] as number | undefined) ?? 1e-5;
  const ofStyle = style && statisticsOf(elementsOf(filled, style), style.data, lost);
  const weightOf = (element: Element): number =>
    ofStyle ? Math.sqrt(ofStyle.get(element.group)!.variance + eps) : read(arrays['weight'], element, 1);
  const biasOf = (element: Element): number =>
    ofStyle ? ofStyle.get(element.group)!.mean : read(arrays['bias'], element, 0);
  const rstdOf = ({ group }: Element): number => 1 / Math.sqrt(statistics.get(group)!.variance + eps);

  const results: Record<string, Float64Array> = {
    y: new Float64Array(input.length),
    dx: new Float64Array(input.length),
    ...(residual && { residualOut: input }),
    ...Object.fromEntries(
      Object.entries(arrays).map(([name, { data }]) => [`d${name}`, new Float64Array(data.length)]),
    ),
  };
  const add = (name: string, element: Element, value: number): void => {
    const array = arrays[name];
    if (array) results[`d${name}`]![offset(array, element)]! += value;
  };
  // Of each group, sum(g) and sum(g · x_hat) for g, the gradient at x_hat.
  const sums = new Map([...statistics.keys()].map((group) => [group, { g: 0, gXHat: 0 }]));
  const normalized = elements.map(
    (element) => (input[element.index]! - statistics.get(element.group)!.mean) * rstdOf(element),
  );
  const gradients = elements.map((element) => {
    const [d, xHat] = [dy[element.index]!, normalized[element.index]!];
    const affine = xHat * weightOf(element) + biasOf(element);
    const factor = 1 + read(scale, element, 0);
    results['y']![element.index] = affine * factor + read(shift, element, 0);
    add('scale', element, d * affine);
    add('shift', element, d);
    add('weight', element, d * factor * xHat);
    add('bias', element, d * factor);
    const sum = sums.get(element.group)!;
    const g = d * factor * weightOf(element);
    sum.g += g;
    sum.gXHat += g * xHat;
    return g;
  });
  for (const element of elements) {
    const { index, group } = element;
    const { count } = statistics.get(group)!;
    const sum = sums.get(group)!;
    const through = known ? 0 : sum.g / count + (normalized[index]! * sum.gXHat) / (count - lost);
    const ds = rstdOf(element) * (gradients[index]! - through);
    results['dx']![index] = ds;
    if (!residual) continue;
    results['dresidual']![index] = ds * read(gate, element, 1);
    add('gate', element, ds * residual.data[index]!);
  }
  if (style && ofStyle) {
    for (const { index, group } of elementsOf(filled, style)) {
      const { mean, variance, count } = ofStyle.get(group)!;
      const deviation = Math.sqrt(variance + eps);
      // The gradients of the style's mean and deviation: the sums have the deviation as a factor.
      const [dmean, ddeviation] = [sums.get(group)!.g / deviation, sums.get(group)!.gXHat / deviation];
      results['dstyle']![index] =
        dmean / count + ((style.data[index]! - mean) / deviation) * (ddeviation / (count - lost));
    }
  }
  return results;
}

/** The elements of x, or of a style, in their order. */
function elementsOf({ op, options }: Filled, { shape, data }: NdArray): Element[] {
  const letters = options['layout'] as string;
  const channels = shape[letters.indexOf('C')]!;
  const groups = op === 'groupNorm' ? (options['numGroups'] as number) : channels;
  return Array.from(data, (_, index) => {
    let rest = index;
    const at = new Map([...letters].map((letter) => [letter, 0]));
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at.set(letters[axis]!, rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    const [sample, channel] = [at.get('N') ?? 0, at.get('C')!];
    const group = Math.floor(channel / (channels / groups)) + (op === 'batchNorm' ? 0 : sample * groups);
    return { index, sample, channel, group };
  });
}

/** Mean and variance of each group; the variance divided by the count less what is lost of it. */
function statisticsOf(elements: readonly Element[], data: ArrayLike<number>, lost: number): Statistics {
  const groups = new Map<number, number[]>();
  for (const { index, group } of elements) groups.set(group, [...(groups.get(group) ?? []), data[index]!]);
  return new Map(
    [...groups].map(([group, values]) => {
      const mean = values.reduce((total, value) => total + value, 0) / values.length;
      const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
      return [group, { mean, variance: squares / (values.length - lost), count: values.length }];
    }),
  );
}

function runningOf({ runningMean, runningVar }: Filled['arrays'], elements: readonly Element[]): Statistics {
  return new Map(
    elements.map(({ channel, group }) => [
      group,
      { mean: runningMean!.data[channel]!, variance: runningVar!.data[channel]!, count: 1 },
    ]),
  );
}
