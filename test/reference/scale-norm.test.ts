import { describe, expect, it } from 'vitest';
import { scaleNorm, scaleNormBackward } from '../../src/reference/index.ts';
import { array, expectClose } from './arrays.ts';

describe('ScaleNorm', () => {
  const x = array([2, 2], [3, 4, 0, 0]);

  it('gives each vector the length of its weight', () => {
    expectClose(scaleNorm(x, { weight: array([1], [10]) }).y, array([2, 2], [6, 8, 0, 0]));
  });

  it('divides by eps at least', () => {
    expect([...scaleNorm(x, { eps: 50 }).y.data]).toEqual([3 / 50, 4 / 50, 0, 0]);
  });

  it('has for its weight the gradient dy · x / ‖x‖, of all elements', () => {
    const { dweight, dx } = scaleNormBackward(array([2, 2], [1, 2, 3, 4]), x, { weight: array([1], [10]) });
    expect(dweight!.data[0]).toBeCloseTo(0.6 + 1.6, 14);
    expect(dx.data[2]).toBeCloseTo(3e6, 6);
  });

  it('has one weight', () => {
    expect(() => scaleNorm(x, { weight: array([2], [1, 1]) })).toThrow('it must have 1');
  });
});
