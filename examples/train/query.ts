import { EXTENTS } from './experiment.ts';
import type { Extent } from './experiment.ts';
import { DTYPES } from './settings.ts';
import type { Stored } from './settings.ts';

/** What to train. */
export interface Wanted {
  extent: Extent;
  seeds: readonly number[];
  dtype: Stored;
}

/**
 * What an address such as `?run=full&seeds=1,2,3&dtype=f16` asks for; null where it asks for nothing.
 *
 * @throws Error where it is not understood.
 */
export function wantedBy(search: string): Wanted | null {
  const query = new URLSearchParams(search);
  const [extent, dtype] = [query.get('run'), query.get('dtype') ?? 'f32'];
  if (extent === null) return null;
  checkOneOf('run', extent, EXTENTS);
  checkOneOf('dtype', dtype, DTYPES);
  return { extent, seeds: seedsIn(query.get('seeds') ?? '1'), dtype };
}

function seedsIn(list: string): number[] {
  const seeds = list.split(',').map(Number);
  if (seeds.every((seed) => Number.isInteger(seed) && seed > 0)) return seeds;
  throw new Error(`?seeds=${list}; seeds are whole numbers from 1 on`);
}

function checkOneOf<T extends string>(name: string, given: string, all: readonly T[]): asserts given is T {
  if (!(all as readonly string[]).includes(given)) throw new Error(`?${name}=${given}; there are ${all.join(', ')}`);
}
