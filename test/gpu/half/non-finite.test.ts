import { describe, expect, it } from 'vitest';
import { HALVES } from '../support/formats.ts';
import { gradientFor, placing } from '../support/fused.ts';
import { bitsOfAll, firstDifference, halfCall, openHalfContexts } from '../support/half.ts';
import { Random } from '../support/random.ts';
import { callGpu, normalizedByReference, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';
import { unitsOff } from '../support/units.ts';

/** NaN and infinities in x and dy, in rows and pictures that share words with their neighbours. */

const contexts = await openHalfContexts();

describe.each(part(contexts, 2))('%s plans', (_, context) => {
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
    it.each(cases)('$name', async ({ op, shape, options, groupOf }) => {
      const random = new Random(38);
      const clean = halfCall(dtype, op, shape, random.normals(sizeOf(shape)), options);
      const dy = gradientFor(clean, random);
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
        const spoiledDy = await bitsOfAll(context, clean, { ...dy, data: dy.data.with(at, value) });
        expect(firstDifference(spoiledDy['dx']!, before['dx']!, others), `dx, ${value} at ${at} of dy`).toBe(-1);
      }
    });
  });
});
