import type { BackwardProblem, GradientPasses } from './backward-problem.ts';
import { throughMeanScale } from './gradient-of-mean-scale.ts';
import { elementOutputs, NO_PARAMETERS } from './gradient-request.ts';
import { applyGradient } from './passes/apply-gradient.ts';
import { gradientSums } from './passes/gradient-sums.ts';
import type { SumsLayout } from './passes/gradient-sums-layout.ts';
import { mergeGradientSums, mergeParameterGradients, weightedBy } from './passes/merge-gradient-sums.ts';
import { groupsOf, partsOf, tilingOf } from './tiling/tiling.ts';

/** Packed sequences: the sums of each channel of each, which dweight and dbias are made of, and of them those of groups; then dx. */
export function gradientOfSequences(backward: BackwardProblem): GradientPasses {
  const { problem, outputs, profile, forced, dresidualOut } = backward;
  const tiling = tilingOf(problem, profile, forced);
  const axes = tiling.axes.filter(({ reduced }) => !reduced);
  const fine: SumsLayout = {
    resource: 'columnGradientSums',
    axes,
    parts: partsOf(tiling),
    stride: groupsOf(tiling),
  };
  const whole: SumsLayout = { resource: 'gradientSums', axes: axes.filter(({ group }) => group !== 0), parts: 1 };
  const elements = elementOutputs(outputs);
  const isMade = Object.keys(elements).length > 0;
  const scaled = throughMeanScale(backward, whole);
  const apply = {
    elements,
    dresidualOut,
    sums: null,
    parameters: NO_PARAMETERS,
    weightApplied: 'per element',
  } as const;
  return {
    passes: [
      gradientSums(tiling, fine, false),
      ...mergeParameterGradients(profile, fine, problem, outputs),
      ...(isMade || outputs.dmeanScale
        ? [mergeGradientSums(profile, fine, whole, NO_PARAMETERS, weightedBy(problem)), ...scaled.passes]
        : []),
      ...(isMade ? [applyGradient(tiling, scaled.sums[0]!.resource, apply)] : []),
    ],
    sums: [whole, fine, ...scaled.sums],
  };
}
