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

/** The index map of an array; null where it is not read by group and element. */
export function mapOf(name: string, maps: Pass['maps']): string | null {
  if (maps[name]) return name;
  const map = MAPS[name];
  return map !== undefined && maps[map] ? map : null;
}

export function isParameter({ name }: Pick<Binding, 'name'>): boolean {
  return PARAMETERS.has(name);
}

/** Elements of one access to an array. */
export function widthOf({ type }: Pick<Binding, 'type'>, { use }: Pick<Pass, 'use'>): 1 | 4 {
  const wide = type === 'Value' || (type === 'Accumulator' && use['vector'] !== 'row');
  return wide && (use['vector'] ?? 'scalar') !== 'scalar' ? 4 : 1;
}

/** Whether the elements of an access begin where a load of as many does. */
export function isAligned(binding: Binding, { use, maps }: Pass): boolean {
  const { edges = 'aligned' } = use;
  const ofLoads = edges !== 'aligned' && binding.type === 'Value' && mapOf(binding.name, maps) !== null;
  const ofGroups = edges === 'ragged_column' && binding.type === 'Accumulator' && isParameter(binding);
  return !ofLoads && !ofGroups;
}

/** Whether no two accesses to an array share a word. */
export function ownsWords(binding: Binding, pass: Pass): boolean {
  const { dtype = 'f32', native = false } = binding;
  return !isHalf(dtype) || native || (widthOf(binding, pass) === 4 && isAligned(binding, pass));
}
