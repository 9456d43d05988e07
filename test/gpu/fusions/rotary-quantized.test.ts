import { describe, expect, it } from 'vitest';
import { layerNorm, layerNormQuantized, rmsNorm, rmsNormQuantized } from '../../../src/index.ts';
import type { Tensor } from '../../../src/index.ts';
import { openContexts } from '../support/contexts.ts';
import { Random } from '../support/random.ts';
import { part } from '../support/sweeps.ts';

/** Heads that are rotated and then quantized, as a cache of keys keeps them: the numbers of y as it is where nothing is quantized. */

const contexts = Object.entries(await openContexts());
const [samples, tokens, heads] = [2, 5, 3];

describe.each(part(contexts, 2, 1))('%s plans', (_, context) => {
  describe.each([
    ['rmsNorm', rmsNorm, rmsNormQuantized],
    ['layerNorm', layerNorm, layerNormQuantized],
  ] as const)('%s', (__, plain, quantized) => {
    describe.each([true, false])('interleaved: %s', (interleaved) => {
      it.each([
        [64, 64, undefined],
        [64, 16, 16],
        [30, 30, undefined],
        [24, 12, 8],
        [1032, 1032, undefined],
      ])('%d elements, %d of them rotated, a scale for each %s', async (size, dims, groupSize) => {
        const random = new Random(21);
        const array = (...shape: number[]): Tensor =>
          context.tensor(random.normals(shape.reduce((a, b) => a * b)), shape);
        const [x, residual] = [array(samples, tokens, heads, size), array(samples, tokens, heads, size)];
        const angles = random.normals(tokens * (dims / 2), 0, 3);
        const rotary = {
          cos: context.tensor(angles.map(Math.cos), [tokens, dims / 2]),
          sin: context.tensor(angles.map(Math.sin), [tokens, dims / 2]),
          interleaved,
          dims,
          tokenAxis: 1,
        };
        const options = { weight: array(heads, size), rotary, residual };
        const y = await plain(x, options).read();
        const { y: numbers, scales } = quantized(x, { ...options, ...(groupSize && { groupSize }) });
        const [found, own] = [await numbers.read('i8'), await scales.read()];
        const each = groupSize ?? size;
        const spans = Math.ceil(size / each);
        for (let row = 0; row < samples * tokens * heads; row++) {
          for (let span = 0; span < spans; span++) {
            const from = row * size + span * each;
            const part = y.subarray(from, Math.min(from + each, (row + 1) * size));
            const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
            expect(Math.abs(own[row * spans + span]! - scale) / scale).toBeLessThanOrEqual(2 ** -20);
            part.forEach((value, at) => {
              expect(Math.abs(found[from + at]! * scale - value) / scale).toBeLessThanOrEqual(0.5 + 2 ** -12);
            });
          }
        }
        const over = { ...options, residualOut: residual };
        expect(() => quantized(x, over)).toThrow('residualOut is residual, which the rotation reads more than once');
      });
    });
  });
});
