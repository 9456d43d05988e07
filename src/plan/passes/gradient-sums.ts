import type { Pass } from '../plan.ts';
import { mapsOf } from '../tiling/tiling.ts';
import type { Tiling } from '../tiling/tiling.ts';
import {
  gradientOperands,
  gradientUniforms,
  statisticsBinding,
  sumsBinding,
  WEIGHT_APPLIED,
} from './gradient-operands.ts';
import { sumsPlane } from './gradient-sums-layout.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import { gridOf, makePass } from './pass.ts';

/** The sums over dz of each chunk of each group; over dz as it is, or times the weight. */
export function gradientSums(tiling: Tiling, sums: SumsLayout, weighted: boolean): Pass {
  const { profile, vectorization } = tiling;
  const operands = gradientOperands(tiling, weighted);
  const applied = weighted ? 'per element' : 'after the reduction';
  return makePass(profile, gridOf(tiling), {
    kernel: 'gradient_sums',
    choose: { ...operands.choose, tile: 'memory' },
    constants: { ...operands.constants, WEIGHT_APPLIED: WEIGHT_APPLIED[applied] },
    maps: mapsOf(tiling),
    bindings: [...operands.bindings, statisticsBinding(tiling), ...sumsBinding(sums)],
    uniforms: {
      ...gradientUniforms(tiling),
      ...operands.uniforms,
      sums_plane: sumsPlane(sums) / vectorization.groupsPerLoad,
    },
  });
}
