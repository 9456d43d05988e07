import { groupTiling } from './backward-problem.ts';
import type { BackwardProblem, GradientPasses } from './backward-problem.ts';
import { elementOutputs, NO_PARAMETERS } from './gradient-request.ts';
import type { SumsLayout } from './passes/gradient-sums-layout.ts';
import { mergeThirdPlane, mergeParameterGradients } from './passes/merge-gradient-sums.ts';
import { rowGradients, rowSetsOf } from './passes/row-gradients.ts';
import { isConstant } from '../problem/running.ts';
import { pairsHeld } from './schedule.ts';

/** Sums over dz of parts. */
export const PARTIAL = 'gradientPartials';

/** x and dy are read once, by items that take one row after the other: where weight and bias vary along rows, which fit registers, alone or by sets of rows. */
export function readOnceByRows(backward: BackwardProblem): GradientPasses | null {
  const { problem, outputs, profile, dresidualOut, axes, gate } = backward;
  const tiling = groupTiling(backward);
  const { vectorization, schedule } = tiling;
  const held = Math.ceil(vectorization.length / schedule.lanes);
  const fits = schedule.name === 'whole' && schedule.tile === 'registers' && held <= pairsHeld(tiling);
  if (!fits || vectorization.vector === 'column' || vectorization.tail !== 'exact') return null;
  const sets = rowSetsOf(tiling);
  if (!sets) return null;
  const sums: SumsLayout = {
    resource: PARTIAL,
    axes: [...sets.axes, ...axes.filter(({ reduced }) => reduced)],
    parts: sets.workgroups,
    ...(gate && { planes: 3 }),
  };
  return {
    passes: [
      rowGradients(
        tiling,
        sets,
        { elements: elementOutputs(outputs), dresidualOut, sums, parameters: NO_PARAMETERS },
        gate,
      ),
      ...mergeParameterGradients(profile, sums, problem, outputs),
      ...(gate?.dgate ? [mergeThirdPlane(profile, sums, problem.gate!, 'gate', gate.dgate)] : []),
    ],
    sums: [sums],
  };
}

/** The same where a gate is in it: dresidual and dgate on the way; null where rows cannot be read so. */
export function gatedGradientPasses(backward: BackwardProblem): GradientPasses | null {
  const { problem, sums } = backward;
  return sums === 'own' && !isConstant(problem.source) && problem.sequences === null ? readOnceByRows(backward) : null;
}
