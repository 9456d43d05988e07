import { expect, it } from 'vitest';
import { uniformSize } from '../../../src/programs/call-uniform.ts';
import { UNIFORM_SLOT } from '../../../src/runtime/uniform-arena.ts';
import { openContexts, PLANS } from '../support/contexts.ts';
import { fusedErrors } from '../support/fused-errors.ts';
import { gradientFor } from '../support/fused.ts';
import type { Fused } from '../support/fused.ts';
import { plansOf } from '../support/pieces.ts';
import { Random } from '../support/random.ts';
import { sizeOf } from '../support/run.ts';
import type { Place } from '../support/run.ts';
import { viewAs } from '../support/strided.ts';

/** As many axes as there may be, along which each array broadcasts, or lies, in its own way: no call has more numbers. */

const contexts = await openContexts();

const SHAPE = [2, 3, 2, 3, 2, 3, 2, 3];
const [EVEN, ODD] = [0, 1].map((rest) => SHAPE.map((size, axis) => (axis % 2 === rest ? size : 1))) as [
  number[],
  number[],
];

function fusedOf(axes: number[]): Fused {
  const random = new Random(83);
  const shapes = { residual: SHAPE, gate: EVEN, inputBias: ODD, by: ODD, add: EVEN, scale: EVEN, shift: ODD };
  const arrays = Object.entries(shapes).map(([name, shape]) => {
    return [name, { data: random.normals(sizeOf(shape), 0, 0.5), shape }];
  });
  const names = ['x', 'dy', ...Object.keys(shapes)];
  return {
    op: 'layerNorm',
    x: { data: random.normals(sizeOf(SHAPE), 0.5), shape: SHAPE },
    options: { axes },
    arrays: Object.fromEntries(arrays) as Fused['arrays'],
    dtypes: Object.fromEntries(names.map((name) => [name, 'f32'])) as Fused['dtypes'],
  };
}

const LYING = { x: 'permuted', residual: 'every other', dy: 'heads' } as const;

it.each(PLANS.flatMap((plans) => [[7], [3, 4]].map((axes) => ({ plans, axes }))))(
  '$plans plans, axes $axes normalized',
  async ({ plans, axes }) => {
    const [context, fused] = [contexts[plans], fusedOf(axes)];
    const passes = plansOf(context, fused, true).flatMap((plan) => plan.passes);
    expect(Math.max(...passes.map(uniformSize))).toBeGreaterThan(UNIFORM_SLOT);
    const place: Place = ({ data, shape }, name) => {
      const lying = LYING[name as keyof typeof LYING];
      return lying ? viewAs(context, data, shape, 'f32', lying).tensor : context.tensor(data, shape);
    };
    const dy = gradientFor(fused, new Random(84));
    const errors = await fusedErrors(context, fused, dy, null, false, { place });
    for (const [result, units] of Object.entries(errors)) expect(units, result).toBeLessThanOrEqual(1);
  },
);
