import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/index.ts';
import { expectWithinBounds, expectWithinUnits, numbers } from '../support/bug-reports.ts';
import { openContexts } from '../support/contexts.ts';
import { numbersOf, placing, gradientFor, rounded } from '../support/fused.ts';
import { fillGradient } from '../support/gradients.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { callGpu, sizeOf, upload } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/**
 * Public reports of wrong results in other projects, each with the numbers of its report, forward and backward. Where a report
 * names no numbers, or draws them at random, ours are drawn as it says.
 */

const contexts = Object.entries(await openContexts());

const callOf = (op: Filled['op'], x: Filled['x'], options: Filled['options'] = {}, arrays = {}): Filled => ({
  op,
  x,
  options,
  arrays,
});

const stored = (filled: Filled) => rounded(filled, { dtype: 'f32', like: false });
const dyFor = (filled: Filled): Filled['x'] => fillGradient(filled, new Random(201));
const largest = (data: ArrayLike<number>): number => Math.max(...Array.from(data, Math.abs));
const constant = (size: number, value: number): Filled['x'] => ({
  data: new Float32Array(size).fill(value),
  shape: [size],
});

describe.each(part(contexts, 2))('%s plans', (_, context) => {
  describe('a spread that is small beside the mean', () => {
    /** The first element as float64 has it; E[x²] − E[x]² made it −2.37 from 100 and 1000, and −0.0024 from 10000. */
    it.each([
      [0, -1.3416],
      [100, -1.3415],
      [1000, -1.3415],
      [10_000, -1.3313],
    ])('burn #5607: LayerNorm of 16 values in steps of 1e-3 from %d', async (mean, first) => {
      const row = Array.from({ length: 16 }, (__, at) => mean + at * 1e-3);
      const arrays = { weight: constant(16, 1), bias: constant(16, 0) };
      const call = callOf('layerNorm', numbers(row, [1, 16]), { eps: 1e-5 }, arrays);
      const { y } = await resultsOf(context, stored(call), dyFor(call));
      expect(y![0]).toBeCloseTo(first, 4);
      await expectWithinBounds(context, call, dyFor(call));
    });

    it('mlx #2238: LayerNorm of 16 values near 1449 was NaN on the GPU', async () => {
      const x = [
        1449.570556640625, 1448.8741455078125, 1450.650390625, 1449.2633056640625, 1449.7763671875, 1449.317138671875,
        1449.3297119140625, 1449.077880859375, 1449.2181396484375, 1449.4329833984375, 1449.1605224609375,
        1449.413330078125, 1449.7933349609375, 1450.066650390625, 1449.7762451171875, 1450.364990234375,
      ];
      // The report's weight, but for the last; that and the bias are ours.
      const weight = [
        0.9819900989532471, 0.8759878873825073, 1.269553780555725, 1.0803718566894531, 0.8333801031112671,
        1.151047945022583, 1.4396520853042603, 0.9811643958091736, 1.309312343597412, 1.0645242929458618,
        1.4031972885131836, 1.079842209815979, 0.8111729621887207, 1.4355424642562866, 1.012300372123718, 1,
      ];
      const bias = { data: new Random(202).normals(16, 0, 0.1), shape: [16] };
      for (const shape of [[1, 16], [16]]) {
        const call = callOf('layerNorm', numbers(x, shape), { eps: 1e-5 }, { weight: numbers(weight), bias });
        await expectWithinBounds(context, call, dyFor(call));
      }
    });

    it('PyTorch #190491: LayerNorm of values with a variance below 1e-6, eps 1e-12, was ±990 by E[x²] − E[x]², clamped', async () => {
      const call = callOf('layerNorm', numbers([-9.9e-4, -9.9e-4, 9.9e-4, 9.9e-4], [1, 4]), { eps: 1e-12 });
      const { alone, y } = await resultsOf(context, stored(call), dyFor(call));
      for (const each of [alone!, y!]) [-1, -1, 1, 1].forEach((value, at) => expect(each[at]).toBeCloseTo(value, 5));
      await expectWithinBounds(context, call, dyFor(call));
    });

    it.each([40_000, 80_000])(
      'ONNX Runtime #28463: LayerNorm of %d and the three integers after it was NaN',
      async (v) => {
        const arrays = { weight: constant(4, 1), bias: constant(4, 0) };
        const call = callOf('layerNorm', numbers([v, v + 1, v + 2, v + 3], [1, 4]), { eps: 1e-5 }, arrays);
        await expectWithinBounds(context, call, dyFor(call));
      },
    );

    it('ONNX Runtime #21935: LayerNorm of 256 times 1234 was NaN, and is the bias', async () => {
      const bias = { data: new Random(203).normals(256), shape: [256] };
      for (const affine of [
        {},
        { weight: constant(256, 1), bias: constant(256, 0) },
        { weight: constant(256, 3), bias },
      ]) {
        const call = callOf('layerNorm', constant(256, 1234), { eps: 1e-5 }, affine);
        const dy = dyFor(call);
        const { alone, y, dweight } = await resultsOf(context, stored(call), dy);
        const wanted = [...(call.arrays['bias']?.data ?? new Float32Array(256))];
        for (const each of [alone, y]) expect([...each!]).toEqual(wanted);
        if (dweight) expect(largest(dweight)).toBe(0);
        await expectWithinBounds(context, call, dy);
      }
    });

    it('tt-metal #45968: BatchNorm in training, bf16, of channels about ±5 with deviation 0.1, was NaN', async () => {
      const [shape, random] = [[2, 64, 32, 32], new Random(204)];
      const channelOf = (at: number): number => Math.floor(at / 1024) % 64;
      const data = random.normals(sizeOf(shape), 0, 0.1).map((value, at) => value + (channelOf(at) % 2 ? -5 : 5));
      const arrays = {
        weight: constant(64, 1),
        bias: constant(64, 0),
        runningMean: constant(64, 0),
        runningVar: constant(64, 1),
      };
      const call = callOf('batchNorm', { data, shape }, { training: true, eps: 1e-5 }, arrays);
      const fused = rounded(call, { dtype: 'bf16', like: false });
      const y = Array.from(await numbersOf(callGpu(fused, placing(context, fused))));
      for (const channel of [0, 1, 63]) {
        const values = y.filter((__, at) => channelOf(at) === channel);
        expect(values.reduce((sum, value) => sum + value * value, 0) / values.length).toBeCloseTo(1, 2);
      }
      await expectWithinUnits(context, fused, gradientFor(fused, random));
    });

    it('tt-metal #45231: LayerNorm of x + residual about 1e6 lost the spread in the sum', async () => {
      const [shape, random] = [[1, 1, 32, 1024], new Random(205)];
      // Of sixteenths, which both x and the sum are near 1e6: the sum is exact, and what is normalized is the same in f32 and float64.
      const sixteenths = random.normals(sizeOf(shape)).map((value) => Math.round(value * 16) / 16);
      const x = { data: random.normals(sizeOf(shape), 1e6), shape };
      const arrays = { residual: { data: sixteenths, shape }, weight: { data: random.normals(1024), shape: [1024] } };
      const call = callOf('layerNorm', x, { eps: 1e-5 }, arrays);
      await expectWithinBounds(context, call, dyFor(call));
    });
  });

  describe('values whose squares overflow, or nearly', () => {
    /** The variance was infinite: all zeros on CPUs, NaN on GPUs. */
    it.each([
      ['BatchNorm', 'batchNorm', [4, 6, 8, 8], { training: true }],
      ['BatchNorm, channels last', 'batchNorm', [4, 8, 8, 6], { training: true, layout: 'NHWC' }],
      ['LayerNorm', 'layerNorm', [4, 384], {}],
      ['GroupNorm', 'groupNorm', [4, 6, 8, 8], { numGroups: 2 }],
      ['InstanceNorm', 'instanceNorm', [4, 6, 8, 8], {}],
    ] as const)('PyTorch #162489: %s of values near 1e30', async (__, op, shape, options) => {
      const x = { data: new Random(206).normals(sizeOf(shape), 0, 1e30), shape: [...shape] };
      const call = callOf(op, x, options);
      await expectWithinBounds(context, call, dyFor(call));
    });

    it('candle #3477: RMSNorm of values up to 7e9 was NaN', async () => {
      // As in BitNet b1.58, whose inner norm the report names: relu(gate)² · up, in rows of 6912.
      const [shape, random] = [[3, 6912], new Random(207)];
      const product = random.normals(sizeOf(shape)).map((gate) => Math.max(gate, 0) ** 2 * random.normal());
      const scale = 7e9 / largest(product);
      const weight = { data: random.normals(6912, 1, 0.3), shape: [6912] };
      const call = callOf('rmsNorm', { data: product.map((value) => value * scale), shape }, { eps: 1e-5 }, { weight });
      await expectWithinBounds(context, call, dyFor(call));
    });
  });

  describe('few values in a group', () => {
    it.each([
      ['27 groups of 27 channels', [7, 27], 27],
      ['2 groups of 2 channels, 1×1', [10, 2, 1, 1], 2],
    ])('PyTorch #94288: GroupNorm of groups of one value is 0, %s', async (__, shape, channels) => {
      const x = { data: new Random(5).normals(sizeOf(shape)), shape };
      for (const affine of [{}, { weight: constant(channels, 1), bias: constant(channels, 0) }]) {
        const call = callOf('groupNorm', x, { numGroups: channels }, affine);
        const dy = dyFor(call);
        const { alone, y, dx, dweight } = await resultsOf(context, stored(call), dy);
        for (const each of [alone!, y!, dx!, ...(dweight ? [dweight] : [])]) expect(largest(each)).toBe(0);
        await expectWithinBounds(context, call, dy);
      }
    });

    /** What momentum 1 makes of running_var is no mistake of PyTorch: Σ/(n−1), where numpy.var is Σ/n. */
    it.each([
      ['of n − 1', true, [12, 109, 16 / 3, 4 / 3]],
      ['of n', false, [8, 218 / 3, 32 / 9, 8 / 9]],
    ])('PyTorch #7028: BatchNorm1d of three samples, running variance %s', async (__, unbiasedRunningVar, variance) => {
      const x = numbers([2, 15, 2, 1, 2, 17, 2, 1, -4, -2, -2, -1], [3, 4]);
      const arrays = {
        weight: constant(4, 1),
        bias: constant(4, 0),
        runningMean: constant(4, 0),
        runningVar: constant(4, 1),
      };
      const call = callOf('batchNorm', x, { training: true, momentum: 1, unbiasedRunningVar }, arrays);
      const { runningMean, runningVar } = await resultsOf(context, stored(call), dyFor(call));
      [0, 10, 2 / 3, 1 / 3].forEach((value, at) => expect(runningMean![at]).toBeCloseTo(value, 6));
      variance.forEach((value, at) => expect(runningVar![at]! / value).toBeCloseTo(1, 6));
      await expectWithinBounds(context, call, dyFor(call));
    });

    /** PyTorch's momentum is ONNX's from 1, and ONNX averages Σ/n. */
    it.each([0, 0.25, 1])('onnxscript #1289: BatchNorm of three values, momentum %d', async (momentum) => {
      const x = numbers([4.6493, 1.632, -3.2051], [3, 1, 1]);
      const arrays = {
        weight: numbers([3.2097]),
        bias: numbers([6.9664]),
        runningMean: numbers([0.2635]),
        runningVar: numbers([5.5451]),
      };
      const [mean, squares] = [3.0762 / 3, 4.6493 ** 2 + 1.632 ** 2 + 3.2051 ** 2 - 3.0762 ** 2 / 3];
      for (const [unbiasedRunningVar, lost] of [
        [true, 1],
        [false, 0],
      ] as const) {
        const call = callOf('batchNorm', x, { training: true, momentum, eps: 0.1, unbiasedRunningVar }, arrays);
        const tensors: Record<string, Tensor> = {};
        const y = callGpu(call, (array, name) => (tensors[name] = upload(context)(array, name)));
        const exact = [4.6493, 1.632, -3.2051].map(
          (value) => ((value - mean) / Math.sqrt(squares / 3 + 0.1)) * 3.2097 + 6.9664,
        );
        (await y.read()).forEach((value, at) => expect(value).toBeCloseTo(exact[at]!, 5));
        const running = [tensors['runningMean']!.read(), tensors['runningVar']!.read()];
        const [[runningMean], [runningVar]] = (await Promise.all(running)) as [Float32Array, Float32Array];
        expect(runningMean).toBeCloseTo(0.2635 * (1 - momentum) + mean * momentum, 6);
        expect(runningVar).toBeCloseTo(5.5451 * (1 - momentum) + (squares / (3 - lost)) * momentum, 5);
        await expectWithinBounds(context, call, dyFor(call));
      }
    });
  });
});
