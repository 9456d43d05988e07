import { describe, expect, it } from 'vitest';
import * as norm from '../../src/index.ts';
import type { Context, Tensor } from '../../src/index.ts';
import type { NdArray } from '../../src/reference/index.ts';
import { openContexts } from './support/contexts.ts';
import { encode, roundTo } from './support/formats.ts';
import type { Format, Half } from './support/formats.ts';
import { fusedErrors, numbersOf, placing, pullFor, unitsOff } from './support/fused.ts';
import type { Fused } from './support/fused.ts';
import { backwardOf, gradientsByReference } from './support/gradients.ts';
import type { Operation } from './support/modes.ts';
import { Random } from './support/random.ts';
import { callGpuSaving, normalizedByReference, sizeOf } from './support/run.ts';
import type { Place } from './support/run.ts';

/**
 * Numbers on which kernels in half precision fail: squares and sums that are no f16, numbers at the ends of the format, spreads of its
 * last bit, rows that share words with their neighbours. Results are within a unit of the last place of the rounded exact ones.
 */

const plans = await openContexts();
const { device } = plans.software;
const packing = await norm.createContext({ device, profile: { software: true, parallel: 64, f16: false } });
/** Where halves can be stored one by one, also as where they cannot. */
const contexts = Object.entries<Context>(device.features.has('shader-f16') ? { ...plans, packing } : { ...plans });
const HALVES = ['f16', 'bf16'] as const;

type Numbers = ArrayLike<number>;
type Arrays = Record<string, NdArray>;
type Options = Record<string, unknown>;

/** A call of numbers as the format holds them, parameters too. */
function callOf(
  dtype: Half,
  op: Operation,
  shape: number[],
  data: Numbers,
  options: Options = {},
  arrays: Arrays = {},
): Fused {
  const dtypes: Fused['dtypes'] = { x: dtype, dy: dtype };
  const round = (array: NdArray, format: Format): Fused['x'] => ({
    data: Float32Array.from(array.data, (value) => roundTo(format, value)),
    shape: [...array.shape],
  });
  const stored: Fused['arrays'] = {};
  for (const [name, array] of Object.entries(arrays)) stored[name] = round(array, (dtypes[name] = dtype));
  return { op, x: round({ data, shape }, dtype), options, arrays: stored, dtypes };
}

function affine(size: number, random: Random): Arrays {
  const shape = [size];
  return { weight: { data: random.normals(size, 1, 0.3), shape }, bias: { data: random.normals(size), shape } };
}

/** Every result of a call and its gradient. */
async function expectRight(context: Context, fused: Fused): Promise<void> {
  const errors = await fusedErrors(context, fused, pullFor(fused, new Random(3), 0), null);
  for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
}

async function bitsOf(tensor: Tensor): Promise<Uint16Array> {
  const { buffer, byteOffset, byteLength } = (await tensor.read(tensor.dtype)) as unknown as Uint16Array;
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** The bits of y and of all gradients. */
async function bitsOfAll(
  context: Context,
  fused: Fused,
  dy: Fused['x'],
  place: Place = placing(context, fused),
): Promise<Record<string, Uint16Array>> {
  const { y, saved } = callGpuSaving(fused, place);
  const gradients = backwardOf(fused.op)(place(dy, 'dy'), saved);
  const bits: Record<string, Uint16Array> = {};
  for (const [name, tensor] of Object.entries({ y, ...gradients })) {
    bits[name] = await bitsOf(tensor);
    tensor.destroy();
  }
  saved.destroy();
  return bits;
}

/** The first element whose bits differ, of those that `counts` takes; -1 where there is none. */
function firstDifference(a: Uint16Array, b: Uint16Array, counts: (index: number) => boolean = () => true): number {
  return a.findIndex((bits, index) => bits !== b[index] && counts(index));
}

/** Their squares are no f16, or they differ by little more than their last bit. */
const LARGE: Record<string, (random: Random, size: number) => Numbers> = {
  'plus and minus 300': (_, size) => Float32Array.from({ length: size }, (__, index) => (index % 2 ? -300 : 300)),
  'around 300': (random, size) => random.normals(size, 300, 10),
  'just below the largest f16': (random, size) =>
    Float32Array.from({ length: size }, () => 65504 - 6000 * random.uniform()),
  'near the largest, of both signs': (random, size) =>
    Float32Array.from({ length: size }, () => (random.uniform() < 0.5 ? 1 : -1) * (65504 - 6000 * random.uniform())),
  'deviation 0.1 about 1e3': (random, size) => random.normals(size, 1e3, 0.1),
};

const CALLS: [name: string, op: Operation, shape: number[], options: Options, channels: number][] = [
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
        await expectRight(context, callOf(dtype, op, shape, data, options, affine(channels, random)));
      });
    });
  });

  it.each(HUGE)('300 of both signs over 512 by 512: %s', async (...[, op, shape, options]) => {
    const signs = new Random(32);
    const data = signs.normals(sizeOf(shape), 300, 10).map((value) => (signs.uniform() < 0.5 ? value : -value));
    await expectRight(context, callOf('f16', op, shape, data, options));
  });

  it.each([
    ['f16', 0.1],
    ['f16', -300],
    ['f16', 65504],
    ['f16', 2 ** -24],
    ['bf16', 0.1],
    ['bf16', 1e36],
  ] as const)('%s: 40000 equal values %d give the bias exactly', async (dtype, value) => {
    for (const [op, shape, options, channels] of [
      ['layerNorm', [1, 40_000], {}, 40_000],
      ['instanceNorm', [1, 200, 200, 3], { layout: 'NHWC' }, 3],
      ['batchNorm', [1, 3, 40_000], { training: true }, 3],
    ] as const) {
      const { weight, bias } = affine(channels, new Random(33));
      const data = new Float32Array(sizeOf(shape)).fill(value);
      const fused = callOf(dtype, op, [...shape], data, { ...options }, { weight: weight!, bias: bias! });
      const exact = encode(dtype, normalizedByReference(fused).y.data);
      const { y } = await bitsOfAll(context, fused, pullFor(fused, new Random(3)));
      expect(firstDifference(y!, exact), op).toBe(-1);
    }
  });

  /** The mean of such numbers is a sum that is no f32, and what is taken off is as large. */
  it.each([1e30, 4e37, 3e38])('bf16 near %d, of both signs', async (scale) => {
    for (const [, op, , options] of CALLS.filter(([, name]) => name !== 'batchNorm')) {
      const shape = op === 'instanceNorm' ? [1, 3, 5, 7] : [5, 35];
      const random = new Random(34);
      const data = Float32Array.from({ length: sizeOf(shape) }, () => (random.uniform() < 0.5 ? -scale : scale));
      const fused = callOf('bf16', op, shape, data, options);
      const place = placing(context, fused);
      const { y, saved } = callGpuSaving(fused, place);
      const units = await unitsOff(y, normalizedByReference(fused).y.data, 2);
      expect(units, `${op}: y`).toBeLessThanOrEqual(1);
      saved.destroy();
    }
  });
});
