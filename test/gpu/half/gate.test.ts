import { describe, expect, it } from 'vitest';
import { HALVES, ulpOf } from '../support/formats.ts';
import { gradientFor, numbersOf, placing } from '../support/fused.ts';
import { backwardOf, gradientsByReference } from '../support/gradients.ts';
import { halfCall, openHalfContexts } from '../support/half.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpuForward, sizeOf } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/**
 * What a gate passes on is made of the gradient of x + gate · residual as f32, not of dx as it is stored. Rounded once it is half a unit of the
 * last place off the exact one, rounded twice up to one and a half.
 */

const contexts = part(await openHalfContexts(), 2, 1);

const CALLS: [op: Operation, shape: number[], gate: number[], options: Record<string, unknown>][] = [
  ['rmsNorm', [320, 5], [5], { activation: 'tanh' }],
  ['rmsNorm', [256, 8], [8], { activation: 'tanh' }],
  ['layerNorm', [4, 32, 40], [4, 40], {}],
  ['groupNorm', [31, 7, 3, 5], [5], { layout: 'NHWC', numGroups: 5, activation: 'silu' }],
];

/** Numbers of which x + gate · residual is one that both formats hold. */
function drawn(random: Random, shape: number[], values: readonly number[]) {
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    () => values[Math.floor(random.uniform() * values.length)]!,
  );
  return { data, shape };
}

const WHOLE = [-5, -3, -2, -1, 0, 1, 2, 3, 4];

describe.each(contexts)('%s plans', (_, context) => {
  describe.each(HALVES)('%s', (dtype) => {
    it.each(CALLS)('%s %j', async (op, shape, gate, options) => {
      const random = new Random(9);
      const arrays = { residual: drawn(random, shape, WHOLE), gate: drawn(random, gate, [0.75, 1.25, 1.5, 1.75]) };
      const call = halfCall(dtype, op, shape, drawn(random, shape, WHOLE).data, options, arrays);
      const place = placing(context, call);
      const dy = gradientFor(call, random, 0);
      const { saved } = callGpuForward(call, place);
      const { dresidual } = backwardOf(op)(place(dy, 'dy'), saved, {});
      const actual = await numbersOf(dresidual!);
      const exact = gradientsByReference(call, dy).dresidual.data;
      const largest = Math.max(...exact.map(Math.abs));
      for (let index = 0; index < exact.length; index++) {
        const off = Math.abs(actual[index]! - exact[index]!) - 64 * 2 ** -24 * largest;
        expect(off, `${index}`).toBeLessThanOrEqual(0.51 * ulpOf(dtype, exact[index]!));
      }
    });
  });
});
