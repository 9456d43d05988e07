import type { Profile } from '../profile.ts';
import type { Grid } from './pass.ts';

/** More parts than this are merged by several invocations. */
const PARTS_PER_INVOCATION = 32;

/** So many, whatever the parts are: another number of them is no other program. */
const MERGING_INVOCATIONS = 32;

/** How parts of groups are merged: where it pays, by several invocations each. The same part of neighbouring groups lies side by side. */
export function mergeGrid(profile: Profile, groups: number, parts: number, pays = true): Grid {
  const cooperative = !profile.software && parts > PARTS_PER_INVOCATION && pays;
  const lanes = cooperative ? Math.min(profile.maxWorkgroup, MERGING_INVOCATIONS) : 1;
  return {
    reduce: cooperative ? 'workgroup' : 'invocation',
    groups,
    length: parts,
    lanes,
    chunk: parts,
    elementsPerLoad: 1,
    columnwise: true,
  };
}
