import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchNorm, batchNormBackward, batchNormForward } from '../../../src/index.ts';
import type { Context } from '../../../src/index.ts';
import { MANY } from '../../setup/rounds.mjs';
import { openContexts } from '../support/contexts.ts';
import { roundTo } from '../support/formats.ts';
import type { Format } from '../support/formats.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { plain } from '../support/plain.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { seed } from '../support/seed.ts';
import { drawn, part } from '../support/sweeps.ts';

/** Arrays of [N,C] hold a row a sample and a number a channel, in whichever order x has these axes: (G7) and (G15) of gate, scale and shift. */

const contexts = Object.entries(await openContexts());

/** Modes with a layout, and the statistics they are given. */
const MODES: [name: string, op: Filled['op'], options: Record<string, unknown>, given?: 'running' | 'style'][] = [
  ['batchNorm in training', 'batchNorm', { training: true }],
  ['batchNorm in inference', 'batchNorm', {}, 'running'],
  ['instanceNorm', 'instanceNorm', {}],
  ['instanceNorm with running statistics', 'instanceNorm', { useInputStats: false }, 'running'],
  ['groupNorm', 'groupNorm', { numGroups: 2 }],
  ['adaptiveInstanceNorm', 'adaptiveInstanceNorm', {}, 'style'],
];
const LAYOUTS = ['CNT', 'CHN', 'HCN', 'CWN', 'HCNT', 'HCDN', 'CNDT', 'NCT', 'NTC'];
const DTYPES: readonly Format[] = ['f32', 'f16', 'bf16'];
const SIZES: Record<string, number> = { N: 3, C: 4, T: 6, H: 5, W: 7, D: 2 };

/** The largest error relative to the largest result: a few units of the format. */
const BOUNDS: Record<Format, number> = { f32: 2 ** -17, f16: 2 ** -8, bf16: 2 ** -5 };

/** A mode's call with a gated residual, a scale and a shift, each a row a sample. */
function callOf(
  [, op, options, given]: (typeof MODES)[number],
  layout: string,
  sizes: Record<string, number>,
  stored: { dtype: Format; like: boolean },
  random: Random,
  affine = false,
): Fused {
  const shape = [...layout].map((letter) => sizes[letter]!);
  const normals = (of: number[], mean = 0) => ({ data: random.normals(sizeOf(of), mean), shape: of });
  const perSample = (): Filled['x'] => normals([sizes['N']!, sizes['C']!]);
  const perChannel = (mean: number): Filled['x'] => normals([sizes['C']!], mean);
  const arrays: Filled['arrays'] = {
    residual: normals(shape),
    gate: perSample(),
    scale: perSample(),
    shift: perSample(),
  };
  if (affine && given !== 'style') Object.assign(arrays, { weight: perChannel(1), bias: perChannel(0) });
  if (given === 'style') arrays['style'] = normals(shape, 1);
  if (given === 'running') {
    arrays['runningMean'] = perChannel(0);
    const { data, shape: of } = perChannel(0);
    arrays['runningVar'] = { data: data.map((value) => 1 + value * value), shape: of };
  }
  return rounded({ op, x: normals(shape), options: { ...options, layout, eps: 0.01 }, arrays }, stored);
}

async function expectRowsOfSamples(context: Context, fused: Fused, random: Random): Promise<void> {
  const dtype = fused.dtypes['x']!;
  const dy = gradientFor(fused, random);
  const exact = plain(fused, dy.data, (value) => roundTo(dtype, value));
  const actual = await resultsOf(context, fused, dy);
  for (const name of ['y', 'residualOut', 'dx', 'dresidual', 'dgate', 'dscale', 'dshift']) {
    expect(relativeError(actual[name]!, exact[name]!), name).toBeLessThanOrEqual(BOUNDS[dtype]);
  }
  expect(relativeError(actual['alone']!, exact['y']!), 'y where nothing is saved').toBeLessThanOrEqual(BOUNDS[dtype]);
}

