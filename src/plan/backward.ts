import { withoutSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import type { Views } from '../problem/affine.ts';
import { sizeOf } from '../problem/shape.ts';
import { isStrided, viewOf } from '../problem/strides.ts';
import { withElementOffsets } from './element-offsets.ts';
import type { ElementOffsets } from './element-offsets.ts';
import { splitOutputs } from './gradient-request.ts';
import type { GradientRequest } from './gradient-request.ts';
import { backwardProblem } from './backward-problem.ts';
import type { GradientPasses } from './backward-problem.ts';
import { responseGradientPasses } from './global-response.ts';
import { gatedGradientPasses } from './gradient-of-rows.ts';
import { gradientPasses, sumsOfGroups } from './gradient-strategies.ts';
import { withoutStatistics as knowingNothing } from './passes/apply-gradient.ts';
import { combineAffine } from './passes/combine-affine.ts';
import { renamed } from './passes/gradient-operands.ts';
import { largestScratch, scratchOf, sumsBytes } from './passes/gradient-sums-layout.ts';
import { mergeGradientSums } from './passes/merge-gradient-sums.ts';
import { packHalves } from './passes/pack.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import { planBroadcastGradients } from './broadcast-gradients.ts';
import { passOn, scratchArray } from './gradient-steps.ts';
import { planResidualGradients } from './residual-gradients.ts';
import type { Schedule } from './schedule.ts';
import { NO_STRIDES } from './tiling/iteration-space.ts';

/** The gradients of a call as far as they are wanted; `problem` as it was forward, its x the sum of x and residual. */
export function planBackward(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule> = {},
  offsets: ElementOffsets = {},
): Plan {
  const plan = planUnpackedBackward(problem, request, profile, forced);
  return packHalves(withElementOffsets(plan, offsets), problem, profile);
}

/** The same for tensors that are bound where they begin, as if no two of their elements shared a word. */
export function planUnpackedBackward(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): Plan {
  const fits = ({ passes }: Plan): boolean => passes.every(({ bindings }) => bindings.length <= profile.maxArrays);
  const gated = planGated(problem, request, profile, forced);
  if (gated && fits(gated)) return gated;
  const fused = planGradients(problem, request, profile, forced, true);
  if (fits(fused)) return fused;
  if (problem.rotary) {
    const unfused = planGradients(problem, request, profile, forced, false);
    return fits(unfused) ? unfused : planRotationFirst(problem, request, profile, forced);
  }
  const requests = withoutElementwise(request);
  if (requests.length > 1) return inTurn(problem, requests, profile, forced);
  const unfused = planGradients(problem, request, profile, forced, false);
  if (fits(unfused)) return unfused;
  const halves = withoutParameters(request);
  return halves.length > 1 ? inTurn(problem, halves, profile, forced) : unfused;
}

/** Gradients that are too many arrays for one pass, some after the others; each reads x and dy again. */
function inTurn(problem: Problem, requests: GradientRequest[], profile: Profile, forced: Partial<Schedule>): Plan {
  const plans = requests.map((request) => planUnpackedBackward(problem, request, profile, forced));
  return {
    label: `${problem.op} backward`,
    saved: {},
    scratch: largestScratch(plans.map(({ scratch }) => scratch)),
    passes: plans.flatMap(({ passes }) => passes),
  };
}

/** The gradients of what multiplies and is added each by itself: they read more than the others. */
function withoutElementwise(request: GradientRequest): GradientRequest[] {
  const { dby, dadd, ...others } = request.outputs;
  return [
    ...asked({ ...request, outputs: others }),
    ...asked({ ...request, dresidualOut: false, outputs: dby ? { dby } : {} }),
    ...asked({ ...request, dresidualOut: false, outputs: dadd ? { dadd } : {} }),
  ];
}

/** The gradients of parameters by themselves: they take no sums of groups, the others keep none for them. */
function withoutParameters(request: GradientRequest): GradientRequest[] {
  const [parameters, others] = splitOutputs(request.outputs);
  return [
    ...asked({ ...request, outputs: others }),
    ...asked({ ...request, dresidualOut: false, outputs: parameters }),
  ];
}

function asked(request: GradientRequest): GradientRequest[] {
  return Object.keys(request.outputs).length > 0 ? [request] : [];
}

/** The gradient before the rotation, where no other pass has bindings left for it. */
const UNROTATED = 'gradientBeforeRotation';

/** Where tables and positions are too many arrays for one pass: dy rotated back first, as the gradient of a y that is x rotated; then all else. */
function planRotationFirst(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): Plan {
  const { rotary, outputDtype: dtype } = problem;
  const unrotated = scratchArray(problem, UNROTATED);
  const step = passOn(problem, { array: { resource: 'dy', dtype }, view: viewOf(problem, 'dy') }, unrotated, 'write');
  const rotation: Problem = { ...step.problem, mask: null, maskOutput: false, rotary };
  const { passes } = gradientPasses(backwardProblem(rotation, step.request, profile, forced));
  const plain = layingIn({ ...problem, rotary: null, outputDtype: 'f32' }, { dy: unrotated.view });
  const rest = planUnpackedBackward(plain, request, profile, forced);
  return {
    ...rest,
    scratch: { ...rest.scratch, [UNROTATED]: sizeOf(problem.shape) * 4 },
    passes: [
      ...passes.map((pass) => renamed(knowingNothing(pass), step.names)),
      ...rest.passes.map((pass) => renamed(pass, { dy: unrotated.array })),
    ],
  };
}

/** With what a gate passes on, on the way of the gradient of what it is added to; null where that is not possible, or not wanted. */
function planGated(
  problem: Problem,
  { outputs, ...request }: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
): Plan | null {
  const { gate } = problem;
  const { dresidual, dgate, ...own } = outputs;
  if (!gate || problem.meanScale || problem.measure === 'response' || outputs.dinputBias || (!dresidual && !dgate))
    return null;
  if (planBroadcastGradients(problem, { outputs, ...request }).steps.length > 0) return null;
  const combined = combineAffine(withoutSum(problem), profile);
  const backward = backwardProblem(
    { ...combined.problem, gate, residual: problem.residual },
    { outputs: own, ...request },
    profile,
    forced,
  );
  const gradients = gatedGradientPasses({ ...backward, gate: { dresidual, dgate } });
  if (!gradients) return null;
  return {
    label: `${problem.op} backward`,
    saved: {},
    scratch: { ...combined.scratch, ...scratchOf(gradients.sums) },
    passes: [...combined.passes, ...gradients.passes],
  };
}

/** `fuses`: with as few passes as can be, however many arrays those bind. */
function planGradients(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
  fuses: boolean,
): Plan {
  const broadcast = planBroadcastGradients(problem, request);
  const residual = planResidualGradients(problem, broadcast.request, fuses);
  const own = ownGradients(problem, residual.request, profile, forced, {
    fuses,
    views: { ...residual.views, ...broadcast.views },
  });
  const steps = [...residual.steps, ...broadcast.steps].map((step) => {
    const { passes, sums } = gradientPasses(backwardProblem(step.problem, step.request, profile, forced));
    return { passes: passes.map((pass) => renamed(knowingNothing(pass), step.names)), sums };
  });
  return {
    label: `${problem.op} backward`,
    saved: {},
    scratch: {
      ...own.scratch,
      ...residual.scratch,
      ...broadcast.scratch,
      ...scratchOf([...own.sums, ...steps.flatMap(({ sums }) => sums)]),
    },
    passes: [
      ...own.passes.map((pass) => renamed(pass, { ...residual.names, ...broadcast.names })),
      ...steps.flatMap(({ passes }) => passes),
    ],
  };
}

/** With gradients that go elsewhere first, where any array is strided. */
function layingIn(problem: Problem, views: Views): Problem {
  return isStrided(problem) ? { ...problem, views: { ...problem.views, ...views } } : problem;
}

/** The gradients of the normalization itself, of the sum that it is of. */
function ownGradients(
  problem: Problem,
  request: GradientRequest,
  profile: Profile,
  forced: Partial<Schedule>,
  { fuses, views }: { fuses: boolean; views: Views },
): GradientPasses & Pick<Plan, 'scratch'> {
  if (problem.measure === 'response') {
    return responseGradientPasses(layingIn(problem, views), request, profile, forced);
  }
  const combined = combineAffine(withoutSum(problem), profile);
  const { passes, sums } = gradientPasses({
    ...backwardProblem(layingIn(combined.problem, views), request, profile, forced),
    ...(!fuses && UNFUSED),
  });
  return { passes: [...combined.passes, ...passes], sums, scratch: combined.scratch };
}

const UNFUSED = { fuseParameterGradients: false };

/** The sums over dz of every group, in `sums`: what the parts of a split batch exchange. */
export function planGradientSums(problem: Problem, profile: Profile, forced: Partial<Schedule>): Plan {
  const combined = combineAffine(problem, profile);
  const request: GradientRequest = { outputs: {}, sums: 'part', dresidualOut: false };
  const backward = backwardProblem(combined.problem, request, profile, forced);
  const { passes, sums } = sumsOfGroups(backward, 'sums');
  const [result, ...scratch] = sums;
  return {
    label: `${problem.op} gradient sums`,
    saved: { sums: sumsBytes(result!) },
    scratch: { ...combined.scratch, ...scratchOf(scratch) },
    passes: [...combined.passes, ...passes],
  };
}

/** Merges sums that were computed elsewhere and copied to `partials`. */
export function planMergeGradientSums(profile: Profile, { groups, parts }: { groups: number; parts: number }): Plan {
  const axes = [{ ...NO_STRIDES, size: groups, reduced: false, x: 1, group: 1 }];
  const partials = { resource: 'partials', axes, parts };
  const sums = { resource: 'sums', axes, parts: 1 };
  return {
    label: 'mergeGradientSums',
    saved: { sums: sumsBytes(sums) },
    scratch: { partials: sumsBytes(partials) },
    passes: [mergeGradientSums(profile, partials, sums)],
  };
}
