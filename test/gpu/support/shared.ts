import { runtime } from '../../setup/gpu.ts';

/** With `WHOLE=1` each runtime takes every case of every sweep; with `SHARE=Chromium` Dawn takes those of Chromium. */
const WHOLE = import.meta.env['WHOLE'] === '1';
const taker = import.meta.env['SHARE'] ?? runtime;

/** How many runs of `npm test` go once through a large sweep, and which of its parts this run has, by its seed: all where there is none. */
const ROUNDS = WHOLE || import.meta.env['SEED'] === undefined ? 1 : 3;
const round = Number(import.meta.env['SEED'] ?? 0) % ROUNDS;

/** Whether the case of a turn is taken: those of even turns by Dawn, those of odd ones by Chromium. */
const takes = (turn: number): boolean => WHOLE || turn % 2 === (taker === 'Dawn' ? 0 : 1);

/**
 * The cases of a sweep that this runtime takes, of which there is no other part. Chromium and Dawn have one compiler and one driver, so they share
 * sweeps out: every other case to each, none left out. Nearly all that a case costs is compiling, so cases that compile the same go to the same
 * runtime: shared out are plans, layouts, modes or dtypes rather than sizes or numbers. `first` is the turn of the first case; it differs from file
 * to file, and from one outer case to the next, so that both runtimes see all sorts.
 */
export function share<T>(cases: readonly T[], first = 0): T[] {
  return cases.filter((_, turn) => takes(first + turn));
}

/**
 * The part of a sweep of a hundred cases or more that this run has: of `npm test` a third, another one by another seed; all in `npm run test:matrix`, and
 * where a file is run by itself. Parts are taken before they are shared out.
 */
export function part<T>(cases: readonly T[]): T[] {
  return cases.filter((_, turn) => turn % ROUNDS === round);
}

/** The part of a random sweep of so many calls that this runtime draws, from a seed of its own. */
export function drawn(calls: number): number {
  return WHOLE ? calls : Math.ceil(calls / (2 * ROUNDS));
}
