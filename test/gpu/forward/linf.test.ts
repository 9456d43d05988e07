import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import type { Format } from '../support/formats.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { rowGradients } from '../support/rows.ts';
import { part } from '../support/sweeps.ts';

/** `statistic: 'linf'`: x / max(max|x|, eps). Its gradient (G11) is shared evenly among all that are largest, as PyTorch does. */

const contexts = part(Object.entries(await openContexts()), 2);
const BOUNDS: Record<Format, number> = { f32: 2 ** -18, f16: 2 ** -9, bf16: 2 ** -6 };

type Numbers = Filled['x'];
const array = (numbers: readonly number[], shape: number[]): Numbers => ({ data: Float32Array.from(numbers), shape });

function callOf(x: Numbers, axes: number[], options: object = {}, dtype: Format = 'f32', arrays = {}): Fused {
  return rounded(
    { op: 'normalize', x, options: { axes, statistic: 'linf', ...options }, arrays },
    { dtype, like: false },
  );
}

/** x, y and gradients of one row by hand. */
const BY_HAND: [name: string, row: number[], options: object, dy: number[], y: number[], dx: number[]][] = [
  // sum(dy · y) is 2: of the largest, 1 is taken off, and multiplied by 1/4.
  ['one largest', [4, 2, 0, 0], {}, [1, 2, 3, 4], [1, 0.5, 0, 0], [-0.25, 0.5, 0.75, 1]],
  // sum(dy · y) is -1 - 1 = -2, and the sign of the largest -1.
  ['a negative one', [-4, 2, 0, 0], {}, [1, -2, 3, 4], [-1, 0.5, 0, 0], [-0.25, -0.5, 0.75, 1]],
  // sum(dy · y) is 1 - 1 + 2 + 0 = 2: 1/2 · 2 with its sign for each of two.
  ['two of them', [4, -4, 2, 0], {}, [1, 1, 4, 4], [1, -1, 0.5, 0], [0, 0.5, 1, 1]],
  // sum(dy · y) is 1 + 2 - 3 + 4 = 4: 1/4 · 4 with its sign for each of four.
  ['all of them', [2, 2, -2, 2], {}, [1, 2, 3, 4], [1, 1, -1, 1], [0, 0.5, 2, 1.5]],
  ['eps in its place', [0.25, -0.5, 0, 0], { eps: 2 }, [1, 2, 3, 4], [0.125, -0.25, 0, 0], [0.5, 1, 1.5, 2]],
  // At eps the largest is no constant: sum(dy · y) is 2, as of one largest.
  ['the largest is eps', [4, 2, 0, 0], { eps: 4 }, [1, 2, 3, 4], [1, 0.5, 0, 0], [-0.25, 0.5, 0.75, 1]],
];

const SHAPES: [name: string, shape: number[], axes: number[]][] = [
  ['rows', [6, 64], [1]],
  ['odd rows', [5, 77], [-1]],
  ['short rows', [40, 3], [1]],
  ['one long row', [1, 70_000], [1]],
  ['two long rows', [2, 20_011], [1]],
  ['columns', [70, 50], [0]],
  ['long columns', [9000, 4], [0]],
  ['axes in the middle', [3, 40, 5], [1]],
  ['first and last', [7, 6, 9], [0, 2]],
  ['all of it', [6, 7, 8], [0, 1, 2]],
];

