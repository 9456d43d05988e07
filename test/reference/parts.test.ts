import { describe, expect, it } from 'vitest';
import * as reference from '../../src/reference/index.ts';
import type { GradientSums, Moments, NdArray } from '../../src/reference/index.ts';
import { array, expectClose, randomArray } from './arrays.ts';

/** Tiles of [2,6,4,5] along the rows, by moments and sums of the whole. */

const SHAPE = [2, 6, 4, 5];
const TILES = [
  [0, 1],
  [1, 4],
] as const;
const weight = randomArray([6], 7);
const bias = randomArray([6], 8);

const rowsOf = ({ data }: NdArray, [from, to]: readonly [number, number]): NdArray => {
  const taken = Array.from(data).filter((_, index) => {
    const row = Math.floor(index / 5) % 4;
    return row >= from && row < to;
  });
  return array([2, 6, to - from, 5], taken);
};

const ofGroups = (groups: number): NdArray => randomArray([groups], 9);

/** Σ dy · w and Σ dy · w · x_hat over `size` neighbours each. */
function sumsOver(size: number, dy: NdArray, xHat: NdArray, weightAt: (index: number) => number): GradientSums {
  const groups = dy.data.length / size;
  const [a, b] = [new Float64Array(groups), new Float64Array(groups)];
  Array.from(dy.data, (value, index) => {
    const group = Math.floor(index / size);
    a[group]! += value * weightAt(index);
    b[group]! += value * weightAt(index) * xHat.data[index]!;
  });
  return { dy: array([groups], a), dyXhat: array([groups], b), count: size };
}

const [x, dy] = [randomArray(SHAPE), randomArray(SHAPE, 2)];
const merged = (tiles: Moments[]): Moments => reference.mergeMoments(tiles);

describe('tiles by the moments of the whole', () => {
  it('are tiles of the whole: instanceNorm', () => {
    const whole = reference.instanceNorm(x, { weight, bias });
    const gradients = reference.instanceNormBackward(dy, x, { weight, bias });
    const moments = merged(TILES.map((tile) => reference.moments(rowsOf(x, tile), { axes: [2, 3] })));
    const sums = sumsOver(20, dy, reference.instanceNorm(x).y, () => 1);
    const parts = TILES.map((tile) => {
      const options = { weight, bias, moments };
      expectClose(reference.instanceNorm(rowsOf(x, tile), options).y, rowsOf(whole.y, tile));
      const part = reference.instanceNormBackward(rowsOf(dy, tile), rowsOf(x, tile), { ...options, sums });
      expectClose(part.dx, rowsOf(gradients.dx, tile));
      return part;
    });
    for (const name of ['dweight', 'dbias'] as const) {
      const sum = parts[0]![name]!.data.map((value, index) => value + parts[1]![name]!.data[index]!);
      expectClose(array([6], sum), gradients[name]!);
    }
  });

  it('are tiles of the whole: groupNorm', () => {
    const options = { numGroups: 2, weight, bias };
    const whole = reference.groupNorm(x, options);
    const gradients = reference.groupNormBackward(dy, x, options);
    const seen = (tile: readonly [number, number]): NdArray => {
      const { data } = rowsOf(x, tile);
      return { data, shape: [2, 2, data.length / 4] };
    };
    const moments = merged(TILES.map((tile) => reference.moments(seen(tile), { axes: [2] })));
    const xHat = reference.groupNorm(x, { numGroups: 2 }).y;
    const sums = sumsOver(60, dy, xHat, (index) => weight.data[Math.floor(index / 20) % 6]!);
    for (const tile of TILES) {
      expectClose(reference.groupNorm(rowsOf(x, tile), { ...options, moments }).y, rowsOf(whole.y, tile));
      const part = reference.groupNormBackward(rowsOf(dy, tile), rowsOf(x, tile), { ...options, moments, sums });
      expectClose(part.dx, rowsOf(gradients.dx, tile));
    }
  });

  it('track the moments that are given: instanceNorm', () => {
    const running = {
      runningMean: array([6], new Float64Array(6)),
      runningVar: array([6], new Float64Array(6).fill(1)),
    };
    const whole = reference.instanceNorm(x, running);
    const moments = reference.moments(x, { axes: [2, 3] });
    const tile = reference.instanceNorm(rowsOf(x, TILES[0]), { ...running, moments });
    expectClose(tile.runningMean, whole.runningMean!);
    expectClose(tile.runningVar, whole.runningVar!);
  });

  it('refuse moments of other groups, with a mask, and without sums', () => {
    const moments = reference.moments(x, { axes: [2, 3] });
    const mask = array([2, 4, 5], new Float64Array(40).fill(1));
    expect(() => reference.groupNorm(x, { numGroups: 2, moments })).toThrow('moments are of 12 groups, but x has 4');
    expect(() => reference.instanceNorm(x, { moments, mask })).toThrow('mask and moments are both given');
    expect(() => reference.instanceNormBackward(dy, x, { moments })).toThrow('need the sums of its gradient');
  });

  it.each<[wrong: string, sums: unknown, words: string]>([
    ['no sums', {}, 'sums is an object; give what gradientSums returns'],
    ['one of the two', { dy: ofGroups(6), count: 40 }, 'dyXhat of sums is no array { data, shape } but undefined'],
    [
      'of no count',
      { dy: ofGroups(6), dyXhat: ofGroups(6) },
      'count of sums is undefined; it must be a positive number',
    ],
    ['of other groups', { dy: ofGroups(5), dyXhat: ofGroups(6), count: 40 }, 'sums are of 5 groups, but x has 6'],
    ['half of other groups', { dy: ofGroups(6), dyXhat: ofGroups(5), count: 40 }, 'sums are of 5 groups, but x has 6'],
    ['of other values', { dy: ofGroups(6), dyXhat: ofGroups(6), count: 39 }, 'sums are of 39 values a group'],
  ])('refuse sums that are %s', (_, sums, words) => {
    const moments = reference.moments(x, { axes: [0, 2, 3] });
    const given = { training: true, moments, sums: sums as GradientSums };
    expect(() => reference.batchNormBackward(dy, x, given)).toThrow(
      expect.objectContaining({ code: 'option', message: expect.stringContaining(words) as string }),
    );
  });

  it('refuse sums without moments, and moments of which one is of other groups', () => {
    const sums = { dy: ofGroups(6), dyXhat: ofGroups(6), count: 40 };
    expect(() => reference.batchNormBackward(dy, x, { training: true, sums })).toThrow(
      'without the moments of the whole',
    );
    const moments = { mean: ofGroups(6), variance: ofGroups(5), count: 40 };
    expect(() => reference.batchNormBackward(dy, x, { training: true, moments, sums })).toThrow(
      'moments are of 5 groups',
    );
  });
});
