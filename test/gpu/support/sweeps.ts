import { isInRound, ROUNDS } from '../../setup/rounds.mjs';

const round = import.meta.env['ROUND'] as string | undefined;
const isTaken = isInRound(round);

/** The part of a large sweep that this run has; see `ROUNDS`. */
export function part<T>(cases: readonly T[]): T[] {
  return cases.filter((_, place) => isTaken(place));
}

/** How many calls of a random sweep this run draws, from a seed of its own. */
export function drawn(calls: number): number {
  return round === undefined ? calls : Math.ceil(calls / ROUNDS);
}
