import { isConstant } from '../problem/running.ts';
import {
  areParameterGradients,
  elementOutputs,
  NO_PARAMETERS,
  outputsFor,
  wantsInputGradients,
  wantsParameterGradients,
  wantsPointwiseGradients,
} from './gradient-request.ts';
import type { ParameterOutputs } from './gradient-request.ts';
import { applyGradient, applyStyleGradient } from './passes/apply-gradient.ts';
import type { GradientPassOutputs } from './passes/gradient-operands.ts';
import { gradientSums } from './passes/gradient-sums.ts';
import type { SumsLayout } from './passes/gradient-sums-layout.ts';
import { groupGradient } from './passes/group-gradient.ts';
import type { WeightedSegments } from './passes/group-gradient.ts';
import {
  mergeGradientSums,
  mergeParameterGradients,
  mergePointwiseGradients,
  scaledBy,
  weightedBy,
} from './passes/merge-gradient-sums.ts';
import type { Pass } from './plan.ts';
import { groupSpace, parameterSpace, stridedAxes, weightVaries } from './tiling/iteration-space.ts';
import type { StridedAxis } from './tiling/iteration-space.ts';
import { oneSegment, segmentsOf } from './tiling/segments.ts';
import { groupsOf, partsOf, tilingOver, twoLevelTiling } from './tiling/tiling.ts';
import type { Tiling } from './tiling/tiling.ts';
import { groupTiling } from './backward-problem.ts';
import type { BackwardProblem, GradientPasses } from './backward-problem.ts';
import { throughMeanScale } from './gradient-of-mean-scale.ts';
import { gradientOfSequences } from './gradient-of-sequences.ts';
import { PARTIAL, readOnceByRows } from './gradient-of-rows.ts';

const NO_PASSES: GradientPasses = { passes: [], sums: [] };

/** Sums over dz: of parts, of whole groups, and of those times the scale that follows. */
const [WHOLE, SCALED] = ['gradientSums', 'scaledGradientSums'] as const;

/** Passes by the strategy of least traffic that serves: dx of rows or groups in one reading, or in two. */
export function gradientPasses(backward: BackwardProblem): GradientPasses {
  const { problem, outputs, sums, profile, forced } = backward;
  if (problem.sequences !== null) return gradientOfSequences(backward);
  if (sums === 'given') return applyOnParameters(backward, 'sums');
  if (isConstant(problem.source) || !wantsInputGradients(outputs, problem)) return applyOnParameters(backward, null);
  if (problem.meanScale) return sumThenScaleMean(backward);
  const tiling = twoLevelTiling(problem, profile, forced);
  if (tiling && !tiling.axes.some((axis) => axis.reduced && weightVaries(axis))) {
    return sumColumnsThenApply(backward, tiling);
  }
  return readOnceByGroup(backward) ?? readOnceByRows(backward) ?? sumThenApply(backward);
}

/** x and dy are read once, by items that cover whole groups. */
function readOnceByGroup(backward: BackwardProblem): GradientPasses | null {
  const { outputs, dresidualOut } = backward;
  const tiling = groupTiling(backward);
  const segments = tiling.schedule.name === 'whole' ? weightedSegments(backward, tiling) : null;
  if (!segments) return null;
  const varying = segments.weightApplied === 'per segment' ? backward.axes.filter((axis) => axis.reduced) : [];
  const sums: SumsLayout = {
    resource: WHOLE,
    axes: [...keptAxes(backward.axes), ...varying.filter(weightVaries)],
    parts: 1,
  };
  const { sums: kept, parameters } = destinationOf(backward, sums);
  const whole = groupGradient(tiling, segments, {
    elements: elementOutputs(outputs),
    dresidualOut,
    sums: kept,
    parameters,
  });
  const after = kept ? afterSums(backward, kept) : NO_PASSES;
  return { passes: [whole, ...after.passes], sums: [...(kept ? [kept] : []), ...after.sums] };
}

