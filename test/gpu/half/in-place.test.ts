import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { HALVES, roundTo } from '../support/formats.ts';
import { gradientFor, placing } from '../support/fused.ts';
import { backwardOf, gradientsByReference } from '../support/gradients.ts';
import { affineOf, halfCall, openHalfContexts } from '../support/half.ts';
import { Random } from '../support/random.ts';
import { callGpu, callGpuForward, normalizedByReference, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { unitsOff } from '../support/units.ts';

/** Halves that a call updates: gradients that are accumulated, running statistics. */

const contexts = part(await openHalfContexts(), 2);

describe.each(contexts)('%s plans', (_, context) => {
  it('f16 gradients are added to', async () => {
    for (const shape of [
      [6, 64],
      [7, 5],
      [1, 767],
    ]) {
      const random = new Random(44);
      const length = shape[1]!;
      const fused = halfCall('f16', 'layerNorm', shape, random.normals(sizeOf(shape)), {}, affineOf(length, random));
      const dy = gradientFor(fused, random);
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

  it.each(HALVES)(
    '%s gradients of a residual are added to before they are rounded, to their negatives too',
    async (dtype) => {
      for (const shape of [
        [6, 64],
        [7, 5],
      ]) {
        const random = new Random(46);
        const call = halfCall(dtype, 'layerNorm', shape, random.normals(sizeOf(shape)), {}, {});
        call.arrays['residual'] = { data: new Float32Array(sizeOf(shape)), shape };
        call.dtypes['residual'] = dtype;
        const dy = gradientFor(call, random);
        const place = placing(context, call);
        const { saved } = callGpuForward(call, place);
        const exact = gradientsByReference(call, dy)['dresidual' as 'dx'].data;
        const held = Array.from(exact, (value) => roundTo(dtype, -value));
        const accumulate = { dresidual: context.tensor(held, shape, { dtype }) };
        backwardOf('layerNorm')(place(dy, 'dy'), saved, { accumulate });
        const sums = await accumulate.dresidual.read();
        const largest = Math.max(...Array.from(exact, Math.abs));
        for (const [index, value] of exact.entries()) {
          const sum = value + held[index]!;
          const bound = Math.abs(sum) * 2 ** -7 + 48 * 2 ** -24 * largest;
          expect(Math.abs(sums[index]! - sum), `${index} of ${shape}`).toBeLessThanOrEqual(bound);
        }
        saved.destroy();
      }
    },
  );

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
      const fused = halfCall(dtype, op, [...shape], random.normals(sizeOf(shape), 0.5), options, running);
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
