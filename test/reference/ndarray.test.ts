import { describe, expect, it } from 'vitest';
import { checkArray, reshape, resolveAxes, stridesOf } from '../../src/reference/ndarray.ts';

describe('resolveAxes', () => {
  it('counts from the front, in order', () => {
    expect(resolveAxes([-1, 1], [2, 3, 4])).toEqual([1, 2]);
    expect(resolveAxes(0, [2, 3, 4])).toEqual([0]);
  });

  it.each([
    { axes: [3], shape: [2, 3, 4] },
    { axes: [-4], shape: [2, 3, 4] },
    { axes: [0.5], shape: [2, 3, 4] },
    { axes: [1, -2], shape: [2, 3, 4] },
    { axes: [], shape: [2, 3, 4] },
    { axes: [-1], shape: [] },
  ])('refuses axes $axes of $shape', ({ axes, shape }) => {
    expect(() => resolveAxes(axes, shape)).toThrow(/^axes \[/);
  });
});

describe('checkArray', () => {
  it.each([[-1], [2, -1], [1.5], [NaN]])('refuses a size that is no whole number', (...shape) => {
    expect(() => checkArray('x', { data: [], shape })).toThrow('whole number of at least 0');
  });

  it('takes a size of zero', () => {
    expect(() => checkArray('x', { data: [], shape: [0, 3] })).not.toThrow();
    expect(() => checkArray('x', { data: [1], shape: [0, 3] })).toThrow('x has 1 elements, but shape [0,3] holds 0');
  });

  it('refuses data that does not fill the shape', () => {
    expect(() => checkArray('x', { data: [1, 2, 3], shape: [2, 2] })).toThrow(
      'x has 3 elements, but shape [2,2] holds 4',
    );
  });
});

describe('reshape', () => {
  const six = (shape: number[]) => ({ data: [1, 2, 3, 4, 5, 6], shape });

  it('adds and drops sizes of 1', () => {
    expect(reshape('weight', six([2, 3]), [1, 2, 1, 3])).toEqual(six([1, 2, 1, 3]));
    expect(reshape('weight', six([1, 6]), [6, 1])).toEqual(six([6, 1]));
  });

  it('refuses anything else', () => {
    expect(() => reshape('weight', six([3, 2]), [2, 3])).toThrow('weight has shape [3,2], but [2,3] is needed');
    expect(() => reshape('weight', six([6]), [2, 3])).toThrow('weight has shape [6], but [2,3] is needed');
    expect(() => reshape('weight', six([6]), [5])).toThrow('weight has shape [6], but [5] is needed');
    expect(() => reshape('weight', { data: [], shape: [0] }, [1])).toThrow('weight has shape [0], but [1] is needed');
  });
});

it('strides are row-major', () => {
  expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
  expect(stridesOf([])).toEqual([]);
});
