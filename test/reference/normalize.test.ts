import { describe, expect, it } from 'vitest';
import type { NdArray, Statistic } from '../../src/reference/index.ts';
import { normalize } from '../../src/reference/index.ts';
import { array, expectClose, indexOf, randomArray } from './arrays.ts';

const STATISTICS: Statistic[] = ['mean-variance', 'rms', 'l2', 'l1', 'sum'];

describe('normalize, by hand (G2)', () => {
  it.each<{ statistic: Statistic; eps: number; y: number[]; mean: number; rstd: number }>([
    { statistic: 'mean-variance', eps: 1, y: [-1.5, -0.5, 0.5, 1.5].map((d) => d / 1.5), mean: 2.5, rstd: 1 / 1.5 },
    { statistic: 'rms', eps: 1.5, y: [1 / 3, 2 / 3, 1, 4 / 3], mean: 0, rstd: 1 / 3 },
    { statistic: 'l2', eps: 0, y: [1, 2, 3, 4].map((v) => v / Math.sqrt(30)), mean: 0, rstd: 1 / Math.sqrt(30) },
    { statistic: 'l2', eps: 10, y: [0.1, 0.2, 0.3, 0.4], mean: 0, rstd: 0.1 },
    { statistic: 'l1', eps: 0, y: [0.1, 0.2, 0.3, 0.4], mean: 0, rstd: 0.1 },
    { statistic: 'sum', eps: 0, y: [0.1, 0.2, 0.3, 0.4], mean: 0, rstd: 0.1 },
    { statistic: 'sum', eps: 20, y: [0.05, 0.1, 0.15, 0.2], mean: 0, rstd: 0.05 },
  ])('$statistic of [1,2,3,4] with eps $eps', ({ statistic, eps, y, mean, rstd }) => {
    // The variance is 1.25, to which eps 1 adds up to 2.25; the mean square is 7.5, to which eps 1.5 adds up to 9.
    const result = normalize(array([4], [1, 2, 3, 4]), { axes: 0, statistic, eps });
    expectClose(result.y, array([4], y));
    expectClose(result.mean, array([1], [mean]));
    expectClose(result.rstd, array([1], [rstd]));
  });

  it('keeps the sign of a sum, and takes 0 for positive', () => {
    const sum = (data: number[], eps: number) => [
      ...normalize(array([2], data), { axes: 0, statistic: 'sum', eps }).y.data,
    ];
    expect(sum([-1, -3], 0)).toEqual([0.25, 0.75]);
    expect(sum([-1, -3], 8)).toEqual([0.125, 0.375]);
    expect(sum([-1, 1], 8)).toEqual([-0.125, 0.125]);
  });

  it('broadcasts weight and bias by the rules of NumPy', () => {
    const x = array([2, 2], [1, 3, 5, 9]);
    const plain = { axes: 1, statistic: 'l1', eps: 0 } as const;
    const { y } = normalize(x, { ...plain, weight: array([2, 1], [4, 14]), bias: array([2], [10, 20]) });
    expectClose(y, array([2, 2], [11, 23, 15, 29]));
    expect(() => normalize(x, { ...plain, weight: array([3], [1, 1, 1]) })).toThrow(
      'weight [3] does not broadcast to x [2,2]',
    );
    expect(() => normalize(x, { ...plain, bias: array([1, 1, 2], [1, 1]) })).toThrow('bias [1,1,2] does not broadcast');
  });
});

/** The elements that differ from the one at `offset` along the axes only, itself included. */
function groupOf(x: NdArray, offset: number, axes: readonly number[]): number[] {
  const index = indexOf(offset, x.shape);
  return Array.from(x.data).filter((_, other) =>
    indexOf(other, x.shape).every((place, axis) => axes.includes(axis) || place === index[axis]),
  );
}

