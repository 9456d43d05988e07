import type { WriteMode } from '../gradient-request.ts';
import { NO_PARAMETERS } from '../gradient-request.ts';
import { planeSize } from '../plan.ts';
import type { Binding, Pass } from '../plan.ts';
import { mapsOf } from '../tiling/tiling.ts';
import type { Tiling } from '../tiling/tiling.ts';
import {
  boundOnce,
  gradientChoice,
  gradientOperands,
  gradientUniforms,
  outputBindings,
  statisticsBinding,
  WEIGHT_APPLIED,
} from './gradient-operands.ts';
import type { GradientPassOutputs } from './gradient-operands.ts';
import { sumsPlane } from './gradient-sums-layout.ts';
import { STYLE_STATISTICS } from './operands.ts';
import { gridOf, makePass } from './pass.ts';

/** dx with sums that are known, or with none; and the sums of each item, if they are kept. */
export function applyGradient(
  tiling: Tiling,
  sums: string | null,
  outputs: GradientPassOutputs & { weightApplied: 'per element' | 'after the reduction' },
): Pass {
  const { problem, profile, vectorization, groupPerLane } = tiling;
  const maps = mapsOf(tiling);
  const { type, width } = groupNumbers(tiling);
  const operands = gradientOperands(tiling);
  const isAlone = problem.source === 'none';
  const groupSums: Binding[] = sums === null ? [] : [{ name: 'group_sums', resource: sums, type, access: 'read' }];
  return makePass(profile, gridOf(tiling), {
    kernel: 'apply_gradient',
    choose: {
      ...operands.choose,
      lookup: isAlone ? 'pointwise' : groupPerLane && vectorization.vector === 'column' ? 'per_lane' : 'uniform',
      tile: 'memory',
    },
    constants: {
      GROUP_VARIES: !isAlone && maps['group']!.element.length > 0,
      ...operands.constants,
      WEIGHT_APPLIED: WEIGHT_APPLIED[outputs.weightApplied],
      ...(outputs.sums?.planes === 4 && { KEEPS_INPUT_SUMS: true }),
      KEEPS_SUMS: outputs.sums !== null || outputs.parameters !== NO_PARAMETERS,
    },
    maps,
    bindings: [
      ...operands.bindings,
      ...(isAlone ? [] : [statisticsBinding(tiling, type)]),
      ...groupSums,
      ...outputBindings(tiling, outputs),
    ],
    uniforms: {
      ...gradientUniforms(tiling),
      ...operands.uniforms,
      statistics_plane: planeSize(problem.groups) / width,
      sums_plane: outputs.sums ? sumsPlane(outputs.sums) / vectorization.groupsPerLoad : 0,
    },
  });
}

/** The gradient of a style of AdaIN, from the sums over dz of the content's groups. */
export function applyStyleGradient(tiling: Tiling, sums: string, dstyle: WriteMode): Pass {
  const { problem, profile, vectorization } = tiling;
  const { dtype, groups, length, bessel } = problem;
  const { type, width } = groupNumbers(tiling);
  const style = { resource: 'style', type: 'Value', dtype, access: 'read' } as const;
  return boundOnce(
    makePass(profile, gridOf(tiling), {
      kernel: 'apply_gradient',
      choose: {
        ...gradientChoice(tiling),
        statistic: 'mean_variance',
        gradient: 'spread',
        lookup: 'uniform',
        tile: 'memory',
      },
      constants: { WEIGHT_APPLIED: WEIGHT_APPLIED['after the reduction'] },
      maps: vectorization.maps,
      bindings: [
        { name: 'x', ...style },
        { name: 'dy', ...style },
        { name: 'statistics', resource: STYLE_STATISTICS, type, access: 'read' },
        { name: 'group_sums', resource: sums, type, access: 'read' },
        { name: 'dx', resource: 'dstyle', type: 'Value', dtype, access: dstyle },
      ],
      uniforms: { statistics_plane: planeSize(groups) / width, inv_count: 1 / length, bessel_factor: bessel },
    }),
  );
}

/** A pass that knows no statistics: x_hat is x. */
export function withoutStatistics(pass: Pass): Pass {
  return {
    ...pass,
    choose: { ...pass.choose, lookup: 'identity' },
    bindings: pass.bindings.filter(({ name }) => name !== 'statistics'),
  };
}

/** How a load reads numbers of groups: one for all its lanes, or one for each. */
function groupNumbers({ vectorization }: Tiling): { type: Binding['type']; width: number } {
  return vectorization.each['group']
    ? { type: 'Value', width: vectorization.elementsPerLoad * vectorization.groupsPerLoad }
    : { type: 'f32', width: 1 };
}
