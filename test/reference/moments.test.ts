import { describe, expect, it } from 'vitest';
import type { Moments } from '../../src/reference/index.ts';
import { mergeMoments, moments } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';

function expectSame(actual: Moments, expected: Moments): void {
  expectClose(actual.mean, expected.mean);
  expectClose(actual.variance, expected.variance);
  expect(actual.count).toBe(expected.count);
}

describe('moments', () => {
  it('mean and biased variance, by hand', () => {
    const x = array([2, 3], [1, 2, 3, 5, 10, 15]);
    expectSame(moments(x, { axes: 1 }), { mean: array([2], [2, 10]), variance: array([2], [2 / 3, 50 / 3]), count: 3 });
    expectSame(moments(x, { axes: [0], keepDims: true }), {
      mean: array([1, 3], [3, 6, 9]),
      variance: array([1, 3], [4, 16, 36]),
      count: 2,
    });
  });

  it('over all axes is one number', () => {
    expect(moments(array([2, 2], [1, 1, 3, 3]), { axes: [0, 1] })).toEqual({
      mean: array([], [2]),
      variance: array([], [1]),
      count: 4,
    });
  });
});

describe('mergeMoments', () => {
  const whole = randomArray([10, 4]);
  const rows = (from: number, to: number) => array([to - from, 4], whole.data.slice(from * 4, to * 4));
  const parts = [rows(0, 1), rows(1, 4), rows(4, 10)].map((part) => moments(part, { axes: 0 }));

  it('gives the moments of the whole', () => {
    expectSame(mergeMoments(parts), moments(whole, { axes: 0 }));
    expectSame(mergeMoments([mergeMoments(parts.slice(0, 2)), parts[2]!]), moments(whole, { axes: 0 }));
  });

  it('leaves a single part as it is', () => {
    expect(mergeMoments([parts[1]!])).toEqual(parts[1]);
  });

  it('keeps a constant exactly', () => {
    const constant = (size: number) => moments({ data: new Float64Array(size).fill(0.1), shape: [size] }, { axes: 0 });
    expect(mergeMoments([constant(3), constant(4), constant(7)])).toEqual(constant(14));
  });

  it('loses nothing to a large mean', () => {
    const shifted = parts.map((part) => ({
      ...part,
      mean: { ...part.mean, data: part.mean.data.map((mean) => mean + 1e6) },
    }));
    expectClose(mergeMoments(shifted).variance, moments(whole, { axes: 0 }).variance, 1e-9);
  });

  it('refuses no parts, parts of different shapes, and parts of nothing', () => {
    expect(() => mergeMoments([])).toThrow('no moments');
    expect(() => mergeMoments([parts[0]!, moments(whole, { axes: 1 })])).toThrow('cannot be merged');
    expect(() => mergeMoments([{ ...parts[0]!, count: 0 }])).toThrow(
      'count of part 0 is 0; it must be a positive number',
    );
  });
});
