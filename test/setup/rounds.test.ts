import { expect, it } from 'vitest';
import { leftToAnotherRound } from './left-out.ts';
import { isInRound, MANY, ROUNDS } from './rounds.mjs';

/** Rounds of `npm test`: whatever it leaves out of one, it has in another. */

const rounds = Array.from({ length: ROUNDS }, (_, round) => String(round));

it.each([2, 3, MANY])('every case of a sweep is in one round of %d, and in a run without rounds', (of) => {
  for (let place = 0; place < 2 * ROUNDS; place++) {
    expect(rounds.filter((round) => isInRound(round, of)(place))).toHaveLength(ROUNDS / of);
    expect(isInRound(undefined, of)(place)).toBe(true);
  }
});

it('every file about pages is in every other round', () => {
  const [even, odd] = [leftToAnotherRound('0'), leftToAnotherRound('1')];
  expect(even.filter((file) => odd.includes(file))).toEqual([]);
  expect(Math.abs(even.length - odd.length)).toBeLessThanOrEqual(1);
  expect(leftToAnotherRound(undefined)).toEqual([]);
});
