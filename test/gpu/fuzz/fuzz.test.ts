import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { compilesSlowly, gpu, runtime } from '../../setup/gpu.ts';
import { seed } from '../support/seed.ts';
import { families } from './case.ts';
import type { Case, Family } from './case.ts';
import { fillCase } from './fill-case.ts';
import { faultsOf } from './run-case.ts';

/**
 * Random calls of every kind against float64, forward and backward: all memory that results and scratch are in holds NaN before, and what lies around
 * every tensor is looked at afterwards. `npm run fuzz -- --cases N --seed S` tries more of them.
 */

const { device, profile } = await createContext({ gpu: await gpu() });
const given = import.meta.env['CASES'] as string | undefined;
/** In `npm test` 500 in Dawn, and few others where one takes twice as long or seconds. */
const wanted = Number(given ?? (compilesSlowly ? 4 : runtime === 'Chromium' ? 16 : 500));
/** One seed gives two sets of calls: Chromium has what Dawn has not. */
const drawnFrom = runtime === 'Chromium' ? seed ^ 1 : seed;
/** Milliseconds, where somebody asked for more. */
const PATIENCE = 24 * 3_600_000;
/** Calls of a kind at most: nearly all of the time goes into compiling. */
const EACH = wanted > 1000 ? 64 : 32;
/** Milliseconds that shrinking may take. */
const SHRINKING = 60_000;

/** PyTorch, where there is a Python that has it. */
const python = import.meta.env['ORACLE'] as string | undefined;
const torch = python ? (await import('./torch.ts')).openTorch(python) : null;

/** What is wrong with a case, by float64 or, of the reference, by PyTorch; null: there is no such call. */
async function tryCase(drawn: Case): Promise<string[] | null> {
  const found = await faultsOf(device, profile.subgroup, drawn);
  const beside = found && torch ? await torch.faultsOf(fillCase(drawn)!) : null;
  if (beside) compared++;
  return found && [...found, ...(beside ?? [])];
}
let compared = 0;

/** Calls of a kind that have others after them, if it has: each is then a dozen calls. */
const IN_ROW = 4;
const casesOf = ({ kind, members }: Family): Case[] =>
  members.map((member, index) => ({ ...kind, ...member, next: index < IN_ROW ? kind.next : [] }));

it(`${wanted} random calls (seed ${seed})`, { timeout: given ? PATIENCE : 600_000 }, async () => {
  let [tried, calls, inPieces, inRow, deadline] = [0, 0, 0, 0, Infinity];
  /** The first case that failed, and what of the last one, the smallest, was wrong. */
  let [first, smallest, faults]: [number, Case | null, string] = [0, null, ''];
  const property = fc.asyncProperty(families(EACH, compilesSlowly), async (family) => {
    if (first === 0 ? calls >= wanted : performance.now() > deadline) return;
    for (const drawn of casesOf(family)) {
      if (first === 0 && calls >= wanted) return;
      tried++;
      const found = await tryCase(drawn).catch((error: unknown) => [String(error)]);
      if (found === null) continue;
      calls++;
      if (drawn.pieces > 1) inPieces++;
      if (drawn.next.length > 0) inRow++;
      if (calls % 1000 === 0) console.log(`${calls} calls`);
      if (found.length === 0) continue;
      if (first === 0) deadline = performance.now() + SHRINKING;
      [first, smallest, faults] = [first || calls, drawn, found.join('; ')];
      throw new Error(faults);
    }
  });
  await fc.check(property, { seed: drawnFrom, numRuns: Math.max(wanted, 100) });
  torch?.close();
  const withTorch = torch ? `, ${compared} with PyTorch` : '';
  console.log(
    `${calls} calls of ${tried} cases that were drawn or shrunk; ${inPieces} in pieces, ${inRow} with others after them${withTorch}`,
  );
  if (!smallest) {
    expect(calls).toBe(wanted);
    if (wanted >= 500) expect(inPieces).toBeGreaterThan(0);
    if (torch) expect(compared).toBeGreaterThan(0);
    return;
  }
  const text = JSON.stringify(smallest, null, 2);
  expect.fail(
    `call ${first} of seed ${seed}; the smallest that fails: ${faults}\nFor test/gpu/fuzz/found.test.ts:\n${text}`,
  );
});
