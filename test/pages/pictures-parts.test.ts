import { describe, expect, it } from 'vitest';
import { countsOf, rangeOf } from '../../examples/pictures/counts.ts';
import { makeLoop } from '../../examples/pictures/loop.ts';
import { makePace } from '../../examples/pictures/pace.ts';
import type { Pace } from '../../examples/pictures/pace.ts';
import type { Size } from '../../examples/pictures/pictures.ts';

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

describe('the pace of frames', () => {
  const sizes = [1, 3 / 4, 1 / 2, 1 / 4].map((scale) => ({ width: 640 * scale, height: 480 * scale }));

  /** The sizes of frames of some seconds, each after the one before or with the camera's next, on an adapter that takes so many ms for a full one. */
  function paced(pace: Pace, start: Size, from: number, seconds: number, full: number): Size[] {
    const shown: Size[] = [];
    let size = start;
    for (let now = from; now < from + 1000 * seconds;) {
      const took = 1 + (full * size.width * size.height) / (640 * 480);
      now += Math.max(took, 1000 / 60);
      size = pace.frame(size, now, took);
      shown.push(size);
    }
    return shown;
  }

  it('is that of the last second', () => {
    const pace = makePace(sizes);
    expect(pace.perSecond()).toBe(0);
    for (let frame = 0; frame < 10; frame++) pace.frame(sizes[0]!, 500 * frame, 1);
    for (let frame = 0; frame <= 60; frame++) pace.frame(sizes[0]!, 5000 + (1000 * frame) / 60, 1);
    expect(pace.perSecond()).toBeCloseTo(60);
  });

  it.each([
    [10, 0],
    [28, 0],
    [45, 1],
    [100, 2],
    [300, 3],
    [1000, 3],
  ])('leaves soon, and for good, the largest size that gives 30 a second: %d ms for a full one', (full, fits) => {
    for (const start of sizes) {
      const pace = makePace(sizes);
      const soon = paced(pace, start, 0, 5, full).at(-1)!;
      const [least, most] = [fits, start === sizes[0] ? fits : fits + 1];
      expect(sizes.indexOf(soon)).toBeGreaterThanOrEqual(least);
      expect(sizes.indexOf(soon)).toBeLessThanOrEqual(most);
      expect(new Set(paced(pace, soon, 5000, 20, full))).toEqual(new Set([soon]));
      if (full <= 300) expect(pace.perSecond()).toBeGreaterThanOrEqual(30);
    }
  });

  it('goes up again where the adapter has become free, and tries more seldom what failed', () => {
    const pace = makePace(sizes);
    expect(paced(pace, sizes[0]!, 0, 5, 100).at(-1)).toBe(sizes[2]);
    expect(paced(pace, sizes[2]!, 5000, 5, 10).at(-1)).toBe(sizes[0]);
    // Larger sizes that promise to fit, and do not.
    const tried: number[] = [];
    let size = sizes[2]!;
    for (let now = 10_000; now < 310_000; now += 20) {
      const next = pace.frame(size, now, size === sizes[2] ? 5 : 50);
      if (next !== size && next === sizes[1]) tried.push(now);
      size = next;
    }
    const gaps = tried.slice(1).map((at, index) => at - tried[index]!);
    expect(gaps.length).toBeLessThan(14);
    expect(gaps.at(-1)).toBeGreaterThan(55_000);
  });

  it('is not lowered by a slow frame now and then', () => {
    const pace = makePace(sizes);
    for (let frame = 0; frame < 600; frame++) {
      expect(pace.frame(sizes[0]!, 20 * frame, frame % 4 === 0 ? 90 : 15)).toBe(sizes[0]);
    }
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
