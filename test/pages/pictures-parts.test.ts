import { describe, expect, it } from 'vitest';
import { countsOf, rangeOf } from '../../examples/pictures/counts.ts';
import { makeLoop, makeRate } from '../../examples/pictures/loop.ts';

/** Parts of the page of pictures that need no browser. */

describe('the loop of frames', () => {
  it('is never twice under way, and does once more what was asked for meanwhile', async () => {
    let [under, most, done] = [0, 0, 0];
    const ends: (() => void)[] = [];
    const loop = makeLoop(async () => {
      most = Math.max(most, ++under);
      await new Promise<void>((resolve) => ends.push(resolve));
      under--;
      done++;
    });
    for (let frame = 0; frame < 5; frame++) loop.request();
    expect(ends).toHaveLength(1);
    ends.pop()!();
    await new Promise((resolve) => setTimeout(resolve));
    expect([done, ends.length]).toEqual([1, 1]);
    ends.pop()!();
    await new Promise((resolve) => setTimeout(resolve));
    expect([done, ends.length, most]).toEqual([2, 0, 1]);
    loop.request();
    expect(ends).toHaveLength(1);
    ends.pop()!();
  });
});

describe('the rate of frames', () => {
  it('is that of the last second', () => {
    const rate = makeRate();
    expect(rate.perSecond()).toBe(0);
    for (let frame = 0; frame < 10; frame++) rate.count(500 * frame);
    for (let frame = 0; frame <= 60; frame++) rate.count(5000 + (1000 * frame) / 60);
    expect(rate.perSecond()).toBeCloseTo(60);
    rate.clear();
    expect(rate.perSecond()).toBe(0);
  });
});

describe('the bins of a histogram', () => {
  it('hold every number once, the greatest too', () => {
    expect(countsOf([0, 0.1, 0.25, 0.5, 0.99, 1], [0, 1], 4)).toEqual([2, 1, 1, 2]);
    expect(countsOf([-1, -0.5, 0], [-1, 0], 2)).toEqual([1, 2]);
    expect(countsOf([9, 0.2, 0.7, 9], [0, 1], 2, [1, 3])).toEqual([1, 1]);
  });

  it.each([
    [[0.03, 0.97], 0, 1],
    [[-4.83, 2.91], -5, 3],
    [[3e-7, 8.4e-6], 0, 9e-6],
    [[0.5], 0.5, 0.6],
    [[0, 0], 0, 0.1],
  ])('go from round number to round number: %j', (values, from, to) => {
    const [least, greatest] = rangeOf(values);
    expect(least).toBeCloseTo(from, 12);
    expect(greatest).toBeCloseTo(to, 12);
    expect(countsOf(values, [least, greatest], 64).reduce((sum, count) => sum + count, 0)).toBe(values.length);
  });
});