const DIVISOR: Record<Statistic, (group: number[], eps: number) => number> = {
  'mean-variance': (group, eps) => {
    const mean = average(group);
    return Math.sqrt(average(group.map((value) => (value - mean) ** 2)) + eps);
  },
  rms: (group, eps) => Math.sqrt(average(group.map((value) => value ** 2)) + eps),
  l2: (group) => Math.hypot(...group),
  l1: (group) => group.length * average(group.map(Math.abs)),
  linf: (group) => Math.max(...group.map(Math.abs)),
  sum: (group) => group.length * average(group),
};

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('normalize, against each element’s group looked up one by one', () => {
  const cases = [
    { shape: [5], axes: [0] },
    { shape: [3, 4], axes: [0] },
    { shape: [3, 4], axes: [-1] },
    { shape: [2, 3, 4], axes: [0, 2] },
    { shape: [2, 3, 2, 3, 2], axes: [0, 2, 4] },
    { shape: [2, 3, 2, 3, 2], axes: [-4, 3] },
    { shape: [2, 1, 2, 1, 2, 1, 2, 3], axes: [1, 2, 4, 7] },
  ].flatMap((one) => STATISTICS.map((statistic) => ({ ...one, statistic })));

  it.each(cases)('$statistic over $axes of $shape', ({ shape, axes, statistic }) => {
    const x = randomArray(shape);
    const resolved = axes.map((axis) => (axis + shape.length) % shape.length);
    const expected = Array.from(x.data, (value, offset) => {
      const group = groupOf(x, offset, resolved);
      const centered = statistic === 'mean-variance' ? value - average(group) : value;
      return centered / DIVISOR[statistic](group, 0.01);
    });
    const eps = statistic === 'mean-variance' || statistic === 'rms' ? 0.01 : 0;
    const { y, mean, rstd } = normalize(x, { axes, statistic, eps });
    expectClose(y, { data: expected, shape });
    const kept = shape.map((size, axis) => (resolved.includes(axis) ? 1 : size));
    expect([mean.shape, rstd.shape]).toEqual([kept, kept]);
  });
});

describe('normalize, hard data', () => {
  const bias = array([1], [0.1]);

  it.each(STATISTICS)('%s: a divisor of exactly 0 gives the bias', (statistic) => {
    const { y, rstd } = normalize(array([3], [0, 0, 0]), { axes: 0, statistic, eps: 0, bias });
    expect([...y.data, ...rstd.data]).toEqual([0.1, 0.1, 0.1, 0]);
  });

  it.each([0.1, 1e6 + 0.1, 1e37, -3e-40])('a constant row of %d gives exactly the bias', (value) => {
    const data = new Float64Array(1000).fill(value);
    for (const eps of [0, 1e-5]) {
      const { y, mean } = normalize({ data, shape: [1000] }, { axes: 0, statistic: 'mean-variance', eps, bias });
      expect(new Set(y.data)).toEqual(new Set([0.1]));
      expect(mean.data[0]).toBe(value);
    }
  });

  it('a large mean costs no accuracy', () => {
    const small = randomArray([1000]);
    const data = small.data.map((value) => Math.round(value * 2 ** 20) / 2 ** 20);
    const shifted = data.map((value) => value + 1e6);
    const [y, yShifted] = [data, shifted].map(
      (one) => normalize({ data: one, shape: [1000] }, { axes: 0, statistic: 'mean-variance' }).y,
    );
    expectClose(yShifted, y!, 1e-12);
  });

  it.each<Statistic>(['mean-variance', 'rms', 'l2', 'l1', 'sum'])('%s: values of 1e37 do not overflow', (statistic) => {
    const x = randomArray([1000]);
    const large = { ...x, data: x.data.map((value) => value * 1e37) };
    const [y, yLarge] = [x, large].map((one) => normalize(one, { axes: 0, statistic, eps: 0 }).y);
    expectClose(yLarge, y!);
  });

  it.each(STATISTICS)('%s: a NaN or an infinity spoils its own group and no other', (statistic) => {
    for (const odd of [NaN, Infinity, -Infinity]) {
      for (const place of [0, 1]) {
        const row = [1, 2, 4].map((value, i) => (i === place ? odd : value));
        const { y } = normalize(array([2, 3], [...row, 1, 2, 4]), { axes: 1, statistic });
        const alone = normalize(array([1, 3], [1, 2, 4]), { axes: 1, statistic });
        expect(y.data[place]).toBeNaN();
        expect(y.data.slice(3)).toEqual(alone.y.data);
      }
    }
  });

  it('an infinity leaves the others 0 where no mean is subtracted', () => {
    const { y } = normalize(array([3], [1, Infinity, 2]), { axes: 0, statistic: 'rms' });
    expect([...y.data]).toEqual([0, NaN, 0]);
  });
});

describe('normalize refuses', () => {
  const x = array([2, 3], [1, 2, 3, 4, 5, 6]);
  const statistic = 'mean-variance';

  it('an eps that is negative or not finite', () => {
    for (const eps of [-1e-5, NaN, Infinity]) expect(() => normalize(x, { axes: 1, statistic, eps })).toThrow('eps');
  });

  it('a statistic there is not', () => {
    expect(() => normalize(x, { axes: 1, statistic: 'median' as Statistic })).toThrow("statistic is 'median'");
  });

  it('data that does not fill its shape', () => {
    expect(() => normalize({ data: [1, 2], shape: [3] }, { axes: 0, statistic })).toThrow('x has 2 elements');
    expect(() => normalize(x, { axes: 1, statistic, weight: { data: [1, 2], shape: [3] } })).toThrow(
      'weight has 2 elements',
    );
  });
});
