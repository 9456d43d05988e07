import { describe, expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { encode, HALVES } from '../support/formats.ts';
import { numbersOf, placing } from '../support/fused.ts';
import { affineOf, bitsOf, expectWithinOneUlp, firstDifference, halfCall, openHalfContexts } from '../support/half.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, normalizedByReference, relativeError, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { unitsOff } from '../support/units.ts';

/**
 * Numbers whose squares and sums are no f16, numbers at the ends of a format, spreads of its last bit: results are within a unit of the
 * last place of the exact ones, rounded.
 */

const contexts = part(await openHalfContexts(), 2, 1);

/** Their squares are no f16, or they differ by little more than their last bit. */
const LARGE: Record<string, (random: Random, size: number) => ArrayLike<number>> = {
  'plus and minus 300': (_, size) => Float32Array.from({ length: size }, (__, index) => (index % 2 ? -300 : 300)),
  'around 300': (random, size) => random.normals(size, 300, 10),
  'just below the largest f16': (random, size) =>
    Float32Array.from({ length: size }, () => 65504 - 6000 * random.uniform()),
  'near the largest, of both signs': (random, size) =>
    Float32Array.from({ length: size }, () => (random.uniform() < 0.5 ? 1 : -1) * (65504 - 6000 * random.uniform())),
  'deviation 0.1 about 1e3': (random, size) => random.normals(size, 1e3, 0.1),
};

const CALLS: [name: string, op: Operation, shape: number[], options: Record<string, unknown>, channels: number][] = [
  ['InstanceNorm', 'instanceNorm', [2, 3, 31, 33], {}, 3],
  ['BatchNorm NHWC', 'batchNorm', [2, 31, 33, 4], { layout: 'NHWC', training: true }, 4],
  ['LayerNorm', 'layerNorm', [3, 4096], {}, 4096],
  ['RMSNorm', 'rmsNorm', [3, 4097], {}, 4097],
];

/** One picture, or one row, of 512 by 512. */
const HUGE: typeof CALLS = [
  ['InstanceNorm', 'instanceNorm', [1, 1, 512, 512], {}, 1],
  ['LayerNorm', 'layerNorm', [1, 512 * 512], {}, 1],
  ['RMSNorm', 'rmsNorm', [1, 512 * 512 - 1], {}, 1],
];

describe.each(contexts)('%s plans', (_, context) => {
  describe.each(HALVES)('%s', (dtype) => {
    describe.each(Object.entries(LARGE))('%s', (__, numbers) => {
      it.each(CALLS)('%s', async (...[, op, shape, options, channels]) => {
        const random = new Random(31);
        const data = numbers(random, sizeOf(shape));
        await expectWithinOneUlp(context, halfCall(dtype, op, shape, data, options, affineOf(channels, random)));
      });
    });
  });

  it.each(HUGE)('300 of both signs over 512 by 512: %s', async (...[, op, shape, options]) => {
    const random = new Random(32);
    const data = random.normals(sizeOf(shape), 300, 10).map((value, index) => (index % 2 ? -value : value));
    const fused = halfCall('f16', op, shape, data, options);
    using y = callGpu(fused, placing(context, fused));
    expect(await unitsOff(y, normalizedByReference(fused).y.data, 2)).toBeLessThanOrEqual(1);
  });

  it.each([
    ['f16', 0.1],
    ['f16', -65504],
    ['f16', 2 ** -24],
    ['bf16', 1e36],
  ] as const)('%s: 40000 equal values %d give the bias exactly', async (dtype, value) => {
    for (const [op, shape, options, channels] of [
      ['layerNorm', [1, 40_000], {}, 40_000],
      ['instanceNorm', [1, 200, 200, 3], { layout: 'NHWC' }, 3],
      ['batchNorm', [1, 3, 40_000], { training: true }, 3],
    ] as const) {
      const arrays = affineOf(channels, new Random(33));
      const fused = halfCall(
        dtype,
        op,
        [...shape],
        new Float32Array(sizeOf(shape)).fill(value),
        { ...options },
        arrays,
      );
      const bias = encode(dtype, fused.arrays['bias']!.data);
      const place =
        op === 'batchNorm' ? (index: number) => Math.floor(index / 40_000) : (index: number) => index % channels;
      const exact = Uint16Array.from(fused.x.data, (__, index) => bias[place(index)]!);
      using y = callGpu(fused, placing(context, fused));
      expect(firstDifference(await bitsOf(y), exact), op).toBe(-1);
    }
  });

  /** Sums of these are no f32. What they are divided by must stay below 8e37: beyond, its reciprocal is none. */
  it.each([
    ['1e30, of both signs', -1e30, 1e30, ['instanceNorm', 'layerNorm', 'rmsNorm']],
    ['4e37, of both signs', -4e37, 4e37, ['instanceNorm', 'layerNorm', 'rmsNorm']],
    ['3e38', 2.4e38, 3.3e38, ['instanceNorm', 'layerNorm']],
  ] as const)('bf16 near %s', async (__, least, most, ops) => {
    for (const op of ops) {
      const shape = op === 'instanceNorm' ? [1, 3, 5, 7] : [5, 35];
      const random = new Random(34);
      const data = Float32Array.from({ length: sizeOf(shape) }, () => least + (most - least) * random.uniform());
      const fused = halfCall('bf16', op, shape, data);
      using y = callGpu(fused, placing(context, fused));
      expect(await unitsOff(y, normalizedByReference(fused).y.data, 2), op).toBeLessThanOrEqual(1);
    }
  });

  /** Where a device binds so few arrays that the sum comes first, that holds what no f16 does. */
  it.each([1e25, 1e-25])('a residual of f32 near %d beside f16', async (scale) => {
    const { device, profile } = context;
    using few = await createContext({ device, profile: { ...profile, maxArrays: 3 }, specialize: false });
    const random = new Random(37);
    for (const op of ['layerNorm', 'rmsNorm'] as const) {
      const data = random.normals(5 * 36);
      const { weight } = affineOf(36, random);
      const fused = halfCall('f16', op, [5, 36], data, { eps: 0, outputDtype: 'f32' }, { weight });
      fused.arrays['residual'] = { data: random.normals(5 * 36, 0, scale), shape: [5, 36] };
      fused.x.data.fill(0);
      using y = callGpu(fused, placing(few, fused));
      const exact = normalizedByReference(fused).y;
      expect(relativeError((await y.read('f32')) as Float32Array, exact.data, weight), op).toBeLessThanOrEqual(1e-6);
    }
  });

  /** Adapters may take subnormal numbers of f32 for zeros: beside eps they are. */
  it('bf16 near 1e-38', async () => {
    const random = new Random(35);
    const data = random.normals(1050, 0, 1e-38);
    for (const op of ['layerNorm', 'rmsNorm'] as const) {
      await expectWithinOneUlp(context, halfCall('bf16', op, [30, 35], data, {}, affineOf(35, random)));
    }
  });

  it('f16 so small that it is subnormal, in and out', async () => {
    const random = new Random(36);
    const small = random.normals(35 * 30, 2e-5, 1e-5);
    for (const op of ['layerNorm', 'rmsNorm'] as const) {
      // eps 0: what differs by some of the last bits has the deviation 1.
      await expectWithinOneUlp(context, halfCall('f16', op, [30, 35], small, { eps: 1e-10 }));
      const weight = { data: random.normals(35, 0, 1e-5), shape: [35] };
      const fused = halfCall('f16', op, [30, 35], random.normals(35 * 30), {}, { weight });
      await expectWithinOneUlp(context, fused);
      using y = callGpu(fused, placing(context, fused));
      const numbers = Array.from(await numbersOf(y), Math.abs);
      expect(numbers.filter((value) => value > 0 && value < 2 ** -14).length).toBeGreaterThan(500);
    }
  });

  it('f16 beyond the largest becomes an infinity of its sign, in y and in gradients', async () => {
    const random = new Random(37);
    for (const length of [64, 67]) {
      const weight = { data: new Float32Array(length).fill(6e4), shape: [length] };
      const x = random.normals(length * 5);
      const fused = halfCall('f16', 'layerNorm', [5, length], x, {}, { weight });
      await expectWithinOneUlp(context, fused);
      using y = callGpu(fused, placing(context, fused));
      const infinite = Array.from(await numbersOf(y)).filter((value) => Math.abs(value) === Infinity);
      expect(new Set(infinite)).toEqual(new Set([Infinity, -Infinity]));
      // A deviation of 1e-5: gradients are 1e5 times what arrives.
      const flat = halfCall(
        'f16',
        'layerNorm',
        [5, length],
        x.map((value) => value * 1e-5),
        { eps: 0 },
      );
      await expectWithinOneUlp(context, flat);
    }
  });
});
