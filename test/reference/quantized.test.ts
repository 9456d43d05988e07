import { describe, expect, it } from 'vitest';
import { dequantize, layerNorm, layerNormQuantized, rmsNorm, rmsNormQuantized } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';

describe('rmsNormQuantized', () => {
  it('divides by the largest magnitude and rounds, of two as near to the even one, by hand', () => {
    // Squares of 3, -4, 0, 0 have the mean 6.25, the root 2.5: 1.2, -1.6. Of 127 the quotients are 95.25 and -127.
    const { y, scales } = rmsNormQuantized(array([1, 4], [3, -4, 0, 0]), { eps: 0 });
    expect([...y.data]).toEqual([95, -127, 0, 0]);
    expectClose(scales, array([1, 1], [1.6 / 127]));
    const weight = array([4], [2.5, 3.5, 1.25, 0.5]);
    const options = { eps: 0, weight, scales: array([1], [1]) };
    expect([...rmsNormQuantized(array([1, 4], [2, -2, 2, -2]), options).y.data]).toEqual([2, -4, 1, 0]);
  });

  it('never gives -128, and 0 for what is none', () => {
    const x = array([3, 2], [1, -1, 0, 0, NaN, 1]);
    const { y, scales } = rmsNormQuantized(x, { scales: array([1], [0.001]) });
    expect([...y.data]).toEqual([127, -127, 0, 0, 0, 0]);
    expect([...scales.data]).toEqual([0.001]);
    const measured = rmsNormQuantized(x);
    expect([...measured.scales.data.subarray(1)]).toEqual([0, NaN]);
    expect([...measured.y.data]).toEqual([127, -127, 0, 0, 0, 0]);
  });

  it('has a scale for each group of a row, the last one shorter', () => {
    const x = randomArray([2, 3, 10]);
    const { y, scales } = rmsNormQuantized(x, { groupSize: 4 });
    expect(scales.shape).toEqual([2, 3, 3]);
    const z = rmsNorm(x).y.data;
    expect(scales.data[2]).toBe(Math.max(Math.abs(z[8]!), Math.abs(z[9]!)) / 127);
    const again = dequantize(y, scales, { groupSize: 4 });
    for (const [at, value] of again.data.entries()) {
      const scale = scales.data[Math.floor(at / 10) * 3 + Math.floor((at % 10) / 4)]!;
      expect(Math.abs(value - z[at]!)).toBeLessThanOrEqual(scale / 2 + 1e-15);
    }
  });
});

describe('layerNormQuantized', () => {
  it('has one scale for rows of several axes', () => {
    const x = randomArray([4, 3, 5]);
    const { y, scales, residualOut } = layerNormQuantized(x, { axes: [1, 2], residual: randomArray([4, 3, 5], 3) });
    expect(scales.shape).toEqual([4, 1, 1]);
    expect(residualOut?.shape).toEqual([4, 3, 5]);
    const z = layerNorm(x, { axes: [1, 2], residual: randomArray([4, 3, 5], 3) }).y.data;
    const again = dequantize(y, scales, { axes: [1, 2] });
    const worst = Math.max(
      ...again.data.map((value, at) => Math.abs(value - z[at]!) / scales.data[Math.floor(at / 15)]!),
    );
    expect(worst).toBeGreaterThan(0.4);
    expect(worst).toBeLessThanOrEqual(0.5 + 1e-12);
  });

  it('takes what it gave for its scales', () => {
    const x = randomArray([3, 12]);
    const { y, scales } = layerNormQuantized(x, { groupSize: 8 });
    expect(layerNormQuantized(x, { groupSize: 8, scales }).y).toEqual(y);
    const ofRow = layerNormQuantized(x, { groupSize: 8, scales: array([2], [0.5, 0.25]) }).y;
    const ofAll = layerNormQuantized(x, { groupSize: 8, scales: array([3, 2], [0.5, 0.25, 0.5, 0.25, 0.5, 0.25]) }).y;
    expect(ofRow).toEqual(ofAll);
  });

  it('of rows without elements there is nothing', () => {
    const { y, scales } = layerNormQuantized(array([2, 0], []));
    expect(y.data).toHaveLength(0);
    expect([...scales.data]).toEqual([0, 0]);
  });
});
