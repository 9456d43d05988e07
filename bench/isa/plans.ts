import { adaptiveInstanceNormDefinition } from '../../src/norms/adaptive-instance-norm.ts';
import { batchNormDefinition } from '../../src/norms/batch-norm.ts';
import { groupNormDefinition } from '../../src/norms/group-norm.ts';
import { instanceNormDefinition } from '../../src/norms/instance-norm.ts';
import { layerNormDefinition } from '../../src/norms/layer-norm.ts';
import { rmsNormDefinition } from '../../src/norms/rms-norm.ts';
import { planBackward } from '../../src/plan/backward.ts';
import { planForward } from '../../src/plan/forward.ts';
import type { GradientOutputs } from '../../src/plan/gradient-request.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Profile } from '../../src/plan/profile.ts';
import type { Definition } from '../../src/problem/definition.ts';
import type { TensorSpec } from '../../src/problem/parameters.ts';
import { addShaders, GRADIENT_SHADERS } from '../../src/programs/shaders.ts';
import { stateProblem } from '../../src/problem/state-problem.ts';
import type { Problem } from '../../src/problem/problem.ts';
import { EPS, inputShapes, trainedOf } from '../cases/case.ts';
import type { Case, Norm } from '../cases/case.ts';
import type { IsaCase } from './cases.ts';

/** Which call of a case is planned: for its result alone, or for the gradients of all that is trained. */
export type Direction = 'forward' | 'backward';

export const DIRECTIONS: readonly Direction[] = ['forward', 'backward'];

/** The plan of a call, made without a GPU. */
export function planOf(of: IsaCase, direction: Direction, profile: Profile): Plan {
  const problem = problemOf(of, direction === 'backward');
  if (direction === 'forward') return planForward(problem, profile);
  addShaders(GRADIENT_SHADERS);
  const request = { outputs: outputsOf(of), sums: 'own', dresidualOut: problem.residual !== null } as const;
  return planBackward(problem, request, profile);
}

function problemOf(of: IsaCase, saves: boolean): Problem {
  const { norm, shape, dtype } = of;
  const definition = DEFINITIONS[norm] as Definition<object>;
  addShaders(...(definition.shaders ?? []));
  return stateProblem(definition, { shape, dtype }, optionsOf(of), saves);
}

const DEFINITIONS: Record<Norm, object> = {
  layerNorm: layerNormDefinition,
  rmsNorm: rmsNormDefinition,
  batchNorm: batchNormDefinition,
  batchNormInference: batchNormDefinition,
  instanceNorm: instanceNormDefinition,
  groupNorm: groupNormDefinition,
  adaptiveInstanceNorm: adaptiveInstanceNormDefinition,
};

/** The options of the call, with descriptions for tensors. */
function optionsOf(of: IsaCase): object {
  const { norm, shape, dtype, layout, axes = 1, groups, activation, gated } = of;
  const { weight, bias, scale, shift, style, runningMean, runningVar } = inputsOf(of);
  const large = { shape, dtype };
  return {
    eps: EPS,
    ...(weight && { weight }),
    ...(bias && { bias }),
    ...(scale && shift && { modulation: { scale, shift } }),
    ...(style && { style: large }),
    ...(runningMean && runningVar && { runningMean, runningVar }),
    ...(of.residual && { residual: large, residualOut: large }),
    ...(gated && { gate: described([shape[0]!, shape.at(-1)!]) }),
    ...(activation && { activation }),
    ...(groups !== undefined && { numGroups: groups }),
    ...(layout === 'rows' ? { axes: shape.map((_, axis) => axis).slice(-axes) } : { layout }),
    ...(norm === 'batchNorm' && { training: true }),
  };
}

type Inputs = Partial<Record<keyof ReturnType<typeof inputShapes>, TensorSpec>>;

/** The arrays of the call, parameters as f32. */
function inputsOf(of: IsaCase): Inputs {
  const shapes = inputShapes(asBenchmarked(of));
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, described(shape)]));
}

function described(shape: readonly number[]): TensorSpec {
  return { shape, dtype: 'f32' };
}

/** dx, and the gradients of all that is trained. That of a residual is dx itself, unless it was gated. */
function outputsOf(of: IsaCase): GradientOutputs {
  const names = ['dx', ...trainedOf(asBenchmarked(of)).map((name) => `d${name}`)];
  const gated = of.gated ? ['dresidual', 'dgate'] : [];
  return Object.fromEntries([...names, ...gated].map((name) => [name, 'write']));
}

/** The same as a case of the benchmark, whose shapes do not depend on what x is stored as. */
function asBenchmarked({ dtype: _dtype, gated: _gated, ...rest }: IsaCase): Case {
  return rest;
}
