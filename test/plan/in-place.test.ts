import { describe, expect, it } from 'vitest';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Dtype } from '../../src/problem/dtype.ts';
import { HARDWARE, SOFTWARE, SUBGROUPS } from './every-plan.ts';
import { described, state } from './every-problem.ts';

const rows = (shape: number[], dtype: Dtype = 'f32') =>
  state(layerNormDefinition, shape, { weight: described([shape.at(-1)!]) }, dtype);

const inPlace = (problem: ReturnType<typeof rows>, profile: Profile): Plan =>
  planForward(problem, profile, {}, {}, { y: 'x' });

describe('a plan in place', () => {
  it('writes four groups at once only where none is left over', () => {
    const outputs = [256, 257, 258, 259, 260].map(
      (count) => inPlace(rows([count, 32]), SOFTWARE).passes[0]!.choose.output,
    );
    expect(outputs).toEqual(['four_groups', 'per_element', 'per_element', 'per_element', 'four_groups']);
  });

  it('stores what it reads one by one where it stores so', () => {
    const [pass, ...more] = inPlace(rows([3, 5], 'f16'), SUBGROUPS).passes;
    expect(more).toEqual([]);
    expect(pass!.bindings).toContainEqual(
      expect.objectContaining({ name: 'x', resource: 'x', dtype: 'f16', access: 'update', native: true }),
    );
    expect(pass!.same).toEqual({ y: 'x' });
  });

  it('packs halves over x where it goes by f32', () => {
    const [normalizes, packs] = inPlace(rows([3, 5], 'bf16'), HARDWARE).passes;
    expect(normalizes!.bindings.map(({ resource, access }) => `${access} ${resource}`)).toEqual([
      'read x',
      'write yAsF32',
      'read weight',
    ]);
    expect(packs!.bindings.map(({ resource, access }) => `${access} ${resource}`)).toEqual(['read yAsF32', 'write x']);
  });

  it('has the passes of a plan out of place', () => {
    for (const profile of [SOFTWARE, HARDWARE, SUBGROUPS]) {
      for (const shape of [
        [4, 32],
        [2, 100_000],
        [8192, 768],
      ]) {
        const kernels = ({ passes }: Plan): string[] => passes.map(({ kernel }) => kernel);
        expect(kernels(inPlace(rows(shape), profile))).toEqual(kernels(planForward(rows(shape), profile)));
      }
    }
  });
});
