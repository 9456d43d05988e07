import { describe, expect, it } from 'vitest';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import type { Operation } from '../support/modes.ts';
import { pairwise } from '../support/pairwise.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** Packed sequences with every pair of what a call does besides, forward and backward against float64. */

const contexts = await openContexts();

const LENGTHS = { few: [3, 0, 17, 40, 2], one: [70], long: [1, 1500, 30] } as const;
const MODES: Record<string, [op: Operation, options: object]> = {
  instanceNorm: ['instanceNorm', {}],
  groupNorm: ['groupNorm', { numGroups: 3 }],
  layerNorm: ['layerNorm', {}],
};

const FACTORS = {
  mode: Object.keys(MODES),
  channels: [12, 9, 48],
  lengths: Object.keys(LENGTHS) as (keyof typeof LENGTHS)[],
  plans: PLANS,
  dtype: ['f32', 'f16', 'bf16'],
  like: [false, true],
  weight: [false, true],
  bias: [false, true],
  residual: ['none', 'plain', 'gated by rows', 'gated by channels', 'channels'],
  multiply: ['none', 'after', 'before'],
  by: ['rows', 'channels'],
  add: ['none', 'rows', 'channels'],
  modulation: ['none', 'scale', 'shift', 'both'],
  activation: ['none', 'silu', 'relu'],
  output: ['as x', 'f32', 'f16'],
  dresidualOut: [false, true],
} as const;

const designs = part(pairwise(FACTORS, new Random(79)).map((design, index) => ({ ...design, index })));
type Design = (typeof designs)[number];

function callOf(design: Design, random: Random): Filled {
  const { channels: C, residual, multiply, by, add, modulation, activation, output } = design;
  const [op, own] = MODES[design.mode]!;
  const starts = LENGTHS[design.lengths].reduce((all: number[], length) => [...all, all.at(-1)! + length], [0]);
  const shapes = { rows: [starts.at(-1)!, C], channels: [C] };
  const array = (shape: number[], mean = 0) => ({ data: random.normals(sizeOf(shape), mean, 0.7), shape });
  const arrays: Filled['arrays'] = { segments: { data: Float32Array.from(starts), shape: [starts.length] } };
  if (design.weight) arrays['weight'] = array([C], 1);
  if (design.bias) arrays['bias'] = array([C]);
  const factor = multiply === 'before' && residual !== 'none' ? 'after' : multiply;
  if (residual !== 'none') arrays['residual'] = array(residual === 'channels' ? [C] : shapes.rows);
  if (residual.startsWith('gated')) arrays['gate'] = array(residual.endsWith('rows') ? shapes.rows : [C]);
  if (factor !== 'none') arrays['by'] = array(shapes[by]);
  if (add !== 'none') arrays['add'] = array(shapes[add]);
  if (modulation === 'scale' || modulation === 'both') arrays['scale'] = array([C]);
  if (modulation === 'shift' || modulation === 'both') arrays['shift'] = array([C]);
  const options = {
    ...own,
    ...(factor !== 'none' && { multiply: { where: factor } }),
    ...(activation !== 'none' && { activation }),
    ...(output !== 'as x' && { outputDtype: output }),
  };
  return { op, x: array(shapes.rows, 1), options, arrays };
}

describe('fused calls of packed sequences', () => {
  it.each(designs)('$index', async (design) => {
    const { dtype, like, plans, index, dresidualOut } = design;
    const random = new Random(3000 + index);
    const fused = rounded(callOf(design, random), { dtype, like });
    const given = dresidualOut && fused.arrays['residual'] ? gradientFor(fused, random, 0, 'dresidualOut') : null;
    const errors = await fusedErrors(contexts[plans], fused, gradientFor(fused, random), given, index % 3 === 0);
    const what = Object.values(design).join(', ');
    for (const [result, units] of Object.entries(errors)) expect(units, `${result} of ${what}`).toBeLessThanOrEqual(1);
  });
});
