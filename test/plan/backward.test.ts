import { describe, expect, it } from 'vitest';
import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import { isWritten } from '../../src/plan/plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { GradientOutputs } from '../../src/plan/gradient-request.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { sizeOf } from '../../src/problem/shape.ts';
import { everyBackward, everyOutputs, HARDWARE, SOFTWARE } from './every-plan.ts';
import { described, plainProblems, state } from './every-problem.ts';

const parameters = (...shape: number[]) => ({ weight: described(shape), bias: described(shape) });
const running = { runningMean: described([64]), runningVar: described([64]) };

/** Calls of the sizes that models have, and how often their gradient reads x and dy with the plans of a GPU. */
const calls: Record<string, { problem: Problem; readings: number; dispatches: number }> = {
  'LayerNorm [4096,768]': {
    problem: state(layerNormDefinition, [4096, 768], parameters(768)),
    readings: 1,
    dispatches: 2,
  },
  'RMSNorm [2048,2048]': {
    problem: state(rmsNormDefinition, [2048, 2048], { weight: described([2048]) }),
    readings: 1,
    dispatches: 2,
  },
  'LayerNorm [64,32768], too long to hold': {
    problem: state(layerNormDefinition, [64, 32_768], parameters(32_768)),
    readings: 2,
    dispatches: 3,
  },
  'LayerNorm over C,H,W of few samples': {
    problem: state(layerNormDefinition, [2, 64, 56, 56], { axes: [1, 2, 3], ...parameters(64, 56, 56) }),
    readings: 2,
    dispatches: 3,
  },
  'InstanceNorm [8,64,64,64]': {
    problem: state(instanceNormDefinition, [8, 64, 64, 64], parameters(64)),
    readings: 1,
    dispatches: 2,
  },
  'GroupNorm [8,256,28,28]': {
    problem: state(groupNormDefinition, [8, 256, 28, 28], { numGroups: 32, ...parameters(256) }),
    readings: 2,
    dispatches: 2,
  },
  'GroupNorm NHWC, channels side by side': {
    problem: state(groupNormDefinition, [8, 28, 28, 256], { layout: 'NHWC', numGroups: 32, ...parameters(256) }),
    readings: 2,
    dispatches: 3,
  },
  'BatchNorm [32,64,56,56]': {
    problem: state(batchNormDefinition, [32, 64, 56, 56], { training: true, ...parameters(64) }),
    readings: 2,
    dispatches: 3,
  },
  'BatchNorm NHWC': {
    problem: state(batchNormDefinition, [32, 56, 56, 64], { training: true, layout: 'NHWC', ...parameters(64) }),
    readings: 2,
    dispatches: 3,
  },
  'BatchNorm, inference': {
    problem: state(batchNormDefinition, [32, 64, 56, 56], { ...running, ...parameters(64) }),
    readings: 1,
    dispatches: 2,
  },
};

function planOutputs(problem: Problem, outputs: GradientOutputs, profile: Profile): Plan {
  return planBackward(problem, { outputs, sums: 'own', dresidualOut: false }, profile);
}

function planAll(problem: Problem, profile: Profile): Plan {
  return planOutputs(problem, everyOutputs(problem)[0]!, profile);
}

const readingsOf = (plan: Plan): number =>
  plan.passes.filter((pass) => pass.bindings.some(({ resource }) => resource === 'x')).length;

const bytesOf = (scratch: Record<string, number>): number =>
  Object.values(scratch).reduce((sum, bytes) => sum + bytes, 0);

describe('planning a gradient', () => {
  it.each(Object.entries(calls))('%s: readings of x and dy, and dispatches', (_, { problem, readings, dispatches }) => {
    const plan = planAll(problem, HARDWARE);
    expect(readingsOf(plan)).toBe(readings);
    expect(plan.passes).toHaveLength(dispatches);
  });

  it.each(Object.entries(calls))('%s: allocates little beside its results', (_, { problem }) => {
    const bytes = 4 * sizeOf(problem.shape);
    for (const profile of [SOFTWARE, HARDWARE]) {
      const plan = planAll(problem, profile);
      expect(bytesOf(plan.scratch)).toBeLessThanOrEqual(bytes / 4);
      expect(plan.saved).toEqual({});
    }
  });

  it.each(Object.entries(calls))('%s: three numbers a group are saved', (_, { problem }) => {
    const { saved } = planForward({ ...problem, save: true }, HARDWARE);
    expect(Object.keys(saved)).toEqual(['saved']);
    expect(saved['saved']).toBeLessThanOrEqual(3 * 4 * (problem.groups + 64));
  });

  it('reads x and dy twice and dispatches four times at most', () => {
    for (const profile of [SOFTWARE, HARDWARE]) {
      for (const { problem, plan } of everyBackward(profile, plainProblems())) {
        expect(readingsOf(plan), problem.op).toBeLessThanOrEqual(2);
        expect(plan.passes.length, problem.op).toBeLessThanOrEqual(4);
      }
    }
  });

  it('does nothing for what is not asked for', () => {
    const { problem } = calls['LayerNorm [4096,768]']!;
    const dxAlone = planOutputs(problem, { dx: 'write' }, HARDWARE);
    expect(dxAlone.passes).toHaveLength(1);
    expect(bytesOf(dxAlone.scratch)).toBe(0);
    const dbiasAlone = planOutputs(problem, { dbias: 'write' }, HARDWARE);
    const written = dbiasAlone.passes.flatMap((pass) => pass.bindings.filter(isWritten));
    expect(written.map(({ resource }) => resource)).toEqual(['gradientPartials', 'dbias']);
    expect(readingsOf(dbiasAlone)).toBe(1);
  });

  it('writes dweight and dbias at once where a work item sees all that they are sums of', () => {
    const kernels = (problem: Problem, profile: Profile): string[] =>
      planAll(problem, profile).passes.map(({ kernel }) => kernel);
    expect(kernels(calls['BatchNorm [32,64,56,56]']!.problem, SOFTWARE)).toEqual(['group_gradient']);
    expect(kernels(calls['BatchNorm, inference']!.problem, SOFTWARE)).toEqual(['apply_gradient']);
    const row = state(layerNormDefinition, [1, 4096], parameters(4096));
    expect(kernels(row, SOFTWARE)).toEqual(['gradient_sums', 'apply_gradient']);
  });

  it('takes a pass for each of weight and bias where they vary along other axes', () => {
    const problem = state(normalizeDefinition, [6, 8, 10], {
      axes: [2],
      statistic: 'mean-variance',
      weight: described([8, 1]),
      bias: described([10]),
    });
    const kernels = planAll(problem, HARDWARE).passes.map(({ kernel }) => kernel);
    expect(kernels.filter((kernel) => kernel === 'merge_gradient_sums')).toHaveLength(2);
  });

  it('gives the style its gradient from the sums of the content', () => {
    const problem = state(adaptiveInstanceNormDefinition, [2, 8, 16, 16], { style: described([2, 8, 9, 9]) });
    const plan = planAll(problem, HARDWARE);
    expect(plan.passes.map(({ kernel }) => kernel)).toEqual(['group_gradient', 'apply_gradient']);
    expect(plan.passes[1]!.bindings.find(isWritten)!.resource).toBe('dstyle');
  });
});
