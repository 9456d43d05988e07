import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Context, Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { openContexts } from '../support/contexts.ts';
import { encode, roundTo } from '../support/formats.ts';
import type { Format, Half } from '../support/formats.ts';
import { fusedErrors, numbersOf, placing, pullFor, unitsOff } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { backwardOf, gradientsByReference } from '../support/gradients.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callGpuForward, normalizedByReference, sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { share } from '../support/shared.ts';

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
  const { y, saved } = callGpuForward(fused, place);
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

const numbered = contexts.map(([name, context], plan) => [name, context, plan] as const);

describe.each(numbered)('%s plans', (_, context, plan) => {
  describe.each(HALVES)('%s', (dtype) => {
    describe.each(share(Object.keys(LARGE), HALVES.indexOf(dtype)))('$name', ({ name }) => {
      it.each(CALLS)('%s', async (...[, op, shape, options, channels]) => {
        const random = new Random(31);
        const data = LARGE[name]!(random, sizeOf(shape));
        await expectRight(context, callOf(dtype, op, shape, data, options, affine(channels, random)));
      });
    });
  });

  it.each(HUGE)('300 of both signs over 512 by 512: %s', async (...[, op, shape, options]) => {
    const random = new Random(32);
    const data = random.normals(sizeOf(shape), 300, 10).map((value, index) => (index % 2 ? -value : value));
    const fused = callOf('f16', op, shape, data, options);
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
      const arrays = affine(channels, new Random(33));
      const fused = callOf(dtype, op, [...shape], new Float32Array(sizeOf(shape)).fill(value), { ...options }, arrays);
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
      const fused = callOf('bf16', op, shape, data);
      using y = callGpu(fused, placing(context, fused));
      expect(await unitsOff(y, normalizedByReference(fused).y.data, 2), op).toBeLessThanOrEqual(1);
    }
  });

  /** Adapters may take subnormal numbers of f32 for zeros: beside eps they are. */
  it('bf16 near 1e-38', async () => {
    const random = new Random(35);
    const data = random.normals(1050, 0, 1e-38);
    for (const op of ['layerNorm', 'rmsNorm'] as const) {
      await expectRight(context, callOf('bf16', op, [30, 35], data, {}, affine(35, random)));
    }
  });

  it('f16 so small that it is subnormal, in and out', async () => {
    const random = new Random(36);
    const small = random.normals(35 * 30, 2e-5, 1e-5);
    for (const op of ['layerNorm', 'rmsNorm'] as const) {
      // eps 0: what differs by some of the last bits has the deviation 1.
      await expectRight(context, callOf('f16', op, [30, 35], small, { eps: 1e-10 }));
      const weight = { data: random.normals(35, 0, 1e-5), shape: [35] };
      const fused = callOf('f16', op, [30, 35], random.normals(35 * 30), {}, { weight });
      await expectRight(context, fused);
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
      const fused = callOf('f16', 'layerNorm', [5, length], x, {}, { weight });
      await expectRight(context, fused);
      using y = callGpu(fused, placing(context, fused));
      const infinite = Array.from(await numbersOf(y)).filter((value) => Math.abs(value) === Infinity);
      expect(new Set(infinite)).toEqual(new Set([Infinity, -Infinity]));
      // A deviation of 1e-5: gradients are 1e5 times what arrives.
      const flat = callOf(
        'f16',
        'layerNorm',
        [5, length],
        x.map((value) => value * 1e-5),
        { eps: 0 },
      );
      await expectRight(context, flat);
    }
  });

  describe.each(HALVES)('%s: one number that is not finite spoils its own group and no other', (dtype) => {
    const rows = [1, 2, 3, 5, 7, 767].flatMap((length) =>
      (['layerNorm', 'rmsNorm'] as const).map((op) => ({
        name: `${op}, rows of ${length}`,
        op,
        shape: [length > 100 ? 3 : 5, length],
        options: {},
        groupOf: (index: number): number => Math.floor(index / length),
      })),
    );
    const pictures = [1, 3, 5].flatMap((channels) =>
      (['instanceNorm', 'batchNorm', 'groupNorm'] as const).map((op) => ({
        name: `${op} NHWC of ${channels} channels`,
        op,
        shape: [3, 3, 5, channels],
        options: {
          layout: 'NHWC',
          ...(op === 'batchNorm' && { training: true }),
          ...(op === 'groupNorm' && { numGroups: channels }),
        },
        groupOf: (index: number): number =>
          (index % channels) + (op === 'batchNorm' ? 0 : channels * Math.floor(index / (15 * channels))),
      })),
    );

    const cases = [...rows, ...pictures];
    const names = cases.map(({ name }) => name);
    it.each(share(names, HALVES.indexOf(dtype)))('$name', async ({ turn }) => {
      const { op, shape, options, groupOf } = cases[turn]!;
      const random = new Random(38);
      const clean = callOf(dtype, op, shape, random.normals(sizeOf(shape)), options);
      const dy = pullFor(clean, random);
      const before = await bitsOfAll(context, clean, dy);
      const size = clean.x.data.length;
      const middle = Math.floor(size / 2);
      for (const [value, at] of [
        [NaN, middle],
        [Infinity, size - 1],
        [-Infinity, middle],
      ] as const) {
        const others = (index: number): boolean => groupOf(index) !== groupOf(at);
        const spoiled = { ...clean, x: { ...clean.x, data: clean.x.data.with(at, value) } };
        const after = await bitsOfAll(context, spoiled, dy);
        for (const name of ['y', 'dx'])
          expect(firstDifference(after[name]!, before[name]!, others), `${name}, ${value} at ${at}`).toBe(-1);
        using y = callGpu(spoiled, placing(context, spoiled));
        expect(await unitsOff(y, normalizedByReference(spoiled).y.data, 2)).toBeLessThanOrEqual(1);
        const pulled = await bitsOfAll(context, clean, { ...dy, data: dy.data.with(at, value) });
        expect(firstDifference(pulled['dx']!, before['dx']!, others), `dx, ${value} at ${at} of dy`).toBe(-1);
      }
    });
  });

  describe.each(HALVES)('%s: odd shapes', (dtype) => {
    const shapes = [[1], [3], [1, 1], [5, 1], [1, 7], [1, 4097], [9, 5], [3, 1, 3]];
    it.each(shapes.map((shape) => ({ shape })))('$shape', async ({ shape }) => {
      const random = new Random(39);
      const length = shape.at(-1)!;
      for (const op of ['layerNorm', 'rmsNorm'] as const) {
        const data = random.normals(sizeOf(shape), 0.5);
        await expectRight(context, callOf(dtype, op, shape, data, {}, affine(length, random)));
      }
    });

    it('300000 rows of 3: no row is torn by its neighbours', async () => {
      const shape = [300_000, 3];
      const block = callOf(dtype, 'layerNorm', [7, 3], new Random(40).normals(21));
      const dy = pullFor(block, new Random(46));
      const tiled = ({ data }: NdArray): Tensor => {
        const bits = encode(dtype, data);
        const all = Uint16Array.from({ length: sizeOf(shape) }, (__, index) => bits[index % 21]!);
        return context.tensor(all, shape, { dtype });
      };
      using x = tiled(block.x);
      using pull = tiled(dy);
      const { y, saved } = norm.layerNormForward(x);
      const { dx } = norm.layerNormBackward(pull, saved);
      for (const [result, exact] of [
        [y, normalizedByReference(block).y.data],
        [dx, gradientsByReference(block, dy).dx.data],
      ] as const) {
        const bits = await bitsOf(result);
        expect(bits.findIndex((each, index) => each !== bits[index % 21])).toBe(-1);
        using first = context.tensor(bits.slice(0, 21), [7, 3], { dtype });
        expect(await unitsOff(first, exact, 4)).toBeLessThanOrEqual(1);
        result.destroy();
      }
      saved.destroy();
    });

    it('results at odd offsets leave what lies before and after them', async () => {
      const random = new Random(41);
      for (const shape of [[1], [5, 7], [4, 8]]) {
        const fused = callOf(dtype, 'layerNorm', shape, random.normals(sizeOf(shape)));
        const { y: expected } = await bitsOfAll(context, fused, pullFor(fused, random));
        for (const before of [1, 130]) {
          const length = before + sizeOf(shape) + 3;
          const marks = Uint16Array.from({ length: length + (length % 2) }, (__, index) => 1000 + index);
          using whole = context.tensor(marks, [marks.length], { dtype });
          const out = context.wrap(whole.buffer, { shape, dtype, byteOffset: 2 * before });
          callGpu(fused, placing(context, fused), { out });
          const after = await bitsOf(whole);
          marks.set(expected!, before);
          expect(firstDifference(after, marks), `${shape} at ${before}`).toBe(-1);
        }
      }
    });

    it('the same from run to run', async () => {
      for (const [op, shape, options] of [
        ['layerNorm', [31, 767], {}],
        ['batchNorm', [3, 9, 11, 5], { layout: 'NHWC', training: true }],
      ] as const) {
        const random = new Random(42);
        const fused = callOf(
          dtype,
          op,
          [...shape],
          random.normals(sizeOf(shape)),
          options,
          affine(shape.at(-1)!, random),
        );
        const dy = pullFor(fused, random);
        expect(await bitsOfAll(context, fused, dy)).toEqual(await bitsOfAll(context, fused, dy));
      }
    });
  });

  describe.each(share(HALVES, plan))('$name: masks', ({ turn }) => {
    const dtype = HALVES[turn]!;
    const masked = [
      ['instanceNorm', [2, 7, 3], { layout: 'NLC' }, [2, 7], 3],
      ['instanceNorm', [2, 4, 9], {}, [2, 9], 4],
      ['batchNorm', [3, 5, 7], { training: true }, [3, 7], 5],
      ['batchNorm', [3, 8, 4], { layout: 'NLC', training: true }, [3, 8], 4],
    ] as const;
    const masks: Record<string, (index: number) => number> = {
      some: (index) => (index % 3 === 1 ? 0 : 1),
      none: () => 0,
      one: (index) => (index === 4 ? 1 : 0),
    };

    function maskedCall(index: number, mask: (index: number) => number, maskOutput: boolean, value?: number): Fused {
      const [op, shape, options, positions, channels] = masked[index]!;
      const random = new Random(43);
      const data = random.normals(sizeOf(shape), 2);
      const shown = { data: Float32Array.from({ length: sizeOf(positions) }, (_, at) => mask(at)), shape: positions };
      const arrays = { ...affine(channels, random), mask: shown };
      const fused = callOf(dtype, op, [...shape], data, { ...options, ...(maskOutput && { maskOutput }) }, arrays);
      fused.x.data.forEach((_, at) => {
        if (value !== undefined && !isShown(fused, at)) fused.x.data[at] = value;
      });
      return fused;
    }

    function isShown({ x: { shape }, options, arrays }: Fused, at: number): boolean {
      const [, second, third] = shape as [number, number, number];
      const sample = Math.floor(at / (second * third));
      const position = options['layout'] === 'NLC' ? Math.floor((at / third) % second) : at % third;
      return arrays['mask']!.data[sample * (options['layout'] === 'NLC' ? second : third) + position] !== 0;
    }

    /** A mask may hold counts too. */
    const placingMask =
      (fused: Fused, as: 'u32' | 'f32' | Half): Place =>
      (array, name) => {
        if (name !== 'mask') return placing(context, fused)(array, name);
        const data = as === 'u32' ? Uint32Array.from(array.data) : Array.from(array.data);
        return context.tensor(data, array.shape, { dtype: as });
      };

    it.each(Object.entries(masks))('of %s', async (__, mask) => {
      for (const index of masked.keys())
        for (const maskOutput of [false, true]) {
          const fused = maskedCall(index, mask, maskOutput);
          await expectRight(context, fused);
          const dy = pullFor(fused, new Random(3));
          if (!maskOutput || index % 2) continue;
          const unsigned = async (as: 'u32' | 'f32' | Half): Promise<Record<string, Uint16Array>> => {
            const bits = Object.entries(await bitsOfAll(context, fused, dy, placingMask(fused, as)));
            return Object.fromEntries(
              bits.map(([name, all]) => [name, all.map((each) => (each === 0x8000 ? 0 : each))]),
            );
          };
          const results = await unsigned('f32');
          for (const as of ['u32', dtype] as const) expect(await unsigned(as), as).toEqual(results);
        }
    });

    it('what they leave out, even NaN, reaches no other result', async () => {
      for (const index of masked.keys()) {
        const [zero, spoiled, infinite] = [0, NaN, Infinity].map((value) =>
          maskedCall(index, masks['some']!, true, value),
        );
        const shown = (at: number): boolean => isShown(zero!, at);
        const dy = pullFor(zero!, new Random(3));
        const bits = await bitsOfAll(context, zero!, dy);
        expect(await bitsOfAll(context, spoiled!, dy)).toEqual(bits);
        expect(await bitsOfAll(context, infinite!, dy)).toEqual(bits);
        // Where y is not masked they are what they are there, and their own group's gradient follows; nothing else does.
        const first = zero!.x.data.findIndex((__, at) => !shown(at));
        const open = maskedCall(index, masks['some']!, false, 0);
        const spoiledOpen = { ...open, x: { ...open.x, data: open.x.data.with(first, NaN) } };
        const [before, after] = [await bitsOfAll(context, open, dy), await bitsOfAll(context, spoiledOpen, dy)];
        expect(firstDifference(after['y']!, before['y']!, (at) => at !== first)).toBe(-1);
        const others = (at: number): boolean => groupOf(open, at) !== groupOf(open, first);
        expect(firstDifference(after['dx']!, before['dx']!, others)).toBe(-1);
        await expectRight(context, spoiledOpen);
      }
    });

    function groupOf({ op, x: { shape }, options }: Fused, at: number): number {
      const [, second, third] = shape as [number, number, number];
      const sample = op === 'batchNorm' ? 0 : Math.floor(at / (second * third));
      return 100 * sample + (options['layout'] === 'NLC' ? at % third : Math.floor(at / third) % second);
    }
  });

  it('f16 gradients are added to', async () => {
    for (const shape of [
      [6, 64],
      [7, 5],
      [1, 767],
    ]) {
      const random = new Random(44);
      const length = shape[1]!;
      const fused = callOf('f16', 'layerNorm', shape, random.normals(sizeOf(shape)), {}, affine(length, random));
      const dy = pullFor(fused, random);
      const place = placing(context, fused);
      const { saved } = callGpuForward(fused, place);
      const held = { dx: shape, dweight: [length], dbias: [length] };
      const numbers = Object.entries(held).map(
        ([name, of]) => [name, random.normals(sizeOf(of)).map((value) => roundTo('f16', value)), of] as const,
      );
      const accumulate = Object.fromEntries(
        numbers.map(([name, data, of]) => [name, context.tensor(data, of, { dtype: 'f16' })]),
      );
      backwardOf('layerNorm')(place(dy, 'dy'), saved, { accumulate });
      const exact = gradientsByReference(fused, dy);
      for (const [name, data] of numbers) {
        const sums = exact[name as 'dx'].data.map((value, index) => value + data[index]!);
        expect(await unitsOff(accumulate[name]!, sums, 16), `${name} of ${shape}`).toBeLessThanOrEqual(1);
      }
      saved.destroy();
    }
  });

  it.each(HALVES)('%s running statistics are updated, and their batches counted', async (dtype) => {
    const calls = [
      ['batchNorm', [4, 5, 9], { training: true }, 5],
      ['batchNorm', [4, 9, 8], { training: true, layout: 'NLC', momentum: null }, 8],
      ['instanceNorm', [3, 3, 8], {}, 3],
      ['instanceNorm', [3, 8, 1], { layout: 'NLC', momentum: null }, 1],
    ] as const;
    for (const [op, shape, options, channels] of calls) {
      const random = new Random(45);
      const running = {
        runningMean: { data: random.normals(channels), shape: [channels] },
        runningVar: { data: random.normals(channels).map((value) => 1 + value * value), shape: [channels] },
      };
      const fused = callOf(dtype, op, [...shape], random.normals(sizeOf(shape), 0.5), options, running);
      fused.arrays['numBatchesTracked'] = { data: Float32Array.of(3), shape: [1] };
      const tensors: Record<string, Tensor> = {};
      const place = placing(context, fused);
      callGpu(fused, (array, name) => {
        const counter = name === 'numBatchesTracked';
        return (tensors[name] = counter ? context.tensor([3], [1], { dtype: 'u32' }) : place(array, name));
      });
      const exact = normalizedByReference(fused) as unknown as Record<string, NdArray>;
      for (const name of Object.keys(running))
        expect(await unitsOff(tensors[name]!, exact[name]!.data, 4), `${name} of ${op}`).toBeLessThanOrEqual(1);
      expect([...(await tensors['numBatchesTracked']!.read('u32'))]).toEqual([4]);
    }
  });
});
