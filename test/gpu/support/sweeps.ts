import { isInRound, MANY } from '../../setup/rounds.mjs';

const round = import.meta.env['ROUND'] as string | undefined;

/**
 * The cases of a sweep that this run has, one in so many of them: of plans, one in 2. `first` is the place of the first case; it differs from file to
 * file, so that a run has some files by the plans of a CPU and some by those of a GPU.
 *
 * @throws where there are fewer cases, of which some run would have none.
 */
export function part<T>(cases: readonly T[], of = MANY, first = 0): T[] {
  if (cases.length < of)
    throw new RangeError(`part of ${cases.length} cases, one in ${of}: some rounds would have none.`);
  const isTaken = isInRound(round, of);
  return cases.filter((_, place) => isTaken(first + place));
}

/** How many calls of a random sweep this run draws, from a seed of its own. */
export function drawn(calls: number): number {
  return round === undefined ? calls : Math.ceil(calls / MANY);
}
