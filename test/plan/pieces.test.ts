import { describe, expect, it } from 'vitest';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import type { GradientRequest } from '../../src/plan/gradient-request.ts';
import { planFittingBackward } from '../../src/plan/pieces/backward.ts';
import { axesOf, piecesAlong } from '../../src/plan/pieces/pieces.ts';
import { planFittingForward } from '../../src/plan/pieces/forward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { sizeOf } from '../../src/problem/shape.ts';
import { programKey } from '../../src/programs/source.ts';
import { everyOutputs, HARDWARE, SOFTWARE, SUBGROUPS } from './every-plan.ts';
import { described, everyProblem, stateForward } from './every-problem.ts';

/** Tensors of up to 2^31 elements on default limits, 128 MiB a binding: nothing a device has not is asked for. */

const channels = (count: number) => ({ weight: described([count]), bias: described([count]) });
const LARGE: Record<string, Problem> = {
  'LayerNorm, 2^31 elements': stateForward(layerNormDefinition, [2 ** 20, 2048], channels(2048)),
  'RMSNorm, long rows': stateForward(rmsNormDefinition, [3, 2 ** 28], { weight: described([2 ** 28]) }),
  'RMSNorm in f16, odd': stateForward(rmsNormDefinition, [77_777, 2049], channels(2049), 'f16'),
  'BatchNorm NCHW': stateForward(batchNormDefinition, [64, 64, 300, 301], { training: true, ...channels(64) }),
  'BatchNorm NHWC, one picture': stateForward(batchNormDefinition, [1, 4096, 4096, 16], {
    training: true,
    layout: 'NHWC',
    ...channels(16),
  }),
  'InstanceNorm, one picture': stateForward(instanceNormDefinition, [1, 65, 1024, 1024], channels(65)),
  'InstanceNorm NHWC, pictures cut': stateForward(instanceNormDefinition, [2, 1024, 2048, 65], {
    layout: 'NHWC',
    ...channels(65),
  }),
  'GroupNorm, a group larger than a binding': stateForward(groupNormDefinition, [2, 8, 4096, 4096], {
    numGroups: 2,
    ...channels(8),
  }),
  'normalize over all': stateForward(normalizeDefinition, [7, 2 ** 28 + 1], { axes: [0, 1], statistic: 'linf' }),
};

function expectBindable(plan: Plan, profile: typeof HARDWARE): void {
  for (const { kernel, bindings, workgroups } of plan.passes) {
    for (const { name, resource, byteOffset = 0, byteSize } of bindings) {
      const bytes = byteSize ?? plan.scratch[resource] ?? plan.saved[resource] ?? 0;
      expect(bytes, `${kernel} ${name}`).toBeLessThanOrEqual(profile.maxBinding);
      expect(byteOffset % 256, `${kernel} ${name}`).toBe(0);
    }
    expect(Math.max(...workgroups)).toBeLessThanOrEqual(65_535);
  }
}

describe.each(Object.entries({ SOFTWARE, HARDWARE, SUBGROUPS }))('%s', (_, profile) => {
  it.each(Object.entries(LARGE))('%s', (__, problem) => {
    const forward = planFittingForward(problem, profile);
    expectBindable(forward, profile);
    const ends = forward.passes.flatMap(({ bindings }) =>
      bindings.filter(({ resource }) => resource === 'y').map(({ byteOffset = 0, byteSize }) => byteOffset + byteSize!),
    );
    const bytes = sizeOf(problem.shape) * (problem.dtype === 'f32' ? 4 : 2);
    expect(Math.max(...ends)).toBe(Math.ceil(bytes / 4) * 4);
    for (const outputs of everyOutputs(problem)) {
      const request: GradientRequest = { outputs, sums: 'own', dresidualOut: false };
      expectBindable(planFittingBackward(problem, request, profile), profile);
    }
  });

  it('what is small enough is planned as ever', () => {
    for (const problem of everyProblem()) {
      expect(planFittingForward(problem, profile)).toEqual(planForward(problem, profile));
    }
  });
});

it('pieces of 128 MiB are one kind of program, whatever their number', () => {
  const [few, many] = [2 ** 17, 2 ** 20].map((rows) => {
    const plan = planFittingForward(stateForward(layerNormDefinition, [rows, 2048], channels(2048)), HARDWARE);
    return { passes: plan.passes.length, kinds: new Set(plan.passes.map(programKey)) };
  });
  expect([few!.passes, many!.passes]).toEqual([8, 64]);
  expect(many!.kinds).toEqual(few!.kinds);
  expect(many!.kinds.size).toBe(1);
});

it('pieces are one after the other, and all of x', () => {
  const problem = stateForward(instanceNormDefinition, [3, 5, 4, 7], { layout: 'NHWC' });
  for (const depth of [1, 2, 3]) {
    const axes = axesOf(problem).slice(0, depth);
    for (const size of [1, 2, 4]) {
      const pieces = piecesAlong(problem, axes, size);
      let next = 0;
      for (const { problem: piece, at } of pieces) {
        const { x } = problem;
        const first = [
          ...at.kept.map((index, axis) => index * x.kept[axis]!),
          ...at.reduced.map((index, axis) => index * x.reduced[axis]!),
        ];
        expect(first.reduce((a, b) => a + b)).toBe(next);
        next += piece.groups * piece.length;
      }
      expect(next).toBe(sizeOf(problem.shape));
    }
  }
});
