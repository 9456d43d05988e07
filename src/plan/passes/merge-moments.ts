import type { Measure } from '../../problem/statistics.ts';
import { planeSize } from '../plan.ts';
import type { Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { UNIT } from '../tiling/index-map.ts';
import type { IndexMap } from '../tiling/index-map.ts';
import type { Uniforms } from '../uniforms.ts';
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
  /** Where parts lie; left out: those of all groups one after the other. */
  map?: IndexMap | undefined;
}

/** Merges the parts of every group, from `partials` into `saved`. */
export function mergeMoments(profile: Profile, merge: MomentsMerge): Pass {
  const { groups, parts, stride, running = NO_UPDATE } = merge;
  const map = merge.map ?? { ...IDENTITY, element: [{ ...UNIT, stride }] };
  return makePass(profile, mergeGrid(profile, groups, parts), {
    kernel: 'merge_moments',
    choose: { vector: 'scalar', statistic: statisticFile(merge.measure) },
    constants: { SAVE_MOMENTS: merge.saveMoments, ...running.constants },
    maps: { part: map, channel: IDENTITY },
    bindings: [
      { name: 'partials', resource: merge.partials, type: 'f32', access: 'read' },
      { name: 'saved', resource: merge.saved, type: 'f32', access: 'write' },
      ...running.bindings,
    ],
    uniforms: { statistics_plane: planeSize(groups), partials_plane: planeSize(stride * parts), ...merge.uniforms },
  });
}
