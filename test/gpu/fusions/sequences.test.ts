import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import type { Format } from '../support/formats.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import type { Operation } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Packed sequences, forward and backward, against float64 of each by itself. */

const contexts = Object.entries(await openContexts());

const LENGTHS: Record<string, number[]> = {
  'of all lengths': [3, 1, 17, 0, 40, 2],
  alone: [23],
  'first and last empty': [0, 5, 0, 0, 9, 0],
  'one long': [2, 3000, 1, 4],
};
const MODES: Record<string, [op: Operation, numGroups: number | null]> = {
  instanceNorm: ['instanceNorm', null],
  groupNorm: ['groupNorm', 3],
  layerNorm: ['layerNorm', null],
};
const DTYPES: Format[] = ['f32', 'f16', 'bf16'];

let turn = 0;
const cases = Object.keys(MODES).flatMap((mode) =>
  [12, 9].flatMap((C) =>
    Object.keys(LENGTHS).map((lengths) => ({ mode, C, lengths, dtype: DTYPES[turn++ % 3]!, index: turn })),
  ),
);

describe.each(part(contexts, 2, 1))('%s plans', (_, context) => {
  it.each(cases)('$mode, $C channels, $lengths, $dtype', async ({ mode, C, lengths, dtype, index }) => {
    const [op, numGroups] = MODES[mode]!;
    const random = new Random(900 + index);
    const of = LENGTHS[lengths]!;
    const starts = of.reduce((all, length) => [...all, all.at(-1)! + length], [0]);
    const array = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean), shape });
    const filled: Filled = {
      op,
      x: array([starts.at(-1)!, C], 3),
      options: numGroups === null ? {} : { numGroups },
      arrays: {
        weight: array([C], 1),
        bias: array([C]),
        segments: { data: Float32Array.from(starts), shape: [starts.length] },
      },
    };
    const fused = rounded(filled, { dtype, like: false });
    const errors = await fusedErrors(context, fused, gradientFor(fused, random), null, index % 3 === 0);
    for (const [name, units] of Object.entries(errors)) expect(units, name).toBeLessThanOrEqual(1);
  });
});
