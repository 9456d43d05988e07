import { isSum, withoutSum } from '../problem/problem.ts';
import type { Problem } from '../problem/problem.ts';
import { sizeOf } from '../problem/shape.ts';
import { rowMajorView, viewOf } from '../problem/strides.ts';
import { addResidual } from './passes/add-residual.ts';
import { isInRange } from './passes/operands.ts';
import type { Plan } from './plan.ts';
import type { Profile } from './profile.ts';
import type { Schedule } from './schedule.ts';
import { tilingOf } from './tiling/tiling.ts';

/** The plan of a problem; where one of its passes would bind too many arrays, x + residual first, and then the plan over that. */
export function atOnceOrSumFirst(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  planOf: (problem: Problem) => Plan,
): Plan {
  const plan = planOf(problem);
  const fits = plan.passes.every(({ bindings }) => bindings.length <= profile.maxArrays);
  return fits || !isSum(problem) ? plan : sumFirst(problem, profile, forced, planOf);
}

/** Where the sum is kept it lies as the call says, else row-major, in f32. */
function sumFirst(
  problem: Problem,
  profile: Profile,
  forced: Partial<Schedule>,
  planOf: (problem: Problem) => Plan,
): Plan {
  const kept = problem.writesResidualOut;
  const x = kept ? viewOf(problem, 'residual_out') : rowMajorView(problem);
  const dtype = kept ? problem.inputDtype : 'f32';
  const tiling = tilingOf({ ...problem, views: { ...problem.views, residual_out: x } }, profile, forced);
  const plan = planOf({ ...withoutSum(problem), x });
  // What is in range of f32 is told by what the sum is of, or stored as.
  const wide = !isInRange(problem) && dtype !== 'f16';
  const rest = plan.passes.map((pass) => ({
    ...pass,
    constants: { ...pass.constants, ...(wide && { IN_RANGE: false }) },
    bindings: pass.bindings.map((one) => (one.resource === 'x' ? { ...one, resource: 'residualOut', dtype } : one)),
  }));
  return {
    ...plan,
    scratch: { ...plan.scratch, ...(!kept && { residualOut: sizeOf(problem.shape) * 4 }) },
    passes: [addResidual(tiling, dtype), ...rest],
  };
}
