import type { Pass } from '../plan.ts';
import { pairsHeld, powerOfTwo } from '../schedule.ts';
import type { Segments } from '../tiling/segments.ts';
import type { Tiling } from '../tiling/tiling.ts';
import {
  gradientOperands,
  gradientUniforms,
  outputBindings,
  statisticsBinding,
  WEIGHT_APPLIED,
} from './gradient-operands.ts';
import type { GradientPassOutputs } from './gradient-operands.ts';
import { sumsPlane } from './gradient-sums-layout.ts';
import { blocksOf, gridOf, loadsAtOnce, makePass } from './pass.ts';

/** The segments of a group, and where the weight is applied in them. */
export interface WeightedSegments extends Segments {
  weightApplied: keyof typeof WEIGHT_APPLIED;
}

/** An item a group: dx, and the sums of each segment. */
export function groupGradient(tiling: Tiling, segments: WeightedSegments, outputs: GradientPassOutputs): Pass {
  const { profile, vectorization, schedule } = tiling;
  // A workgroup need not be wider than a segment.
  const lanes = Math.min(schedule.lanes, powerOfTwo(segments.length));
  const held = Math.ceil(segments.length / lanes);
  const registers = schedule.tile === 'registers' && segments.count === 1 && held <= pairsHeld(tiling);
  const width = segments.perLane ? vectorization.elementsPerLoad : vectorization.groupsPerLoad;
  const operands = gradientOperands(tiling);
  return makePass(
    profile,
    { ...gridOf(tiling), holding: 'pair', lanes, chunk: vectorization.length },
    {
      kernel: 'group_gradient',
      choose: {
        ...operands.choose,
        ...(segments.perLane && { vector: 'segments' }),
        tile: registers ? 'registers' : 'memory',
      },
      constants: {
        ...operands.constants,
        SEGMENTED: segments.count > 1,
        WEIGHT_APPLIED: WEIGHT_APPLIED[segments.weightApplied],
        WEIGHT_VARIES: segments.weightApplied === 'per element',
      },
      maps: vectorization.maps,
      bindings: [
        ...operands.bindings,
        statisticsBinding(tiling, segments.perLane ? 'f32' : 'Accumulator'),
        ...outputBindings(tiling, outputs),
      ],
      uniforms: {
        ...gradientUniforms(tiling),
        ...operands.uniforms,
        ...blocksOf(held, loadsAtOnce(profile)),
        segments: segments.count,
        segment_length: segments.length,
        segment_start: segments.start,
        segment_step: segments.step,
        sums_plane: outputs.sums ? sumsPlane(outputs.sums) / width : 0,
      },
    },
  );
}