/** The segments of a group; null where an item cannot go through them one after the other. */
function weightedSegments(backward: BackwardProblem, { vectorization, schedule }: Tiling): WeightedSegments | null {
  const { axes, weightIsPerGroup, outputs } = backward;
  if (weightIsPerGroup) return { ...oneSegment(vectorization), weightApplied: 'after the reduction' };
  if (!wantsParameterGradients(outputs) && !outputs.dstyle) {
    return { ...oneSegment(vectorization), weightApplied: 'per element' };
  }
  const segments = segmentsOf(axes, vectorization);
  // What several lanes hold of a group they hold of all of it at once.
  if (!segments || (schedule.lanes > 1 && segments.count > 1)) return null;
  return { ...segments, weightApplied: 'per segment' };
}

/** x and dy are read twice: for the sums over dz of the groups, then for dx with them. */
function sumThenApply(backward: BackwardProblem): GradientPasses {
  const { problem, outputs, weightIsPerGroup, fuseParameterGradients } = backward;
  const tiling = groupTiling(backward);
  const parameters = outputsFor(problem, outputs);
  const merged =
    weightIsPerGroup && fuseParameterGradients && areParameterGradients(keptAxes(backward.axes), parameters);
  const summed = sumGroups(backward, tiling, WHOLE, merged ? parameters : NO_PARAMETERS);
  const [sums] = summed.sums;
  const { dstyle } = outputs;
  const rest = merged ? { ...backward, outputs: { ...elementOutputs(outputs), ...(dstyle && { dstyle }) } } : backward;
  if (!weightIsPerGroup) return joined(summed, applyOnParameters(backward, sums!.resource));
  return joined(summed, afterSums(rest, sums!), {
    passes: applyOnGroups(backward, tiling, sums!.resource),
    sums: [],
  });
}

/** The same where a share of the mean is taken off, by sums of what goes back to x_hat. */
function sumThenScaleMean(backward: BackwardProblem): GradientPasses {
  const weighted: BackwardProblem = { ...backward, weightIsPerGroup: false };
  const summed = sumGroups(weighted, groupTiling(weighted), WHOLE);
  const scaled = throughMeanScale(weighted, summed.sums[0]!);
  return joined(summed, scaled, applyOnParameters(weighted, scaled.sums[0]!.resource));
}

/** x and dy are read twice, by items that see finer groups: their sums are what dweight and dbias are made of. */
function sumColumnsThenApply(backward: BackwardProblem, tiling: Tiling): GradientPasses {
  const { problem, outputs, profile } = backward;
  const axes = keptAxes(tiling.axes);
  const fine: SumsLayout = { resource: PARTIAL, axes, parts: partsOf(tiling) };
  const whole: SumsLayout = { resource: WHOLE, axes: axes.filter(({ group }) => group !== 0), parts: 1 };
  return {
    passes: [
      gradientSums(tiling, fine, false),
      mergeGradientSums(profile, fine, whole, NO_PARAMETERS, weightedBy(problem)),
      ...mergeParameterGradients(profile, fine, problem, outputs),
      applyGradient(tiling, WHOLE, { ...elementsAlone(backward), weightApplied: 'per element' }),
    ],
    sums: [whole, fine],
  };
}

/** Where the sums of a pass go: they are dweight and dbias already, or kept for a later pass, or nobody wants them. */
function destinationOf(
  { problem, outputs, fuseParameterGradients }: BackwardProblem,
  sums: SumsLayout,
): Pick<GradientPassOutputs, 'sums' | 'parameters'> {
  const parameters: ParameterOutputs = outputsFor(problem, outputs);
  const wanted = wantsParameterGradients(outputs);
  const final =
    sums.planes === undefined &&
    fuseParameterGradients &&
    sums.parts === 1 &&
    wanted &&
    areParameterGradients(sums.axes, parameters);
  const needed = outputs.dstyle !== undefined || (wanted && !final);
  return { sums: needed ? sums : null, parameters: final ? parameters : NO_PARAMETERS };
}

/** The sums of all groups, into `sums`. */
export function sumsOfGroups(backward: BackwardProblem, resource: string): GradientPasses {
  return sumGroups(backward, groupTiling(backward), resource);
}

