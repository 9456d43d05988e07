import type { BackwardProblem, GradientPasses } from './backward-problem.ts';
import type { SumsLayout } from './passes/gradient-sums-layout.ts';
import { meanScaleGradient } from './passes/mean-scale.ts';
import { mergeThirdPlane } from './passes/merge-gradient-sums.ts';

/** Where a share of the mean is taken off: of the groups' sums over dz, weighted, those that dx is made of, the first of what is left, and dmeanScale. */
export function throughMeanScale({ problem, profile, outputs }: BackwardProblem, sums: SumsLayout): GradientPasses {
  const { meanScale } = problem;
  if (!meanScale) return { passes: [], sums: [sums] };
  const scaled: SumsLayout = { resource: 'meanScaleSums', axes: sums.axes, parts: 1, planes: 3 };
  const { dmeanScale } = outputs;
  return {
    passes: [
      meanScaleGradient(problem, profile, sums, scaled),
      ...(dmeanScale ? [mergeThirdPlane(profile, scaled, meanScale, 'mean_scale', dmeanScale)] : []),
    ],
    sums: [scaled],
  };
}
