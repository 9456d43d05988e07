import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layerNormForward, normalizeBackward, normalizeForward } from '../../../src/index.ts';
import * as reference from '../../../src/reference/index.ts';
import { boundOf } from '../support/bounds.ts';
import { openContexts } from '../support/contexts.ts';
import { modes } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { fillGradient, gradientErrors } from '../support/gradients.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { seed } from '../support/seed.ts';
import { drawn } from '../support/sweeps.ts';

const contexts = Object.values(await openContexts());
const bound = boundOf(modes[0]!);

/** Shapes of up to eight axes, whose sizes leave the product below twenty thousand. */
const shapes = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(4, 8, 12, 16, 33, 64, 127)), {
    minLength: 1,
    maxLength: 8,
  })
  .map((sizes) => {
    let product = 1;
    return sizes.map((size) => (product * size <= 20_000 ? ((product *= size), size) : 1));
  });

it(`normalize over any axes, by any statistic, with parameters that broadcast (seed ${seed})`, async () => {
  const calls = shapes.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axes: fc.subarray([...shape.keys()], { minLength: 1 }),
      statistic: fc.constantFrom('mean-variance', 'rms', 'l2', 'l1', 'sum'),
      eps: fc.constantFrom(undefined, 0, 1e-3),
      weight: fc.option(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length })),
      bias: fc.option(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length })),
      numbers: fc.nat(),
      mean: fc.constantFrom(0, 0.5, 100),
    }),
  );
  await fc.assert(
    fc.asyncProperty(calls, async ({ shape, axes, statistic, eps, weight, bias, numbers, mean }) => {
      const random = new Random(numbers);
      const data = random.normals(sizeOf(shape), mean).map((value) => (statistic === 'sum' ? Math.abs(value) : value));
      const parameter = (varies: boolean[] | null): reference.NdArray<Float32Array<ArrayBuffer>> | undefined => {
        if (!varies) return undefined;
        const own = shape.map((size, axis) => (varies[axis] ? size : 1));
        const from = own.findIndex((size) => size > 1);
        const trimmed = from < 0 ? [1] : own.slice(from);
        return { data: random.normals(sizeOf(trimmed)), shape: trimmed };
      };
      const arrays = { weight: parameter(weight), bias: parameter(bias) };
      const options = { axes, statistic, ...(eps === undefined ? {} : { eps }) };
      const exact = reference.normalize({ data, shape }, { ...options, ...arrays }).y.data;
      for (const context of contexts) {
        const tensor = (array: reference.NdArray | undefined) => array && context.tensor(array.data, array.shape);
        const tensors = { weight: tensor(arrays.weight), bias: tensor(arrays.bias) };
        const { y, saved } = normalizeForward(context.tensor(data, shape), { ...options, ...tensors });
        expect(relativeError(await y.read(), exact, arrays.weight, arrays.bias)).toBeLessThanOrEqual(bound);
        const given = Object.fromEntries(Object.entries(arrays).filter(([, array]) => array)) as Filled['arrays'];
        const filled: Filled = { op: 'normalize', x: { data, shape }, options, arrays: given };
        const dy = fillGradient(filled, new Random(numbers + 1));
        const errors = await gradientErrors(filled, dy, normalizeBackward(context.tensor(dy.data, shape), saved));
        for (const [name, error] of Object.entries(errors)) expect(error, name).toBeLessThanOrEqual(2 * bound);
      }
    }),
    { seed, numRuns: drawn(75) },
  );
});

it(`layerNorm saves the mean and the rstd it used (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.nat(), async (shape, numbers) => {
      const data = new Random(numbers).normals(sizeOf(shape), 10);
      const exact = reference.layerNorm({ data, shape });
      for (const context of contexts) {
        const { y, saved } = layerNormForward(context.tensor(data, shape));
        expect(saved.mean.shape).toEqual(exact.mean.shape);
        expect(relativeError(await saved.mean.read(), exact.mean.data)).toBeLessThanOrEqual(2 ** -23);
        expect(relativeError(await saved.rstd.read(), exact.rstd.data)).toBeLessThanOrEqual(bound);
        y.destroy();
        saved.destroy();
      }
    }),
    { seed, numRuns: drawn(20) },
  );
});
