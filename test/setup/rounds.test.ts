import { readdirSync } from 'node:fs';
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
  const left = ['0', '1'].flatMap(leftToAnotherRound);
  const files = readdirSync('test/pages').filter((name) => name.endsWith('.test.ts'));
  expect(left.toSorted()).toEqual(files.map((name) => `test/pages/${name}`).toSorted());
  expect(leftToAnotherRound(undefined)).toEqual([]);
});
