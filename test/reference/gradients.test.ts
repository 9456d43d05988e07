import { describe, expect, it } from 'vitest';
import * as reference from '../../src/reference/index.ts';
import { modes } from '../gpu/support/modes.ts';
import type { Mode, Size } from '../gpu/support/modes.ts';
import { Random } from '../gpu/support/random.ts';
import { fill, sizeOf } from '../gpu/support/run.ts';
import { differences, GRADIENT_OF, gradientsByReference } from '../gpu/support/gradients.ts';
import { array, expectClose } from './arrays.ts';

const SIZES: Size[] = [
  { N: 3, C: 4, L: 6 },
  { N: 2, C: 3, L: 5 },
  { N: 1, C: 1, L: 7 },
  { N: 4, C: 2, L: 1 },
];

const cases = modes.flatMap((mode) =>
  mode.layouts.flatMap((layout) =>
    SIZES.filter((size) => !mode.refuses?.(size)).map((size) => ({ name: mode.name, mode, layout, size })),
  ),
);

/** What differences leave of the truth, relative to the largest element. */
const STEP_ERROR = 2e-6;

/** Modes by differences: (G6), (G8) of mean and variance, (G9), (G10), (G12), (G13) of running statistics and (G16). */

describe('gradients of the reference', () => {
  it.each(cases)('are the slopes of its values: $name $layout $size', ({ mode, layout, size }) => {
    const filled = fill(mode as Mode, mode.call(size, layout), 'both', new Random(11));
    const dy = { data: new Random(12).normals(sizeOf(filled.x.shape), 0.3), shape: filled.x.shape };
    const gradients = gradientsByReference(filled, dy);
    expect(Object.keys(gradients).toSorted()).toEqual(
      Object.keys(GRADIENT_OF)
        .filter((name) => name === 'dx' || filled.arrays[GRADIENT_OF[name as 'dx']])
        .toSorted(),
    );
    for (const [name, gradient] of Object.entries(gradients)) {
      const slopes = differences(filled, GRADIENT_OF[name as 'dx'], dy);
      const largest = Math.max(1, ...slopes.map(Math.abs));
      gradient.data.forEach((value, index) =>
        expect(Math.abs(value - slopes[index]!) / largest, `${name} ${index}`).toBeLessThan(STEP_ERROR),
      );
    }
  });

  it('are constant divisors where eps took the place of a norm (G13), and where it is exactly eps are not', () => {
    const x = { data: [0.3, 0.4], shape: [2] };
    const dy = { data: [1, 2], shape: [2] };
    const dxOf = (statistic: 'l2' | 'l1' | 'sum', eps: number): number[] => [
      ...reference.normalizeBackward(dy, x, { axes: 0, statistic, eps }).dx.data,
    ];
    for (const statistic of ['l2', 'l1', 'sum'] as const) expect(dxOf(statistic, 2)).toEqual([0.5, 1]);
    const exact = { data: [3, 4], shape: [2] };
    const at = reference.normalizeBackward(dy, exact, { axes: 0, statistic: 'l2', eps: 5 }).dx.data;
    expect(at[0]).toBeCloseTo((1 - 0.6 * 2.2) / 5, 12);
    expect(at[1]).toBeCloseTo((2 - 0.8 * 2.2) / 5, 12);
  });

  it('of |x| are 0 at 0 (G10), and of a group without spread are 0', () => {
    const l1 = reference.normalizeBackward(
      { data: [1, 0], shape: [2] },
      { data: [0, 2], shape: [2] },
      { axes: 0, statistic: 'l1' },
    );
    expect([...l1.dx.data]).toEqual([0.5, 0]);
    const flat = { data: [7, 7, 7], shape: [3] };
    const { dx } = reference.layerNormBackward({ data: [1, 2, 3], shape: [3] }, flat, { eps: 0 });
    expect(dx.data.every((value) => value === 0)).toBe(true);
  });

  it('of LayerNorm by hand (G6, G8)', () => {
    // x = (-1, 1), eps 0: x_hat = x, rstd = 1; g = (1, 3) has mean 2 and mean(g · x_hat) = 1, so that nothing is left of it.
    const { dx, dweight, dbias } = reference.layerNormBackward(
      { data: [1, 1], shape: [2] },
      { data: [-1, 1], shape: [2] },
      { eps: 0, weight: { data: [1, 3], shape: [2] }, bias: { data: [0, 0], shape: [2] } },
    );
    expect([...dx.data]).toEqual([0, 0]);
    expect([...dweight!.data]).toEqual([-1, 1]);
    expect([...dbias!.data]).toEqual([1, 1]);
  });

  /** dy is 1, 2, 3. */
  it.each<{ line: string; statistic: reference.Statistic; x: number[]; dx: number[] }>([
    // rstd 1/5, x_hat 0.2, 1.4: sum(g · x_hat) is 3.
    { line: 'G9', statistic: 'rms', x: [1, 7], dx: [(1 - 0.2 * 1.5) / 5, (2 - 1.4 * 1.5) / 5] },
    // rstd 1/5, x_hat 0.6, 0.8: sum(g · x_hat) is 2.2.
    { line: 'G9', statistic: 'l2', x: [3, 4], dx: [(1 - 0.6 * 2.2) / 5, (2 - 0.8 * 2.2) / 5] },
    // rstd 1/4, x_hat 0.25, -0.75: sum(g · x_hat) is -1.25.
    { line: 'G10', statistic: 'l1', x: [1, -3], dx: [(1 + 1.25) / 4, (2 - 1.25) / 4] },
    // rstd 1/4, x_hat 0.25, -1, 1: sum(g · x_hat) is 1.25, shared by two.
    { line: 'G11', statistic: 'linf', x: [1, -4, 4], dx: [1 / 4, (2 + 0.625) / 4, (3 - 0.625) / 4] },
    // rstd 1/4, x_hat 0.25, 0.75: sum(g · x_hat) is 1.75.
    { line: 'G12', statistic: 'sum', x: [1, 3], dx: [(1 - 1.75) / 4, (2 - 1.75) / 4] },
  ])('of $statistic by hand ($line)', ({ statistic, x, dx }) => {
    const dy = array([x.length], [1, 2, 3].slice(0, x.length));
    const options = { axes: 0, statistic, eps: 0 };
    expectClose(reference.normalizeBackward(dy, array([x.length], x), options).dx, array([x.length], dx));
  });

  it('of AdaIN by hand (G16)', () => {
    // x_hat is -1, 1; the style has mean 10 and deviation 2; sum(dz) is 4 and sum(dz · x_hat) is 2, each over two.
    const [x, style, dy] = [array([1, 1, 2], [3, 5]), array([1, 1, 2], [8, 12]), array([1, 1, 2], [1, 3])];
    const { dx, dstyle } = reference.adaptiveInstanceNormBackward(dy, x, style, { eps: 0 });
    expectClose(dstyle, array([1, 1, 2], [2 - 1, 2 + 1]));
    expectClose(dx, array([1, 1, 2], [0, 0]));
  });

  it('of a batch in three parts are those of the whole', () => {
    const random = new Random(13);
    const [N, C, L] = [7, 3, 5];
    const whole = { data: random.normals(N * C * L, 2), shape: [N, C, L] };
    const dy = { data: random.normals(N * C * L), shape: [N, C, L] };
    const affine = { weight: { data: random.normals(C), shape: [C] }, bias: { data: random.normals(C), shape: [C] } };
    const options = { training: true, ...affine };
    const exact = reference.batchNormBackward(dy, whole, options);
    const parts = [0, 1, 4].map((from, index, all) => {
      const to = all[index + 1] ?? N;
      const cut = ({ data }: { data: Float32Array }): reference.NdArray => ({
        data: data.subarray(from * C * L, to * C * L),
        shape: [to - from, C, L],
      });
      return { x: cut(whole), dy: cut(dy) };
    });
    const moments = reference.mergeMoments(parts.map(({ x }) => reference.moments(x, { axes: [0, 2] })));
    const local = parts.map((part) => reference.gradientSums(part.dy, part.x, { ...options, moments }));
    const added = (name: 'dy' | 'dyXhat'): reference.NdArray => ({
      data: Array.from({ length: C }, (_, c) => local.reduce((sum, one) => sum + one[name].data[c]!, 0)),
      shape: [C],
    });
    const sums = { dy: added('dy'), dyXhat: added('dyXhat'), count: N * L };
    const results = parts.map((part) => reference.batchNormBackward(part.dy, part.x, { ...options, moments, sums }));
    const dx = results.flatMap((result) => [...result.dx.data]);
    exact.dx.data.forEach((value, index) => expect(dx[index]).toBeCloseTo(value, 12));
    exact.dweight!.data.forEach((value, c) =>
      expect(results.reduce((sum, one) => sum + one.dweight!.data[c]!, 0)).toBeCloseTo(value, 11),
    );
    expect(() => reference.batchNormBackward(dy, whole, { ...options, moments })).toThrow(/need the sums/);
  });

  it('refuse a dy of another shape', () => {
    const x = { data: [1, 2, 3, 4], shape: [2, 2] };
    expect(() => reference.rmsNormBackward({ data: [1, 2, 3, 4], shape: [4] }, x)).toThrow(/dy has shape \[4\]/);
  });
});
