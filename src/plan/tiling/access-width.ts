import { arraySpec } from '../../problem/arrays.ts';
import type { ArrayName } from '../../problem/arrays.ts';
import type { Binding, Pass } from '../plan.ts';

/** The index map by which an array is reached, its own or that of the array it follows; null where it is not reached by group and element. */
export function mapOf(name: ArrayName, maps: Pass['maps']): string | null {
  const { indexing, follows = name } = arraySpec(name);
  const map = maps[name] ? name : follows;
  return indexing === 'element' && maps[map] ? map : null;
}

/** Elements of one access to an array. */
export function widthOf(
  { type }: Pick<Binding, 'type'>,
  { choose: { vector = 'scalar' } }: Pick<Pass, 'choose'>,
): 1 | 4 {
  const wide = type === 'Value' || (type === 'Accumulator' && vector !== 'row');
  return wide && vector !== 'scalar' ? 4 : 1;
}

/** Whether offsets count accesses of four elements rather than elements. */
export function countsFours(binding: Binding, pass: Pass): boolean {
  const { tail = 'exact' } = pass.choose;
  const ofLoads = tail !== 'exact' && binding.type === 'Value' && mapOf(binding.name, pass.maps) !== null;
  const ofGroups = tail === 'column' && binding.type === 'Accumulator' && arraySpec(binding.name).indexing === 'group';
  return widthOf(binding, pass) === 4 && !ofLoads && !ofGroups;
}

/** Whether four elements are accessed at once: they lie where the array has a four. */
export function isWhole(binding: Binding, pass: Pass): boolean {
  const { elementOffset = 0, native = false } = binding;
  return countsFours(binding, pass) && elementOffset % 4 === 0 && !native;
}
