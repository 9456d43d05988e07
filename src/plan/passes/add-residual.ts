import type { Dtype } from '../../problem/dtype.ts';
import type { Pass } from '../plan.ts';
import type { Tiling } from '../tiling/tiling.ts';
import { inclusionOperands, inputOperands, joined, residualOutOperands } from './operands.ts';
import { gridOf, makePass } from './pass.ts';

/** Writes x + residual alone, into `sum`. */
export function addResidual(tiling: Tiling, dtype: Dtype): Pass {
  const { problem, profile, vectorization } = tiling;
  const operands = joined(inputOperands(tiling), inclusionOperands(tiling, false), residualOutOperands(dtype, true));
  return makePass(profile, gridOf(tiling), {
    ...operands,
    kernel: 'add_residual',
    rounding: problem.dtype,
    choose: { vector: vectorization.vector, tail: vectorization.tail, tile: 'memory', ...operands.choose },
    maps: vectorization.maps,
  });
}
