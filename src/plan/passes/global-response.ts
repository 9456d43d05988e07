import type { Operand } from '../../problem/affine.ts';
import type { Problem } from '../../problem/problem.ts';
import { stridesOf } from '../../problem/shape.ts';
import { planeSize } from '../plan.ts';
import type { Binding, Pass } from '../plan.ts';
import type { Profile } from '../profile.ts';
import { digitsAlong } from '../tiling/index-map.ts';
import type { IndexMap } from '../tiling/index-map.ts';
import type { Renaming } from './gradient-operands.ts';
import { sumsPlane } from './gradient-sums-layout.ts';
import type { SumsLayout } from './gradient-sums-layout.ts';
import { mergeGrid } from './merge-grid.ts';
import { makePass } from './pass.ts';

/** weight · n of each group, and its gradient: what passes over the problem that is left take for weight and dweight. */
export const RESPONSE = 'response';
export const DRESPONSE = 'dresponse';
export const NAMES: Renaming = { weight: { resource: RESPONSE }, dweight: { resource: DRESPONSE } };

/**
 * The problem that is left once norms are there: x_hat is x, and its weight 1 + weight · n, a number a group. That is GRN's x + x_hat · weight with n in
 * the weight rather than in x_hat, so that all that follows an affine follows it.
 */
export function affineOfResponse(problem: Problem): Problem {
  const { kept, reduced } = problem;
  const view = { kept: stridesOf(kept), reduced: reduced.map(() => 0) };
  const weight: Operand = { resource: 'weight', dtype: 'f32', view };
  return { ...problem, measure: 'rms', source: 'none', weight, zeroCenteredWeight: true };
}

const READ = { name: 'statistics', access: 'read' } as const;
const UPDATED = { name: 'saved', access: 'update' } as const;

/** weight · n, from norms in `saved`, where n takes their place; or from n, where it did. */
export function globalResponse(problem: Problem, profile: Profile, saved: string, responded: boolean): Pass {
  return responsePass(problem, profile, {
    kernel: 'global_response',
    constants: { RESPONDED: responded },
    bindings: [
      { resource: saved, type: 'f32', ...(responded ? READ : UPDATED) },
      { name: 'response', resource: RESPONSE, type: 'f32', access: 'write' },
    ],
    uniforms: {},
  });
}

/** From the gradient of weight · n what leads back to x, and by sample to the weight, as the sums over dz and dz · x_hat of the groups. */
export function globalResponseGradient(problem: Problem, profile: Profile, sums: SumsLayout): Pass {
  return responsePass(problem, profile, {
    kernel: 'global_response_gradient',
    constants: {},
    bindings: [
      { name: 'statistics', resource: 'saved', type: 'f32', access: 'read' },
      { name: 'dresponse', resource: DRESPONSE, type: 'f32', access: 'read' },
      { name: 'sums', resource: sums.resource, type: 'f32', access: 'write' },
    ],
    uniforms: { sums_plane: sumsPlane(sums) },
  });
}

function responsePass(
  problem: Problem,
  profile: Profile,
  pass: Pick<Pass, 'kernel' | 'constants' | 'bindings'> & { uniforms: Partial<Pass['uniforms']> },
): Pass {
  const { kept, channel, weight, groups } = problem;
  const axes = kept.map((size, axis) => ({ size, axis }));
  const along = (isChannel: boolean) => axes.filter(({ axis }) => (channel![axis] !== 0) === isChannel);
  const map = (strides: readonly number[]): IndexMap => {
    const digits = (isChannel: boolean) =>
      digitsAlong(along(isChannel).map(({ size, axis }) => ({ size, stride: strides[axis]! })));
    return { group: digits(false), element: digits(true) };
  };
  const channels = along(true).reduce((product, { size }) => product * size, 1);
  const ofWeight: Binding[] = weight
    ? [{ name: 'weight', resource: weight.resource, dtype: weight.dtype, type: 'f32', access: 'read' }]
    : [];
  return makePass(profile, mergeGrid(profile, groups / channels, channels), {
    ...pass,
    choose: { vector: 'scalar' },
    maps: { group: map(stridesOf(kept)), ...(weight && { weight: map(weight.view.kept) }) },
    bindings: [...pass.bindings, ...ofWeight],
    uniforms: { statistics_plane: planeSize(groups), ...pass.uniforms },
  });
}
