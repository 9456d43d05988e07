import type { Measure } from '../../problem/statistics.ts';
import { planeSize } from '../plan.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { UNIT } from '../tiling/index-map.ts';
import type { IndexMap } from '../tiling/index-map.ts';
import type { Uniforms } from '../uniforms.ts';
import type { MappedOperand } from './mean-scale.ts';
import { mergeGrid } from './merge-grid.ts';
import { makePass } from './pass.ts';
import { statisticFile } from './partial-moments.ts';
import { IDENTITY, NO_UPDATE } from './update-running.ts';
import type { RunningOperands } from './update-running.ts';

export interface MomentsMerge {
  groups: number;
  /** Parts of each group, and from one part of all groups to the next. */
  parts: number;
  stride: number;
  measure: Measure;
  saveMoments: boolean;
  partials: string;
  saved: string;
  running?: RunningOperands;
  uniforms?: Partial<Uniforms>;
  /** How much of the mean is taken off, and how it lies along the groups. */
  meanScale?: MappedOperand | null;
  /** Where parts lie; left out: those of all groups one after the other. */
  map?: IndexMap | undefined;
}

/** Merges the parts of every group, from `partials` into `saved`. */
export function mergeMoments(profile: Profile, merge: MomentsMerge): Pass {
  const { groups, parts, stride, running = NO_UPDATE, meanScale } = merge;
  const map = merge.map ?? { ...IDENTITY, element: [{ ...UNIT, stride }] };
  return makePass(profile, mergeGrid(profile, groups, parts), {
    kernel: 'merge_moments',
    choose: { vector: 'scalar', statistic: statisticFile(merge.measure) },
    constants: { SAVE_MOMENTS: merge.saveMoments, ...running.constants },
    maps: { part: map, channel: IDENTITY, ...(meanScale && { mean_scale: meanScale.map }) },
    bindings: [
      { name: 'partials', resource: merge.partials, type: 'f32', access: 'read' },
      { name: 'saved', resource: merge.saved, type: 'f32', access: 'write' },
      ...running.bindings,
      ...(meanScale ? [meanScaleBinding(meanScale)] : []),
    ],
    uniforms: { statistics_plane: planeSize(groups), partials_plane: planeSize(stride * parts), ...merge.uniforms },
  });
}

function meanScaleBinding({ resource, dtype }: MappedOperand): Binding {
  return { name: 'mean_scale', resource, type: 'f32', dtype, access: 'read' };
}
