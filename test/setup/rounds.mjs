/** Of a large sweep a run has one case in so many: prime, so that of what changes every second, third or fifth case all sorts are in each part. */
export const MANY = 13;

/**
 * Rounds of `npm test`: of what takes long a run has a thirteenth, a third or half, and the runs of as many seeds go once through all of it. `ROUND` says
 * which; without it, in `npm run test:matrix` and where Vitest is started for a file, there is no part but the whole.
 */
export const ROUNDS = 2 * 3 * MANY;

/**
 * Whether a run has what stands at a place of a list, of which it has one in so many.
 *
 * @param {string | undefined} round
 * @param {number} of
 * @returns {(place: number) => boolean}
 */
export function isInRound(round, of) {
  return (place) => round === undefined || place % of === Number(round) % of;
}
