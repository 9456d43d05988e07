/**
 * Rounds of `npm test`: of what takes long a run has one part of so many, and the runs of as many seeds go once through all of it. `ROUND` says which;
 * without it, in `npm run test:matrix` and where Vitest is started for a file, there is no part but the whole. Prime, so that sweeps whose cases change
 * every second, third or fifth have all sorts in each part.
 */
export const ROUNDS = 7;

/**
 * Whether a run has what stands at a place of a list.
 *
 * @param {string | undefined} round
 * @returns {(place: number) => boolean}
 */
export function isInRound(round) {
  return (place) => round === undefined || place % ROUNDS === Number(round);
}
