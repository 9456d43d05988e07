import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import type { NdArray } from '../../../src/reference/index.ts';
import { encode, HALVES } from '../support/formats.ts';
import { gradientFor, placing } from '../support/fused.ts';
import {
  affineOf,
  bitsOf,
  bitsOfAll,
  expectWithinOneUlp,
  firstDifference,
  halfCall,
  openHalfContexts,
} from '../support/half.ts';
import { gradientsByReference } from '../support/gradients.ts';
import { Random } from '../support/random.ts';
import { callGpu, normalizedByReference, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { unitsOff } from '../support/units.ts';

/** Shapes and offsets that four halves do not divide: rows that share words, results between numbers that are not theirs. */

const contexts = part(await openHalfContexts(), 2);

describe.each(contexts)('%s plans', (_, context) => {
  describe.each(HALVES)('%s: odd shapes', (dtype) => {
    const shapes = [[1], [3], [1, 1], [5, 1], [1, 7], [1, 4097], [9, 5], [3, 1, 3]];
    it.each(shapes.map((shape) => ({ shape })))('$shape', async ({ shape }) => {
      const random = new Random(39);
      const length = shape.at(-1)!;
      for (const op of ['layerNorm', 'rmsNorm'] as const) {
        const data = random.normals(sizeOf(shape), 0.5);
        await expectWithinOneUlp(context, halfCall(dtype, op, shape, data, {}, affineOf(length, random)));
      }
    });

    it('300000 rows of 3: no row is torn by its neighbours', async () => {
      const shape = [300_000, 3];
      const block = halfCall(dtype, 'layerNorm', [7, 3], new Random(40).normals(21));
      const dy = gradientFor(block, new Random(46));
      const tiled = ({ data }: NdArray): Tensor => {
        const bits = encode(dtype, data);
        const all = Uint16Array.from({ length: sizeOf(shape) }, (__, index) => bits[index % 21]!);
        return context.tensor(all, shape, { dtype });
      };
      using x = tiled(block.x);
      using dyTensor = tiled(dy);
      const { y, saved } = norm.layerNormForward(x);
      const { dx } = norm.layerNormBackward(dyTensor, saved);
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
        const fused = halfCall(dtype, 'layerNorm', shape, random.normals(sizeOf(shape)));
        const { y: expected } = await bitsOfAll(context, fused, gradientFor(fused, random));
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
        const fused = halfCall(
          dtype,
          op,
          [...shape],
          random.normals(sizeOf(shape)),
          options,
          affineOf(shape.at(-1)!, random),
        );
        const dy = gradientFor(fused, random);
        expect(await bitsOfAll(context, fused, dy)).toEqual(await bitsOfAll(context, fused, dy));
      }
    });
  });
});