describe.each(part(contexts, 2, 1))('%s plans', (_, context) => {
  const still = (channels: number) => ({
    eps: 0,
    runningMean: context.tensor(new Float32Array(channels), [channels]),
    runningVar: context.tensor(new Float32Array(channels).fill(1), [channels]),
  });
  const rows = context.tensor([0, 1, 10, 11, 20, 21], [3, 2]);

  it('CNT: a shift of [3,2] moves the sample of each row, and its gradient has a row a sample', async () => {
    const x = context.tensor(new Float32Array(6), [2, 3, 1]);
    const { y, saved } = batchNormForward(x, { layout: 'CNT', ...still(2), modulation: { shift: rows } });
    expect([...(await y.read())]).toEqual([0, 10, 20, 1, 11, 21]);
    const { dshift } = batchNormBackward(context.tensor([1, 2, 3, 4, 5, 6], [2, 3, 1]), saved);
    expect([...(await dshift!.read())]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('CNT: a scale of [3,2] multiplies the sample of each row, and its gradient has a row a sample', async () => {
    const x = context.tensor(new Float32Array(6).fill(1), [2, 3, 1]);
    const { y, saved } = batchNormForward(x, { layout: 'CNT', ...still(2), modulation: { scale: rows } });
    expect(relativeError(await y.read(), [1, 11, 21, 2, 12, 22])).toBeLessThanOrEqual(BOUNDS.f32);
    const { dscale } = batchNormBackward(context.tensor([1, 2, 3, 4, 5, 6], [2, 3, 1]), saved);
    expect(relativeError(await dscale!.read(), [1, 4, 2, 5, 3, 6])).toBeLessThanOrEqual(BOUNDS.f32);
  });

  it('CNT: a gate of [3,2] multiplies the residual of the sample of each row, and its gradient has a row a sample', async () => {
    const x = context.tensor(new Float32Array(6), [2, 3, 1]);
    const residual = context.tensor(new Float32Array(6).fill(1), [2, 3, 1]);
    const { y, saved } = batchNormForward(x, { layout: 'CNT', ...still(2), residual, gate: rows });
    expect(relativeError(await y.read(), [0, 10, 20, 1, 11, 21])).toBeLessThanOrEqual(BOUNDS.f32);
    const { dgate } = batchNormBackward(context.tensor([1, 2, 3, 4, 5, 6], [2, 3, 1]), saved);
    expect(relativeError(await dgate!.read(), [1, 4, 2, 5, 3, 6])).toBeLessThanOrEqual(BOUNDS.f32);
  });

  it('CN: a shift of [3,2] for x of [2,3] is [N,C]', async () => {
    const y = batchNorm(context.tensor(new Float32Array(6), [2, 3]), {
      layout: 'CN',
      ...still(2),
      modulation: { shift: rows },
    });
    expect([...(await y.read())]).toEqual([0, 10, 20, 1, 11, 21]);
  });

  it('CN: with as many samples as channels it still is', async () => {
    const shift = context.tensor([1, 2, 3, 4], [2, 2]);
    const y = batchNorm(context.tensor(new Float32Array(4), [2, 2]), {
      layout: 'CN',
      ...still(2),
      modulation: { shift },
    });
    expect([...(await y.read())]).toEqual([1, 3, 2, 4]);
  });

  it('CN: a factor and an addend of the shape of x lie as it does, with as many samples as channels too', async () => {
    const x = context.tensor([0, 0, 0, 0], [2, 2]);
    const [by, add] = [context.tensor([1, 2, 3, 4], [2, 2]), context.tensor([5, 6, 7, 8], [2, 2])];
    const bias = context.tensor([1, 10], [2]);
    const { y, saved } = batchNormForward(x, { layout: 'CN', ...still(2), bias, multiply: { by }, add });
    expect([...(await y.read())]).toEqual([6, 8, 37, 48]);
    const { dby, dadd } = batchNormBackward(context.tensor([1, 2, 3, 4], [2, 2]), saved);
    expect([...(await dby!.read())]).toEqual([1, 2, 30, 40]);
    expect([...(await dadd!.read())]).toEqual([1, 2, 3, 4]);
  });

  const places = LAYOUTS.flatMap((layout) => MODES.map((mode) => ({ layout, mode, name: mode[0] })));

  describe.each([...DTYPES.entries()])('%d: %s', (first, dtype) => {
    it.each(part(places, MANY, 5 * first))('$layout, $name', async ({ layout, mode }) => {
      const random = new Random(211);
      const fused = callOf(mode, layout, SIZES, { dtype, like: layout.length > 3 }, random);
      await expectRowsOfSamples(context, fused, random);
    });
  });

  it(`axes in any order (seed ${seed})`, async () => {
    const calls = fc.record({
      mode: fc.constantFrom(...MODES),
      layout: fc
        .subarray(['H', 'W', 'T'])
        .chain((more) => fc.shuffledSubarray(['N', 'C', ...more], { minLength: more.length + 2 }))
        .map((letters) => letters.join('')),
      sizes: fc.record({
        N: fc.integer({ min: 1, max: 6 }),
        C: fc.integer({ min: 1, max: 4 }).map((half) => 2 * half),
        H: fc.integer({ min: 3, max: 9 }),
        W: fc.integer({ min: 3, max: 5 }),
        T: fc.integer({ min: 3, max: 4 }),
      }),
      dtype: fc.constantFrom(...DTYPES),
      like: fc.boolean(),
      affine: fc.boolean(),
      numbers: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(calls, async ({ mode, layout, sizes, dtype, like, affine, numbers }) => {
        // Of two axes there is a value a group where each sample has statistics of its own, and a few where samples share them.
        fc.pre(layout.length > 2 || (mode[1] === 'batchNorm' ? sizes.N > 2 : mode[1] === 'groupNorm' && sizes.C > 4));
        const random = new Random(numbers);
        const fused = callOf(mode, layout, sizes, { dtype, like }, random, affine);
        await expectRowsOfSamples(context, fused, random);
      }),
      { seed, numRuns: drawn(40) },
    );
  });
});
