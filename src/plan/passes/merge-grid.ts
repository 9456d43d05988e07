import type { Profile } from '../profile.ts';
import type { Grid } from './pass.ts';

/** More parts than this are merged by several invocations. */
const PARTS_PER_INVOCATION = 32;

/** So many, whatever the parts are, so that another number of them is no other program; fewer where there are many groups. */
const MERGING_INVOCATIONS = { fewGroups: 128, manyGroups: 32 };

/**
 * How parts of groups are merged: where it pays, by several invocations each. The same part of neighbouring groups lies side by side. On a GPU one
 * program serves any number of invocations.
 */
export function mergeGrid(profile: Profile, groups: number, parts: number, pays = true): Grid {
  const cooperative = !profile.software && parts > PARTS_PER_INVOCATION && pays;
  const { fewGroups, manyGroups } = MERGING_INVOCATIONS;
  const wanted = groups * fewGroups <= profile.parallel ? fewGroups : manyGroups;
  const lanes = cooperative ? Math.min(profile.maxWorkgroup, wanted) : 1;
  return {
    reduce: profile.software ? 'invocation' : 'workgroup',
    groups,
    length: parts,
    lanes,
    chunk: parts,
    elementsPerLoad: 1,
    columnwise: true,
  };
}
