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
});
