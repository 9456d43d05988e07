import { describe, expect, it } from 'vitest';
import * as reference from '../../src/reference/index.ts';
import type { NdArray } from '../../src/reference/index.ts';
import { differences, gradientsByReference, GRADIENT_OF } from '../gpu/support/gradients.ts';
import type { Operation } from '../gpu/support/modes.ts';
import { Random } from '../gpu/support/random.ts';
import { sizeOf } from '../gpu/support/run.ts';
import type { Filled } from '../gpu/support/run.ts';
import { array, expectClose, randomArray } from './arrays.ts';

/** Masks of LayerNorm, RMSNorm and GroupNorm: of sequences that end early, and slopes (G17). */

const LENGTHS = [3, 5];
const [T, C] = [5, 4];
const mask = array(
  [2, T],
  LENGTHS.flatMap((length) => Array.from({ length: T }, (_, t) => (t < length ? 1 : 0))),
);
const x = randomArray([2, T, C]);

const sequence = ({ data }: NdArray, n: number): NdArray =>
  array([1, LENGTHS[n]!, C], Array.from(data).slice(n * T * C, n * T * C + LENGTHS[n]! * C));

describe('a mask', () => {
  const layouts = {
    groupNorm: { numGroups: 2, layout: 'NLC' },
    layerNorm: { axes: [1, 2] },
    rmsNorm: { axes: [1, 2] },
  };

  it.each(Object.keys(layouts) as (keyof typeof layouts)[])('gives each sequence what it has alone: %s', (op) => {
    const call = reference[op] as (x: NdArray, options: object) => reference.Normalized;
    const { y } = call(x, { ...layouts[op], mask });
    LENGTHS.forEach((_, n) => expectClose(sequence(y, n), call(sequence(x, n), layouts[op]).y));
  });

  it.each(['layerNorm', 'rmsNorm'] as const)('of each token by itself leaves statistics as they are: %s', (op) => {
    const { y } = reference[op](x);
    expectClose(reference[op](x, { mask }).y, y);
    const { y: shown } = reference[op](x, { mask, maskOutput: true });
    const rows = Array.from(y.data, (value, index) => (mask.data[Math.floor(index / C)] === 0 ? 0 : value));
    expectClose(shown, array([2, T, C], rows));
  });

  it('of as many axes as x repeats along those of size 1', () => {
    const byChannel = array([2, 1, C], [1, 1, 0, 1, 0, 1, 1, 1]);
    const byElement = array(
      [2, T, C],
      Array.from({ length: 2 * T * C }, (_, i) => byChannel.data[Math.floor(i / 20) * C + (i % C)]!),
    );
    const of = (each: NdArray): NdArray => reference.layerNorm(x, { axes: [1, 2], mask: each }).y;
    expectClose(of(byChannel), of(byElement));
  });

  it('is refused with partial, and with an unbiased variance of what it leaves', () => {
    expect(() => reference.rmsNorm(x, { mask, partial: 0.5 })).toThrow('mask and partial');
    expect(() => reference.layerNorm(x, { axes: [1, 2], mask, unbiased: true })).toThrow('mask and unbiased');
    expect(() => reference.layerNorm(x, { mask, unbiased: true })).not.toThrow();
  });

  it('is refused with a rotation whose pairs it would tear apart', () => {
    const table = array(
      [T, C / 2],
      Array.from({ length: (T * C) / 2 }, () => 1),
    );
    const rotary = { cos: table, sin: table, tokenAxis: 1 };
    const byChannel = array([1, 1, C], [1, 0, 1, 1]);
    const call = (each: NdArray, maskOutput: boolean) => () =>
      reference.layerNorm(x, { mask: each, maskOutput, rotary });
    expect(call(byChannel, true)).toThrow('mask and rotary');
    expect(call(byChannel, false)).not.toThrow();
    expect(call(mask, true)).not.toThrow();
  });

  const calls = (Object.keys(layouts) as Operation[]).flatMap((op) =>
    [false, true].map((maskOutput) => ({ op, maskOutput })),
  );

  it.each(calls)('has the slopes of its values for gradients: $op, maskOutput $maskOutput', ({ op, maskOutput }) => {
    const random = new Random(21);
    const numbers = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean), shape });
    const affine = op === 'groupNorm' ? [C] : [T, C];
    const filled: Filled = {
      op,
      x: numbers([2, T, C], 1),
      options: { ...layouts[op as 'rmsNorm'], maskOutput, activation: 'tanh' },
      arrays: {
        weight: numbers(affine, 1),
        bias: numbers(affine),
        mask: { data: Float32Array.from(mask.data), shape: [2, T] },
      },
    };
    const dy = numbers([2, T, C], 0.3);
    for (const [name, { data }] of Object.entries(gradientsByReference(filled, dy))) {
      const slopes = differences(filled, GRADIENT_OF[name as 'dx'], dy);
      data.forEach((value, index) => expect(Math.abs(value - slopes[index]!), `${name} ${index}`).toBeLessThan(1e-5));
    }
  });
});
