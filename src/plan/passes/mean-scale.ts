import type { Operand } from '../../problem/affine.ts';
import type { Problem } from '../../problem/problem.ts';
import { planeSize } from '../plan.ts';
import type { Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { digitsAlong } from '../tiling/index-map.ts';
import type { IndexMap } from '../tiling/index-map.ts';
import { countOf, sumsPlane } from './gradient-sums-layout.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import { makePass, oneInvocationEach } from './pass.ts';

/** An array that has one number for all elements of a group. */
export interface MappedOperand extends Pick<Operand, 'resource' | 'dtype'> {
  map: IndexMap;
}

/** How much of the mean is taken off, by group. */
export function meanScaleOfGroups({ meanScale, kept }: Problem): MappedOperand | null {
  if (!meanScale) return null;
  const { resource, dtype, view } = meanScale;
  const along = kept.map((size, axis) => ({ size, stride: view.kept[axis]! }));
  return { resource, dtype, map: { group: digitsAlong(along), element: [] } };
}

/** The sums over dz of the groups as dx is made of them where a share of the mean is taken off, and in a third plane the groups' shares of dmeanScale (G27). */
export function meanScaleGradient(problem: Problem, profile: Profile, sums: SumsLayout, scaled: SumsLayout): Pass {
  const groups = countOf(sums);
  const { resource, dtype } = problem.meanScale!;
  return makePass(profile, oneInvocationEach(groups), {
    kernel: 'mean_scale_gradient',
    choose: { vector: 'scalar' },
    maps: {
      mean_scale: {
        group: digitsAlong(sums.axes.map((axis) => ({ size: axis.size, stride: axis.mean_scale }))),
        element: [],
      },
    },
    bindings: [
      { name: 'partials', resource: sums.resource, type: 'f32', access: 'read' },
      { name: 'statistics', resource: 'saved', type: 'f32', access: 'read' },
      { name: 'mean_scale', resource, type: 'f32', dtype, access: 'read' },
      { name: 'sums', resource: scaled.resource, type: 'Accumulator', access: 'write' },
    ],
    uniforms: {
      partials_plane: sumsPlane(sums),
      statistics_plane: planeSize(groups),
      sums_plane: sumsPlane(scaled),
    },
  });
}
