import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { placeAt } from '../support/placed.ts';
import { Random } from '../support/random.ts';
import { relativeError } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Starts that are wrong, which only the GPU sees, and sequences that are long. */

const contexts = Object.entries(await openContexts());
const [T, C] = [20, 6];

const STARTS: Record<string, number[]> = {
  'beyond x': [0, 7, 400, 4_000_000_000],
  'not ascending': [0, 12, 5, 20],
  'all beyond x': [4_294_967_295, 4_294_967_294, 4_294_967_295],
  'short of x': [3, 9, 15],
};

describe.each(part(contexts, 2))('%s plans', (_, context) => {
  const calls = {
    instanceNorm: (x: Tensor, options: object) => norm.instanceNormForward(x, options),
    groupNorm: (x: Tensor, options: object) => norm.groupNormForward(x, { ...options, numGroups: 2 }),
    layerNorm: (x: Tensor, options: object) => norm.layerNormForward(x, options),
  };
  const backwards: Record<keyof typeof calls, norm.NormBackward> = {
    instanceNorm: norm.instanceNormBackward,
    groupNorm: norm.groupNormBackward,
    layerNorm: norm.layerNormBackward,
  };
  const cases = Object.entries(STARTS).flatMap(([name, starts]) =>
    (Object.keys(calls) as (keyof typeof calls)[]).map((op) => ({ name, starts, op })),
  );

  it.each(cases)('starts $name: $op touches nothing else, and is right where a sequence is', async ({ starts, op }) => {
    const data = new Random(61).normals(T * C, 1);
    const segments = context.tensor(Uint32Array.from(starts), [starts.length], { dtype: 'u32' });
    const out = placeAt(context, new Float32Array(T * C).fill(77), [T, C], 'f32', 64);
    const dx = placeAt(context, new Float32Array(T * C).fill(77), [T, C], 'f32', 64);
    const x = context.tensor(data, [T, C]);
    const weight = context.tensor(new Float32Array(C).fill(1), [C]);
    const { saved } = calls[op](x, { segments, weight, out: out.tensor });
    const { dweight } = backwards[op](x, saved, { out: { dx: dx.tensor } });
    expect(await out.untouched(), 'out').toBe(true);
    expect(await dx.untouched(), 'dx').toBe(true);
    expect((await dweight!.read()).every(Number.isFinite)).toBe(true);

    const y = await out.tensor.read();
    const clamped = starts.map((start) => Math.min(start, T));
    const covered = Array.from({ length: T }, () => 0);
    clamped.slice(1).forEach((end, index) => {
      for (let row = clamped[index]!; row < end; row++) covered[row]!++;
    });
    for (const [row, times] of covered.entries()) {
      if (times === 0)
        expect([...y.subarray(row * C, row * C + C)], `row ${row}`).toEqual(Array.from({ length: C }, () => 77));
    }
    for (const [index, end] of clamped.slice(1).entries()) {
      const start = clamped[index]!;
      if (end <= start || covered.slice(start, end).some((times) => times > 1)) continue;
      const alone = context.tensor(data.slice(start * C, end * C), [end - start, C]);
      const whole = context.tensor(Uint32Array.of(0, end - start), [2], { dtype: 'u32' });
      const { y: wanted } = calls[op](alone, { segments: whole, weight });
      expect(relativeError(y.subarray(start * C, end * C), await wanted.read())).toBeLessThanOrEqual(2 ** -20);
    }
  });

  it('a long sequence far from zero beside a short one is as exact as that', async () => {
    const [rows, channels, mean] = [120_000, 4, 1000];
    const data = new Random(62).normals(rows * channels, mean);
    const x = context.tensor(data, [rows, channels]);
    const segments = context.tensor(Uint32Array.of(0, 5, rows), [3], { dtype: 'u32' });
    const { saved } = norm.instanceNormForward(x, { segments });
    const [means, rstds] = [await saved.mean.read(), await saved.rstd.read()];
    for (let channel = 0; channel < channels; channel++) {
      const values = Array.from({ length: rows - 5 }, (__, row) => data[(row + 5) * channels + channel]!);
      const exact = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - exact) ** 2, 0) / values.length;
      expect(Math.abs(means[channels + channel]! / exact - 1)).toBeLessThanOrEqual(2 ** -23);
      expect(Math.abs(rstds[channels + channel]! * Math.sqrt(variance + 1e-5) - 1)).toBeLessThanOrEqual(2 ** -20);
    }
  });

  it('no rows, or no sequence with one: results without elements, gradients of zeros', async () => {
    const segments = context.tensor(Uint32Array.of(0, 0, 0), [3], { dtype: 'u32' });
    const weight = context.tensor(new Float32Array(C).fill(1), [C]);
    const { y, saved } = norm.instanceNormForward(context.empty([0, C]), { segments, weight });
    expect(y.shape).toEqual([0, C]);
    const { dweight } = norm.instanceNormBackward(context.empty([0, C]), saved);
    expect([...(await dweight!.read())]).toEqual(Array.from({ length: C }, () => 0));
  });

  it('warm calls with other starts need no other plan', () => {
    const x = context.tensor(new Random(63).normals(T * C), [T, C]);
    const [a, b] = [
      [0, 3, T],
      [0, 15, T],
    ].map((starts) => context.tensor(Uint32Array.from(starts), [3], { dtype: 'u32' }));
    const plansAfter = (segments: Tensor): number => {
      norm.instanceNorm(x, { segments }).destroy();
      return context.memory().plans;
    };
    expect(plansAfter(a!)).toBe(plansAfter(b!));
  });
});
