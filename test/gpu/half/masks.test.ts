import { describe, expect, it } from 'vitest';
import { HALVES } from '../support/formats.ts';
import type { Half } from '../support/formats.ts';
import { gradientFor, placing } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import {
  affineOf,
  bitsOfAll,
  expectWithinOneUlp,
  firstDifference,
  halfCall,
  openHalfContexts,
} from '../support/half.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Masked BatchNorm and InstanceNorm in half precision: masks of every dtype, and what they leave out. */

const contexts = await openHalfContexts();

describe.each(part(contexts, 2, 1))('%s plans', (_, context) => {
  describe.each(HALVES)('%s: masks', (dtype) => {
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
      const included = {
        data: Float32Array.from({ length: sizeOf(positions) }, (_, at) => mask(at)),
        shape: positions,
      };
      const arrays = { ...affineOf(channels, random), mask: included };
      const fused = halfCall(dtype, op, [...shape], data, { ...options, ...(maskOutput && { maskOutput }) }, arrays);
      fused.x.data.forEach((_, at) => {
        if (value !== undefined && !isIncluded(fused, at)) fused.x.data[at] = value;
      });
      return fused;
    }

    function isIncluded({ x: { shape }, options, arrays }: Fused, at: number): boolean {
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
          await expectWithinOneUlp(context, fused);
          const dy = gradientFor(fused, new Random(3));
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
        const included = (at: number): boolean => isIncluded(zero!, at);
        const dy = gradientFor(zero!, new Random(3));
        const bits = await bitsOfAll(context, zero!, dy);
        expect(await bitsOfAll(context, spoiled!, dy)).toEqual(bits);
        expect(await bitsOfAll(context, infinite!, dy)).toEqual(bits);
        // Where y is not masked they are what they are there, and their own group's gradient follows; nothing else does.
        const first = zero!.x.data.findIndex((__, at) => !included(at));
        const open = maskedCall(index, masks['some']!, false, 0);
        const spoiledOpen = { ...open, x: { ...open.x, data: open.x.data.with(first, NaN) } };
        const [before, after] = [await bitsOfAll(context, open, dy), await bitsOfAll(context, spoiledOpen, dy)];
        expect(firstDifference(after['y']!, before['y']!, (at) => at !== first)).toBe(-1);
        const others = (at: number): boolean => groupOf(open, at) !== groupOf(open, first);
        expect(firstDifference(after['dx']!, before['dx']!, others)).toBe(-1);
        await expectWithinOneUlp(context, spoiledOpen);
      }
    });

    function groupOf({ op, x: { shape }, options }: Fused, at: number): number {
      const [, second, third] = shape as [number, number, number];
      const sample = op === 'batchNorm' ? 0 : Math.floor(at / (second * third));
      return 100 * sample + (options['layout'] === 'NLC' ? at % third : Math.floor(at / third) % second);
    }
  });
});
