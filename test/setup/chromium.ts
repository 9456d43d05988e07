import { readdirSync } from 'node:fs';
import { isInRound } from './rounds.mjs';

/** Folders of what is about numbers and nothing else, but for the published cases and one sweep of every mode and layout. */
const NUMBERS = ['backward', 'forward', 'fusions', 'half', 'models', 'pointwise', 'response'];
const ALWAYS = ['test/gpu/forward/conformance.test.ts', 'test/gpu/forward/matrix.test.ts'];

/**
 * The files that a run leaves to Dawn in Node. It is Chromium's compiler and Chromium's driver, by which numbers are the same there at twice the speed:
 * what a runtime may do in its own way (the host API, errors, memory, readback, images) is tested in both, what is only about numbers in Chromium too
 * when its round comes.
 */
export function leftToDawn(round: string | undefined): string[] {
  const isTaken = isInRound(round);
  return NUMBERS.map((folder) => `test/gpu/${folder}`)
    .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
    .filter((path) => path.endsWith('.test.ts') && !ALWAYS.includes(path))
    .filter((_, place) => !isTaken(place));
}
