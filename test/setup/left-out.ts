import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isInRound } from './rounds.mjs';

/** Folders of what is about numbers and nothing else. */
const NUMBERS = 'backward,fusions,half,models,pointwise,response';

/**
 * The files that a round of `npm test` leaves to Dawn in Node, which is Chromium's compiler and Chromium's driver at twice the speed. What a runtime may
 * do in its own way (the host API, errors, memory, readback, images) is tested in both; of what is only about numbers Chromium has the published cases,
 * one sweep of every mode and layout, and random calls.
 */
export function leftToDawn(round: string | undefined): string[] {
  return round === undefined
    ? []
    : [`test/gpu/{${NUMBERS}}/**/*.test.ts`, 'test/gpu/forward/!(conformance|matrix).test.ts'];
}

/** The files about pages that a round leaves to another one: half of them. */
export function leftToAnotherRound(round: string | undefined): string[] {
  const isTaken = isInRound(round, 2);
  const files = readdirSync(fileURLToPath(new URL('../pages', import.meta.url))).filter((name) =>
    name.endsWith('.test.ts'),
  );
  return files.filter((_, place) => !isTaken(place)).map((name) => `test/pages/${name}`);
}
