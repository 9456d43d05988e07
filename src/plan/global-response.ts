import { withoutSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import { backwardProblem, groupTiling } from './backward-problem.ts';
import type { GradientPasses } from './backward-problem.ts';
import { elementOutputs, NO_PARAMETERS, outputsFor } from './gradient-request.ts';
import type { GradientRequest } from './gradient-request.ts';
import { gradientPasses } from './gradient-strategies.ts';
import { applyGradient } from './passes/apply-gradient.ts';
import { combineAffine } from './passes/combine-affine.ts';
import {
  affineOfResponse,
  DRESPONSE,
  globalResponse,
  globalResponseGradient,
  NAMES,
  RESPONSE,
} from './passes/global-response.ts';
import { renamed } from './passes/gradient-operands.ts';
import type { SumsLayout } from './passes/gradient-sums-layout.ts';
import { mergeMoments } from './passes/merge-moments.ts';
import { mergeWeightGradient } from './passes/merge-gradient-sums.ts';
import { normalizeKnowing } from './passes/normalize.ts';
import { partialMoments } from './passes/partial-moments.ts';
import { planesBytes } from './plan.ts';
import type { Pass, Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import { stridedAxes } from './tiling/iteration-space.ts';
import { groupsOf, partsOf, tilingOf } from './tiling/tiling.ts';

/** The sums that lead back from the norms. */
const SUMS = 'responseSums';

/** y = activation(s · (1 + weight · n) + bias): norms, what they become, and the result (G24). */
export function planResponse(problem: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const { groups, op, save } = problem;
  const saved = save ? 'saved' : 'statistics';
  const tiling = tilingOf({ ...problem, weight: null, bias: null, modulation: null }, profile, forced);
  const [parts, stride] = [partsOf(tiling), groupsOf(tiling)];
  const partials = 'partials';
  const { problem: affine, passes: combining, scratch: combined } = combineAffine(affineOfResponse(problem), profile);
  const kept = { [saved]: planesBytes(groups, 'rstd') };
  return {
    label: op,
    saved: save ? kept : {},
    scratch: {
      [partials]: planesBytes(stride * parts, 'count'),
      [RESPONSE]: groups * 4,
      ...combined,
      ...(save ? {} : kept),
    },
    passes: [
      partialMoments(tiling, { x: 'x', partials }),
      mergeMoments(profile, { groups, parts, stride, measure: 'response', saveMoments: false, partials, saved }),
      globalResponse(problem, profile, saved, false),
      ...overResponse([...combining, normalizeKnowing(tilingOf(affine, profile, forced), { source: 'pointwise' })]),
    ],
  };
}

/** The gradients of the same, but for the sum that s may be. */
export function responseGradientPasses(
  problem: Problem,
  { outputs, dresidualOut }: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): GradientPasses & { scratch: Record<string, number> } {
  const { dx, dweight, dby, dadd, ...parameters } = outputs;
  const { problem: affine, passes: combining, scratch } = combineAffine(withoutSum(affineOfResponse(problem)), profile);
  const needsX = dx !== undefined || (dby !== undefined && problem.multiply!.before);
  const needsSums = needsX || dweight !== undefined;
  const of = (asked: GradientRequest['outputs'], arrives: boolean): GradientPasses =>
    gradientPasses(backwardProblem(affine, { outputs: asked, sums: 'own', dresidualOut: arrives }, profile, forced));
  const asked = { ...parameters, ...(needsSums && { dweight: 'write' as const }) };
  const first = Object.keys(asked).length > 0 ? of(asked, false) : { passes: [], sums: [] };
  const sums: SumsLayout = { resource: SUMS, axes: stridedAxes(problem).filter(({ reduced }) => !reduced), parts: 1 };
  const elements = elementOutputs({ dx, dby, dadd });
  const last = needsX
    ? [responseApplied(affine, { outputs: elements, sums: 'given', dresidualOut }, profile, forced)]
    : Object.keys(elements).length > 0
      ? of(elements, dresidualOut).passes
      : [];
  return {
    passes: [
      globalResponse(problem, profile, 'saved', true),
      ...overResponse([...combining, ...first.passes]),
      ...(needsSums ? [globalResponseGradient(problem, profile, sums)] : []),
      ...(dweight ? mergeWeightGradient(profile, sums, outputsFor(problem, { dweight })) : []),
      ...overResponse(last),
    ],
    sums: [...first.sums, ...(needsSums ? [sums] : [])],
    scratch: { ...scratch, [RESPONSE]: problem.groups * 4, ...(needsSums && { [DRESPONSE]: problem.groups * 4 }) },
  };
}

function overResponse(passes: readonly Pass[]): Pass[] {
  return passes.map((pass) => renamed(pass, NAMES));
}

/** dx with what leads back through the norms. */
function responseApplied(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): Pass {
  const { outputs, dresidualOut } = request;
  const tiling = groupTiling(backwardProblem(problem, request, profile, forced));
  const pass = applyGradient(tiling, SUMS, {
    elements: elementOutputs(outputs),
    dresidualOut,
    sums: null,
    parameters: NO_PARAMETERS,
    weightApplied: 'per element',
  });
  return { ...pass, choose: { ...pass.choose, gradient: 'response', lookup: 'response' } };
}