/** The sums of the groups, first of what is returned. Weight and bias wait where they can. */
function sumGroups(
  backward: BackwardProblem,
  tiling: Tiling,
  resource: string,
  parameters: ParameterOutputs = NO_PARAMETERS,
): GradientPasses {
  const parts = partsOf(tiling);
  const axes = keptAxes(backward.axes);
  const sums: SumsLayout = { resource, axes, parts: 1 };
  const weighted = !backward.weightIsPerGroup;
  // One part is merged too where the merge writes dweight and dbias: as many passes, and the programs of more parts.
  if (parts === 1 && !parameters.dweight && !parameters.dbias) {
    return { passes: [gradientSums(tiling, sums, weighted)], sums: [sums] };
  }
  const partial: SumsLayout = { resource: `${PARTIAL}OfGroups`, axes, parts, stride: groupsOf(tiling) };
  return {
    passes: [gradientSums(tiling, partial, weighted), mergeGradientSums(backward.profile, partial, sums, parameters)],
    sums: [sums, partial],
  };
}

/** dx with sums that are known or not needed, and on the way those that dweight and dbias are made of. */
function applyOnParameters(backward: BackwardProblem, sums: string | null): GradientPasses {
  const { problem, outputs, profile, forced, axes, weightIsPerGroup, dresidualOut } = backward;
  // The gradient of a style is made of the sums of its groups' elements, each times its scale.
  const { dstyle: _, ...others } = outputs;
  const rest: BackwardProblem = weightIsPerGroup ? { ...backward, outputs: others } : backward;
  if (!wantsParameterGradients(outputs) && !rest.outputs.dstyle) {
    return { passes: applyOnGroups(backward, groupTiling(backward), sums), sums: [] };
  }
  const tiling = tilingOver(parameterSpace(problem, axes), axes, problem, profile, forced);
  const own: SumsLayout = {
    resource: PARTIAL,
    axes: axes.filter(weightVaries),
    parts: partsOf(tiling),
    stride: groupsOf(tiling),
    ...(wantsPointwiseGradients(outputs) && { planes: 4 }),
  };
  const destination = destinationOf(rest, own);
  const applied = applyGradient(tiling, sums, {
    elements: elementOutputs(outputs),
    dresidualOut,
    ...destination,
    weightApplied: weightIsPerGroup ? 'after the reduction' : 'per element',
  });
  const kept = destination.sums;
  return joined({ passes: [applied], sums: kept ? [kept] : [] }, kept ? afterSums(rest, kept) : NO_PASSES);
}

function applyOnGroups(backward: BackwardProblem, tiling: Tiling, sums: string | null): Pass[] {
  const weightApplied = backward.weightIsPerGroup ? 'after the reduction' : 'per element';
  const outputs = elementsAlone(backward);
  return Object.keys(outputs.elements).length > 0 ? [applyGradient(tiling, sums, { ...outputs, weightApplied })] : [];
}

/** Passes that follow once the sums of all segments are there, as they are. */
function afterSums({ problem, outputs, profile, forced }: BackwardProblem, sums: SumsLayout): GradientPasses {
  const passes = mergeParameterGradients(profile, sums, problem, outputs);
  const { style, combined } = problem;
  if (wantsPointwiseGradients(outputs)) {
    return joined({ passes, sums: [] }, mergePointwiseGradients(profile, sums, problem, outputs));
  }
  if (!style || !outputs.dstyle) return { passes, sums: [] };
  const axes = stridedAxes(style);
  const tiling = tilingOver(groupSpace(style, axes), axes, style, profile, forced);
  if (!combined) return { passes: [...passes, applyStyleGradient(tiling, sums.resource, outputs.dstyle)], sums: [] };
  const scaled: SumsLayout = { resource: SCALED, axes: sums.axes.filter(({ group }) => group !== 0), parts: 1 };
  return {
    passes: [
      ...passes,
      mergeGradientSums(profile, sums, scaled, NO_PARAMETERS, scaledBy(problem)),
      applyStyleGradient(tiling, SCALED, outputs.dstyle),
    ],
    sums: [scaled],
  };
}

function keptAxes(axes: readonly StridedAxis[]): StridedAxis[] {
  return axes.filter(({ reduced }) => !reduced);
}

function elementsAlone({ outputs, dresidualOut }: BackwardProblem): GradientPassOutputs {
  return { elements: elementOutputs(outputs), dresidualOut, sums: null, parameters: NO_PARAMETERS };
}

function joined(...all: readonly GradientPasses[]): GradientPasses {
  return { passes: all.flatMap(({ passes }) => passes), sums: all.flatMap(({ sums }) => sums) };
}
