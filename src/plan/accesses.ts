import { isHalf } from '../problem/dtype.ts';
import type { Binding, Pass } from './plan.ts';

/** The index maps of arrays that have none of their own name. */
const MAPS: Record<string, string> = {
  y: 'x',
  dy: 'x',
  dx: 'x',
  residual: 'x',
  sum: 'x',
  dsum: 'x',
  running_mean: 'channel',
  running_var: 'channel',
};
/** Arrays that kernels write by group, each an element of its own. */
const PARAMETERS = new Set(['dweight', 'dbias']);

/** Arrays that kernels write by element; others too are bound as written where they share a buffer. */
const RESULTS = new Set(['y', 'dx', 'sum']);

/** The index map of an array; null where it is not read by group and element. */
export function mapOf(name: string, maps: Pass['maps']): string | null {
  if (maps[name]) return name;
  const map = MAPS[name];
  return map !== undefined && maps[map] ? map : null;
}

export function isParameter({ name }: Pick<Binding, 'name'>): boolean {
  return PARAMETERS.has(name);
}

export function isResult({ name }: Pick<Binding, 'name'>): boolean {
  return RESULTS.has(name);
}

/** Elements of one access to an array. */
export function widthOf({ type }: Pick<Binding, 'type'>, { use }: Pick<Pass, 'use'>): 1 | 4 {
  const wide = type === 'Value' || (type === 'Accumulator' && use['vector'] !== 'row');
  return wide && (use['vector'] ?? 'scalar') !== 'scalar' ? 4 : 1;
}

/** Whether offsets count accesses of four elements rather than elements. */
export function countsFours(binding: Binding, pass: Pass): boolean {
  const { edges = 'aligned' } = pass.use;
  const ofLoads = edges !== 'aligned' && binding.type === 'Value' && mapOf(binding.name, pass.maps) !== null;
  const ofGroups = edges === 'ragged_column' && binding.type === 'Accumulator' && isParameter(binding);
  return widthOf(binding, pass) === 4 && !ofLoads && !ofGroups;
}

/** Whether four elements are accessed at once: they lie where the array has a four. */
export function isWhole(binding: Binding, pass: Pass): boolean {
  const { start = 0, native = false } = binding;
  return countsFours(binding, pass) && start % 4 === 0 && !native;
}

/** Whether no two accesses to an array share a word. */
export function ownsWords(binding: Binding, pass: Pass): boolean {
  const { dtype = 'f32', native = false } = binding;
  return !isHalf(dtype) || native || isWhole(binding, pass);
}
