import { expect, it } from 'vitest';
import { leftToDawn } from './chromium.ts';
import { isInRound, ROUNDS } from './rounds.mjs';

/** Rounds of `npm test`: whatever it leaves out of one, it has in another. */

const rounds = Array.from({ length: ROUNDS }, (_, round) => String(round));

it.each([2, 3, 7])('every case of a sweep is in one round of %d, and in a run without rounds', (of) => {
  for (let place = 0; place < 2 * ROUNDS; place++) {
    expect(rounds.filter((round) => isInRound(round, of)(place))).toHaveLength(ROUNDS / of);
    expect(isInRound(undefined, of)(place)).toBe(true);
  }
});

it('every file is in Chromium in one round of 7', () => {
  const left = rounds.map((round) => new Set(leftToDawn(round)));
  const files = new Set(left.flatMap((names) => [...names]));
  expect(files.size).toBeGreaterThan(50);
  for (const file of files)
    expect(
      left.filter((names) => !names.has(file)),
      file,
    ).toHaveLength(ROUNDS / 7);
  expect(leftToDawn(undefined)).toEqual([]);
});
