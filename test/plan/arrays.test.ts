import { describe, expect, it } from 'vitest';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { GradientOutputs } from '../../src/plan/gradient-request.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { everyOutputs, HARDWARE, SOFTWARE } from './every-plan.ts';
import { described, stateForward } from './every-problem.ts';

const arraysOf = ({ passes }: Plan): number => Math.max(...passes.map(({ bindings }) => bindings.length));

/** All that a call may have at once. */
const shape = [4, 8, 6, 6];
const everything = {
  residual: described(shape),
  gate: described([4, 8]),
  modulation: { scale: described([4, 8]), shift: described(shape) },
  activation: 'silu',
} as const;
const channels = { weight: described([8]), bias: described([8]) };
const running = { runningMean: described([8]), runningVar: described([8]) };
const mask = { mask: described([4, 6, 6]), maskOutput: true };
const rows = {
  weight: described([6]),
  bias: described([6]),
  gate: described(shape),
  modulation: { scale: described(shape), shift: described(shape) },
};

const problems = {
  'LayerNorm with everything': stateForward(layerNormDefinition, shape, { ...everything, ...rows }),
  'BatchNorm with everything': stateForward(batchNormDefinition, shape, {
    ...everything,
    ...channels,
    ...running,
    ...mask,
    training: true,
  }),
  'BatchNorm, inference, with everything': stateForward(batchNormDefinition, shape, {
    ...everything,
    ...channels,
    ...running,
    ...mask,
  }),
  'InstanceNorm with everything': stateForward(instanceNormDefinition, shape, { ...everything, ...channels, ...mask }),
};

it.each(Object.entries(problems))('%s: how many arrays a pass binds at most', (_, problem) => {
  for (const profile of [SOFTWARE, HARDWARE]) {
    expect(arraysOf(planForward(problem, profile))).toBeLessThanOrEqual(8);
    for (const outputs of everyOutputs(problem)) {
      // With a mask as well, one more than every device binds.
      const plan = planBackward(problem, { outputs, sums: 'own', dresidualOut: true }, profile);
      expect(arraysOf(plan)).toBeLessThanOrEqual(8);
    }
  }
});

describe('a factor and an addend besides', () => {
  const long = [2, 4, 4100];
  const problem = stateForward(batchNormDefinition, long, {
    training: true,
    weight: described([4]),
    bias: described([4]),
    modulation: { scale: described(long), shift: described(long) },
    mask: described([2, 4100]),
    maskOutput: true,
    multiply: { by: described([2, 1, 1]) },
    add: described(long),
    activation: 'relu',
  });
  const parameters = { dweight: 'write', dbias: 'write', dscale: 'write', dshift: 'write' } as const;
  const all: GradientOutputs = { dx: 'write', ...parameters, dby: 'write', dadd: 'write' };
  const planned = (outputs: GradientOutputs, maxArrays: number): Plan =>
    planBackward(problem, { outputs, sums: 'own', dresidualOut: false }, { ...SOFTWARE, maxArrays });

  it('binds ten arrays where a device has no more', () => {
    expect(arraysOf(planned(all, 16))).toBeGreaterThan(10);
    expect(arraysOf(planned(all, 10))).toBeLessThanOrEqual(10);
  });

  it('has as much scratch memory as each that is planned in turn', () => {
    const { dby, dadd, ...others } = all;
    const { scratch } = planned(all, 10);
    for (const one of [others, { dby }, { dadd }]) {
      const alone = planned(one, 10).scratch;
      for (const name in alone) expect(scratch[name], name).toBeGreaterThanOrEqual(alone[name]!);
    }
  });
});
