import type { NdArray } from '../../../src/reference/index.ts';
import { roundTo } from './formats.ts';
import type { Fused } from './fused.ts';

/** What a masked call holds at the positions that are not there. */

type Numbers = NdArray<Float32Array<ArrayBuffer>>;

/** Whether each element of an array that broadcasts to x is read at masked positions only. Of [N,C] those are rows of padding. */
export function hiddenOf({ x, options, arrays }: Fused, array: NdArray): boolean[] {
  const layout = options['layout'] as string;
  const [sampleAxis, channelAxis] = [layout.indexOf('N'), layout.indexOf('C')];
  const rank = x.shape.length;
  const shape =
    array.shape.length === 2
      ? x.shape.map((size, axis) => (axis === sampleAxis || axis === channelAxis ? size : 1))
      : array.shape;
  // A number a channel is no padding, even where there is nothing else.
  if (shape.length !== rank) return Array.from(array.data, () => false);
  const hidden = Array.from(array.data, () => true);
  const mask = arrays['mask']!;
  for (let index = 0; index < x.data.length; index++) {
    const at = x.shape.map(() => 0);
    for (let axis = rank - 1, rest = index; axis >= 0; axis--) {
      at[axis] = rest % x.shape[axis]!;
      rest = Math.floor(rest / x.shape[axis]!);
    }
    const position = at.reduce(
      (offset, each, axis) => (axis === channelAxis ? offset : offset * x.shape[axis]! + each),
      0,
    );
    const offset = at.reduce((sum, each, axis) => sum * shape[axis]! + (shape[axis] === 1 ? 0 : each), 0);
    if (mask.data[position] !== 0) hidden[offset] = false;
  }
  return hidden;
}

/** The arrays that padding may be poisoned in: the mask says where it is, and the rest hold a number a channel. */
const POISONED = ['residual', 'gate', 'scale', 'shift'];

/** A number for the nth element that nothing may be read of. */
export type Poison = (nth: number) => number;

export const POISONS: Record<string, Poison> = {
  NaN: () => NaN,
  infinity: () => Infinity,
  'minus infinity': () => -Infinity,
  'all of them': (nth) => [NaN, Infinity, -Infinity, 65504][nth % 4]!,
};

/** The array with that number wherever only masked positions read it. */
export function poisonedArray(fused: Fused, array: Numbers, poison: Poison, dtype = fused.dtypes['x']!): Numbers {
  const hidden = hiddenOf(fused, array);
  return { data: array.data.map((value, at) => (hidden[at] ? roundTo(dtype, poison(at)) : value)), shape: array.shape };
}

/** The call with that number wherever only masked positions read it. */
export function poisoned(fused: Fused, poison: Poison): Fused {
  const arrays = Object.fromEntries(
    Object.entries(fused.arrays).map(([name, array]) => [
      name,
      POISONED.includes(name) ? poisonedArray(fused, array, poison, fused.dtypes[name]) : array,
    ]),
  );
  return { ...fused, x: poisonedArray(fused, fused.x, poison), arrays };
}
