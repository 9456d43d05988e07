import { planBackward, planGradientSums, planMergeGradientSums } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { GradientOutputs, GradientRequest, WriteMode } from '../../src/plan/gradient-request.ts';
import { planMergeMoments, planMoments } from '../../src/plan/moments.ts';
import { planZeros } from '../../src/plan/zeros.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import type { Dtype } from '../../src/problem/dtype.ts';
import { measureProblem } from '../../src/problem/problem.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { addShaders, GRADIENT_SHADERS, STATISTIC_SHADERS } from '../../src/programs/shaders.ts';
import { described, stateForward, everyProblem, quantizedProblems } from './every-problem.ts';

export const SOFTWARE: Profile = {
  software: true,
  maxWorkgroup: 256,
  maxDispatch: 65_535,
  subgroup: 0,
  subgroupSize: 0,
  maxArrays: 8,
  maxBinding: 2 ** 27,
  f16: false,
  parallel: 64,
  held: 16,
};
export const HARDWARE: Profile = { ...SOFTWARE, software: false, parallel: 65_536 };
export const SUBGROUPS: Profile = { ...HARDWARE, subgroup: 32, maxArrays: 16, f16: true };

function zerosOf(dtype: Dtype, profile: Profile): Plan {
  const problem = stateForward(layerNormDefinition, [0, 5], { weight: described([5], dtype) }, dtype);
  return planZeros(problem, profile, { dweight: { dtype, size: 5 } }, {});
}

/** What may be asked of a gradient: all outputs, written or added to, dx alone, or those of the parameters alone. */
export function everyOutputs(problem: Problem): GradientOutputs[] {
  const { weight, bias, modulation, residual, gate, style, meanScale, alpha, inputShift } = problem;
  const operands = style ? [] : [weight, bias, modulation?.weight, modulation?.bias];
  const others = [
    ...[...operands, gate, meanScale, alpha, inputShift].flatMap((operand) => (operand ? `d${operand.resource}` : [])),
    ...(residual ? ['dresidual'] : []),
    ...(style ? ['dstyle'] : []),
  ];
  const all = (mode: WriteMode): GradientOutputs => Object.fromEntries(others.map((name) => [name, mode]));
  const requested: GradientOutputs[] = [
    { dx: 'write', ...all('write') },
    { dx: 'accumulate', ...all('accumulate') },
    { dx: 'write' },
    all('write'),
  ];
  return requested.filter((outputs) => Object.keys(outputs).length > 0);
}

export function everyBackward(
  profile: Profile,
  problems: readonly Problem[] = everyProblem(),
): { problem: Problem; plan: Plan }[] {
  return problems.flatMap((problem) => {
    const sums = problem.source === 'moments' ? 'given' : 'own';
    return everyOutputs(problem).map((outputs) => {
      const request: GradientRequest = { outputs, sums, dresidualOut: problem.residual !== null };
      return { problem, plan: planBackward(problem, request, profile) };
    });
  });
}

export function everyPlan(): { profile: Profile; problem: Problem | null; plan: Plan }[] {
  addShaders(GRADIENT_SHADERS, STATISTIC_SHADERS);
  return [SOFTWARE, HARDWARE, SUBGROUPS].flatMap((profile) =>
    plansOf(profile).map((planned) => ({ profile, ...planned })),
  );
}

function plansOf(profile: Profile): { problem: Problem | null; plan: Plan }[] {
  return [
    ...everyProblem().map((problem) => ({ problem, plan: planForward(problem, profile) })),
    ...quantizedProblems().map((problem) => ({ problem, plan: planForward(problem, profile) })),
    ...everyBackward(profile),
    { problem: null, plan: planGradientSums(everyProblem()[2]!, profile, {}) },
    {
      problem: null,
      plan: planMoments(
        measureProblem(
          'moments',
          described([64]),
          [{ axis: 0, size: 64, reduced: true, parameter: false, channel: false }],
          'variance',
        ),
        profile,
      ),
    },
    { problem: null, plan: planMergeMoments(profile, { groups: 3, parts: 40 }) },
    { problem: null, plan: planMergeGradientSums(profile, { groups: 3, parts: 40 }) },
    { problem: null, plan: zerosOf('f32', profile) },
    { problem: null, plan: zerosOf('f16', profile) },
  ];
}