/** The elements of a shape, those of a group after one another. */
function inGroups(shape: readonly number[], axes: readonly number[]): number[] {
  const reduced = new Set(axes.map((axis) => (axis + shape.length) % shape.length));
  const keys = Array.from({ length: sizeOf(shape) }, (_, index) => {
    const at = shape.map(() => 0);
    for (let axis = shape.length - 1, rest = index; axis >= 0; axis--) {
      at[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return at.reduce((key, each, axis) => (reduced.has(axis) ? key : key * shape[axis]! + each), 0);
  });
  return [...keys.keys()].toSorted((a, b) => keys[a]! - keys[b]! || a - b);
}

const DTYPES = ['f32', 'f16', 'bf16'] as const;

describe.each(contexts)('%s plans', (_, context) => {
  it.each(BY_HAND)('%s', async (__, row, options, dy, y, dx) => {
    for (const dtype of ['f32', 'f16', 'bf16'] as const) {
      const results = await resultsOf(context, callOf(array(row, [1, 4]), [1], options, dtype), array(dy, [1, 4]));
      expect(relativeError(results['alone']!, y), dtype).toBeLessThanOrEqual(2 ** -20);
      expect(relativeError(results['y']!, y), dtype).toBeLessThanOrEqual(2 ** -20);
      expect(relativeError(results['dx']!, dx), dtype).toBeLessThanOrEqual(2 ** -20);
    }
  });

  it('of zeros is zero, and its gradient dy / eps: 1e-12 unless told otherwise', async () => {
    const { y, dx } = await resultsOf(context, callOf(array([0, 0, 0], [1, 3]), [1]), array([1, -2, 3], [1, 3]));
    expect([...y!]).toEqual([0, 0, 0]);
    expect(relativeError(dx!, [1e12, -2e12, 3e12])).toBeLessThanOrEqual(2 ** -20);
  });

  it('saves 1 / max(max|x|, eps)', async () => {
    const call = callOf(array([4, 2, -8, 1, 0, 0.25], [3, 2]), [1], { eps: 0.5 });
    const { rstd } = await resultsOf(context, call, array([0, 0, 0, 0, 0, 0], [3, 2]));
    expect(relativeError(rstd!, [0.25, 0.125, 2])).toBeLessThanOrEqual(2 ** -20);
  });

  describe.each([...DTYPES.entries()])('%d: %s', (first, dtype) => {
    it.each(part(SHAPES, 3, first))('%s %j over %j', async (__, shape, axes) => {
      const random = new Random(251);
      // Quarters tie often; the largest of them are then many.
      for (const step of [0, 0.25]) {
        const numbers = random.normals(sizeOf(shape)).map((value) => (step ? Math.round(value / step) * step : value));
        const call = callOf({ data: numbers, shape }, axes, {}, dtype);
        const dy = gradientFor(call, random);
        const order = inGroups(shape, axes);
        const length = axes.reduce((product, axis) => product * shape.at(axis)!, 1);
        const grouped = (data: ArrayLike<number>) => order.map((index) => data[index]!);
        const options = { statistic: 'linf', eps: 1e-12 } as const;
        const exact = rowGradients(grouped(call.x.data), length, options, grouped(dy.data));
        const { alone, y, dx } = await resultsOf(context, call, dy);
        for (const each of [alone, y])
          expect(relativeError(grouped(each!), exact.y)).toBeLessThanOrEqual(BOUNDS[dtype]);
        // A group at a time: what is taken off the largest grows with the group.
        const gradient = grouped(dx!);
        for (let from = 0; from < order.length; from += length) {
          const [actual, wanted] = [gradient.slice(from, from + length), exact.dx.slice(from, from + length)];
          expect(relativeError(actual, wanted), `group ${from / length}`).toBeLessThanOrEqual(BOUNDS[dtype]);
        }
      }
    });
  });

  it.each([64, 20_011])('weight and bias, rows of %d', async (length) => {
    const random = new Random(252);
    const shape = [5, length];
    const arrays = {
      weight: array([...random.normals(length, 1)], [length]),
      bias: array([...random.normals(length)], [length]),
    };
    const call = callOf({ data: random.normals(5 * length), shape }, [1], {}, 'f32', arrays);
    const dy = gradientFor(call, random);
    const options = { statistic: 'linf', eps: 1e-12, weight: arrays.weight.data, bias: arrays.bias.data } as const;
    const exact = rowGradients(call.x.data, length, options, dy.data);
    const actual = await resultsOf(context, call, dy);
    for (const [name, numbers] of Object.entries(exact)) {
      expect(relativeError(actual[name]!, numbers), name).toBeLessThanOrEqual(BOUNDS.f32);
    }
  });

  it.each([
    ['rows', [3, 64], [1], (group: number, element: number) => group * 64 + element],
    ['long rows', [3, 20_011], [1], (group: number, element: number) => group * 20_011 + element],
    ['columns', [70, 3], [0], (group: number, element: number) => element * 3 + group],
  ] as const)('a NaN spoils its group, an infinity leaves 0 of finite elements: %s', async (__, shape, axes, index) => {
    const length = shape[axes[0]];
    const x = { data: new Random(253).normals(3 * length), shape: [...shape] };
    const dy = array(
      Array.from({ length: 3 * length }, () => 1),
      [...shape],
    );
    const clean = await resultsOf(context, callOf(x, [...axes]), dy);
    x.data[index(0, length - 2)] = NaN;
    x.data[index(1, 1)] = -Infinity;
    const spoiled = await resultsOf(context, callOf(x, [...axes]), dy);
    const group = (data: Float64Array, of: number) => Array.from({ length }, (___, at) => data[index(of, at)]!);
    for (const name of ['alone', 'y', 'dx']) {
      expect(group(spoiled[name]!, 0).every(Number.isNaN), `${name} beside a NaN`).toBe(true);
      expect(group(spoiled[name]!, 2), `${name} of another group`).toEqual(group(clean[name]!, 2));
    }
    const beside = group(spoiled['y']!, 1);
    expect(beside[1]).toBeNaN();
    expect(beside.every((value, at) => at === 1 || value === 0)).toBe(true);
  });
});
