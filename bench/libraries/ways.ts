import type { ContextOptions } from '../../src/index.ts';
import type { Listed } from './libraries.ts';
import { OURS } from './names.ts';

/** The ways in which webgpu-norm can be told to share out work, beside the one that it chooses: to be timed against that on a GPU. */
const WAYS: Record<string, ContextOptions> = {
  'a program for any shape': { specialize: false },
  'no subgroups': { profile: { subgroup: 0 } },
  'read again from memory': { schedule: { tile: 'memory' } },
  '64 lanes': { schedule: { reduce: 'workgroup', lanes: 64 } },
  '128 lanes': { schedule: { reduce: 'workgroup', lanes: 128 } },
  '256 lanes': { schedule: { reduce: 'workgroup', lanes: 256 } },
};

/** Each as a library of its own, on a device of its own. */
export const OTHER_WAYS: readonly Listed[] = Object.entries(WAYS).map(([way, options]) => {
  const name = `${OURS}, ${way}`;
  return { name, load: async () => (await import('./norm.ts')).normWith(name, options) };
});
