import { planBackward, planSums } from '../../src/plan/backward.ts';
import type { Wanted } from '../../src/plan/task.ts';
import { planForward } from '../../src/plan/forward.ts';
import { planMerge, planMoments } from '../../src/plan/moments.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import { planMergeSums } from '../../src/plan/sums.ts';
import type { Deposit } from '../../src/plan/sums.ts';
import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive.ts';
import { batchNormDefinition } from '../../src/norms/batch.ts';
import { groupNormDefinition } from '../../src/norms/group.ts';
import { instanceNormDefinition } from '../../src/norms/instance.ts';
import { layerNormDefinition } from '../../src/norms/layer.ts';
import { normalizeDefinition } from '../../src/norms/normalize.ts';
import type { Definition, Statistic } from '../../src/problem/definition.ts';
import type { Dtype } from '../../src/problem/parameters.ts';
import { measureProblem, stateProblem } from '../../src/problem/problem.ts';
import type { Problem } from '../../src/problem/problem.ts';

export const SOFTWARE: Profile = { software: true, maxWorkgroup: 256, maxDispatch: 65_535, subgroup: 0, parallel: 64 };
export const HARDWARE: Profile = {
  software: false,
  maxWorkgroup: 256,
  maxDispatch: 65_535,
  subgroup: 0,
  parallel: 65_536,
};
export const SUBGROUPS: Profile = { ...HARDWARE, subgroup: 32 };

/** What planning sees of a tensor. */
export function described(shape: number[], dtype: Dtype = 'f32'): { shape: number[]; dtype: Dtype } {
  return { shape, dtype };
}

/** The problem of a call whose tensors are descriptions. */
export function state<O extends object>(definition: Definition<O>, shape: number[], options: NoInfer<O>): Problem {
  return stateProblem(definition as Definition<object>, shape, options);
}

const channels = (count: number) => ({ weight: described([count]), bias: described([count]) });
const running = (count: number) => ({ runningMean: described([count]), runningVar: described([count]) });
const tracked = { numBatchesTracked: described([1], 'u32') };

/** Calls that between them need every kernel and every piece of shader. */
export function everyProblem(): Problem[] {
  const small = [4, 8, 6, 6];
  const large = [2, 8, 300, 300];
  const statistics: Statistic[] = ['mean-variance', 'rms', 'l2', 'l1', 'sum'];
  return [small, large].flatMap((shape) => [
    state(layerNormDefinition, shape, { axes: [1, 2, 3], save: true }),
    state(layerNormDefinition, shape, { weight: described([shape[3]!]), bias: described([shape[3]!]) }),
    state(batchNormDefinition, shape, { training: true, ...channels(8), ...running(8), ...tracked }),
    state(batchNormDefinition, shape, { training: true, momentum: null, ...running(8), ...tracked, save: true }),
    state(batchNormDefinition, shape, { layout: 'NHWC', training: true }),
    state(batchNormDefinition, shape, { ...running(8), save: true }),
    state(batchNormDefinition, shape, {
      training: true,
      moments: { packed: described([5, 64]), mean: described([8]), count: 10 },
    }),
    state(instanceNormDefinition, shape, { ...channels(8), ...running(8) }),
    state(groupNormDefinition, shape, { numGroups: 2, ...channels(8) }),
    state(groupNormDefinition, [...shape.slice(0, 3), 16], { numGroups: 2, layout: 'NHWC', ...channels(16) }),
    state(groupNormDefinition, [...shape.slice(0, 3), 20], { numGroups: 2, layout: 'NHWC', ...channels(20) }),
    state(groupNormDefinition, [...shape.slice(0, 2), 7, 7], { numGroups: 2, ...channels(8) }),
    state(batchNormDefinition, [...shape.slice(0, 3), 9], { layout: 'NHWC', training: true, ...channels(9) }),
    state(batchNormDefinition, [...shape.slice(0, 3), 9], { layout: 'NHWC', ...running(9), save: true }),
    state(layerNormDefinition, [...shape.slice(0, 3), 9], { weight: described([9]), bias: described([9]) }),
    state(adaptiveInstanceNormDefinition, shape, { style: described(shape) }),
    ...statistics.map((statistic) => state(normalizeDefinition, shape, { axes: [0, 2], statistic })),
  ]);
}

/** What may be wanted of a call: all its gradients, written or added to, dx alone, or those of the parameters alone. */
export function everyWanted(problem: Problem): Wanted[] {
  const wanted = (dx: Deposit, parameters: Deposit): Wanted => ({
    dx,
    dweight: problem.weight && !problem.style ? parameters : 'none',
    dbias: problem.bias && !problem.style ? parameters : 'none',
    dstyle: problem.style ? parameters : 'none',
  });
  return [wanted('set', 'set'), wanted('add', 'add'), wanted('set', 'none'), wanted('none', 'set')].filter((one) =>
    Object.values(one).some((deposit) => deposit !== 'none'),
  );
}

export function everyBackward(profile: Profile): { problem: Problem; plan: Plan }[] {
  return everyProblem().flatMap((problem) =>
    everyWanted(problem).map((wanted) => {
      const sums = problem.source === 'moments' ? 'given' : 'own';
      return { problem, plan: planBackward(problem, wanted, profile, {}, sums) };
    }),
  );
}

export function everyPlan(): { problem: Problem | null; plan: Plan }[] {
  return [SOFTWARE, HARDWARE, SUBGROUPS].flatMap((profile) => [
    ...everyProblem().map((problem) => ({ problem, plan: planForward(problem, profile) })),
    ...everyBackward(profile),
    { problem: null, plan: planSums(everyProblem()[2]!, profile, {}) },
    {
      problem: null,
      plan: planMoments(
        measureProblem(
          'moments',
          [64],
          [{ axis: 0, size: 64, reduced: true, parameter: false, channel: false }],
          'variance',
          0,
        ),
        profile,
      ),
    },
    { problem: null, plan: planMerge(profile, { groups: 3, parts: 40 }) },
    { problem: null, plan: planMergeSums(profile, { groups: 3, parts: 40 }) },
  ]);
}
