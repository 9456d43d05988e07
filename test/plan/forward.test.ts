import { describe, expect, it } from 'vitest';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { planForward } from '../../src/plan/forward.ts';
import { inTwoDimensions } from '../../src/plan/passes/pass.ts';
import { forwardSpace } from '../../src/plan/tiling/iteration-space.ts';
import { vectorize } from '../../src/plan/tiling/vectorization.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { everyPlan, HARDWARE, SOFTWARE } from './every-plan.ts';
import { described, state } from './every-problem.ts';

describe('planning', () => {
  it('never exceeds what a device allows', () => {
    for (const { profile, plan } of everyPlan()) {
      for (const pass of plan.passes) {
        expect(Math.max(...pass.workgroups)).toBeLessThanOrEqual(65_535);
        expect(pass.bindings.length, pass.kernel).toBeLessThanOrEqual(profile.maxArrays);
        const constant = (name: string): number => Number(pass.constants[name]);
        const itemsEach = constant('WORKGROUP') / pass.uniforms.lanes;
        expect(constant('WORKGROUP')).toBeLessThanOrEqual(256);
        expect(pass.workgroups[0] * pass.workgroups[1] * itemsEach).toBeGreaterThanOrEqual(pass.uniforms.items);
        if (pass.choose.tile === 'registers') {
          expect(constant('HELD')).toBeLessThanOrEqual(16);
        }
      }
    }
  }, 60_000);

  it('takes one dispatch for a row that fits on chip and three at most', () => {
    for (const profile of [SOFTWARE, HARDWARE]) {
      const passes = (problem: Problem): number => planForward(problem, profile).passes.length;
      expect(passes(state(layerNormDefinition, [4096, 768], {}))).toBe(1);
      expect(passes(state(groupNormDefinition, [8, 256, 28, 28], { numGroups: 32 }))).toBe(1);
      const running = { runningMean: described([64]), runningVar: described([64]) };
      expect(passes(state(batchNormDefinition, [32, 64, 56, 56], running))).toBe(1);
      expect(passes(state(batchNormDefinition, [32, 64, 56, 56], { training: true, ...running }))).toBeLessThanOrEqual(
        3,
      );
      expect(passes(state(layerNormDefinition, [2, 1_000_000], {}))).toBe(3);
    }
  });

  it('gives a CPU’s few long rows a subgroup each, where it has any', () => {
    const reduce = (shape: number[], subgroup: number): string | undefined =>
      planForward(state(layerNormDefinition, shape, {}), { ...SOFTWARE, subgroup }).passes[0]!.choose.reduce;
    expect(reduce([3, 1024], 4)).toBe('subgroup');
    expect(reduce([3, 1024], 0)).toBe('invocation');
    expect(reduce([4, 1024], 4)).toBe('invocation');
    expect(reduce([1, 64], 4)).toBe('invocation');
  });

  it('lays workgroups out in two dimensions with little left over', () => {
    expect(inTwoDimensions(1, 65_535)).toEqual([1, 1]);
    expect(inTwoDimensions(65_535, 65_535)).toEqual([65_535, 1]);
    expect(inTwoDimensions(65_536, 65_535)).toEqual([32_768, 2]);
    for (const workgroups of [100_000, 300_001, 4_000_000_000]) {
      const [x, y] = inTwoDimensions(workgroups, 65_535);
      expect(x * y).toBeGreaterThanOrEqual(workgroups);
      expect(x * y - workgroups).toBeLessThan(y);
    }
  });

  it('does not depend on how many rows there are, but for its uniforms and workgroups', () => {
    const programs = [100_000, 200_000].map((rows) =>
      planForward(state(layerNormDefinition, [rows, 768], {}), HARDWARE).passes.map((pass) => ({
        ...pass,
        uniforms: null,
        workgroups: null,
      })),
    );
    expect(programs[0]).toEqual(programs[1]);
  });
});

describe('vectorization', () => {
  const vector = (problem: Problem, profile = HARDWARE): string => {
    const { vector: kind, tail } = vectorize(forwardSpace(problem), profile);
    return tail === 'exact' ? kind : `${tail} with a tail`;
  };

  it('is wide along the contiguous axis', () => {
    expect(vector(state(layerNormDefinition, [10, 768], {}))).toBe('row');
    expect(vector(state(batchNormDefinition, [4, 8, 28, 28], { training: true }))).toBe('row');
    expect(vector(state(batchNormDefinition, [4, 28, 28, 8], { training: true, layout: 'NHWC' }))).toBe('column');
    expect(vector(state(instanceNormDefinition, [4, 28, 28, 8], { layout: 'NHWC' }))).toBe('column');
    expect(vector(state(groupNormDefinition, [4, 28, 28, 32], { layout: 'NHWC', numGroups: 8 }))).toBe('row');
    expect(vector(state(normalizeDefinition, [8, 3, 32, 32], { axes: [0, 1], statistic: 'mean-variance' }))).toBe(
      'column',
    );
  });

  it('is scalar where four would straddle a row, a group or a parameter', () => {
    expect(vector(state(layerNormDefinition, [10, 769], {}))).toBe('scalar');
    expect(vector(state(groupNormDefinition, [4, 28, 28, 24], { layout: 'NHWC', numGroups: 8 }))).toBe('scalar');
    const weight = described([8]);
    expect(vector(state(groupNormDefinition, [4, 8, 2, 7], { numGroups: 2 }))).toBe('row');
    expect(vector(state(groupNormDefinition, [4, 8, 2, 7], { numGroups: 2, weight }))).toBe('scalar');
  });

  it('is of four neighbours from anywhere on a CPU', () => {
    expect(vector(state(layerNormDefinition, [10, 769], {}), SOFTWARE)).toBe('row with a tail');
    expect(vector(state(batchNormDefinition, [4, 8, 7, 7], { training: true }), SOFTWARE)).toBe('row with a tail');
    const weight = described([8]);
    expect(vector(state(groupNormDefinition, [4, 8, 3, 3], { numGroups: 2, weight }), SOFTWARE)).toBe(
      'row with a tail',
    );
    expect(vector(state(groupNormDefinition, [4, 8, 2, 3], { numGroups: 2, weight }), SOFTWARE)).toBe('scalar');
    expect(vector(state(batchNormDefinition, [4, 28, 28, 7], { training: true, layout: 'NHWC' }), SOFTWARE)).toBe(
      'column with a tail',
    );
    expect(vector(state(instanceNormDefinition, [4, 28, 28, 7], { layout: 'NHWC' }), SOFTWARE)).toBe('scalar');
  });
});
