import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { ACTIVATION_PARAMETERS } from '../../../src/options/activation.ts';
import { ARRAYS, FLAGS, MODULATION, MULTIPLY, QUANTIZATION, ROTARY } from '../../../src/options/names.ts';
import { compilesSlowly, gpu, runtime } from '../../setup/gpu.ts';
import { seed } from '../support/seed.ts';
import { families } from './case.ts';
import type { Case, Family } from './case.ts';
import { fillCase, WAYS } from './fill-case.ts';
import { Contexts, faultsOf } from './run-case.ts';

/**
 * Random calls of every kind against float64, forward and backward: all memory that results and scratch are in holds NaN before, and what lies around
 * every tensor is looked at afterwards. `npm run fuzz -- --cases N --seed S` tries more of them.
 */

const { device, profile } = await createContext({ gpu: await gpu() });
const given = import.meta.env['CASES'] as string | undefined;
/** In `npm test` 500 in Dawn, and few others where one takes twice as long or seconds. */
const wanted = Number(given ?? (compilesSlowly ? 2 : runtime === 'Chromium' ? 16 : 500));
/** One seed gives two sets of calls: Chromium has what Dawn has not. */
const drawnFrom = runtime === 'Chromium' ? seed ^ 1 : seed;
/** Milliseconds, where somebody asked for more. */
const PATIENCE = 24 * 3_600_000;
/** Calls of a kind at most: compiling takes as long as eight of them, and more kinds find more than more calls of one. */
const EACH = given ? 8 : 32;
/** Milliseconds that shrinking may take. */
const SHRINKING = 60_000;

/** PyTorch, where there is a Python that has it. */
const python = import.meta.env['ORACLE'] as string | undefined;
const torch = python ? (await import('./torch.ts')).openTorch(python) : null;

/** Options that say what is computed. */
const OPTIONS = [
  FLAGS,
  ARRAYS,
  MODULATION,
  MULTIPLY,
  ROTARY,
  QUANTIZATION,
  ACTIVATION_PARAMETERS,
  ['partial', 'momentum', 'eps'],
].flat();

/** What is wrong with a case, by float64 or, of the reference, by PyTorch; null: there is no such call. */
async function tryCase(contexts: Contexts, drawn: Case): Promise<string[] | null> {
  const found = await faultsOf(contexts, drawn);
  const beside = found && torch ? await torch.faultsOf(fillCase(drawn)!) : null;
  if (beside) compared++;
  return found && [...found, ...(beside ?? [])];
}
let compared = 0;

/** The first call of a family that is wrong, and those that have to come before it, none or all. */
async function firstWrong({ kind, members }: Family, until: () => boolean): Promise<Wrong | null> {
  using contexts = new Contexts(device, profile.subgroup);
  const cases: Case[] = [];
  for (const member of members) {
    if (until()) return null;
    const drawn = { ...kind, ...member };
    tried++;
    const faults = await tryCase(contexts, drawn).catch((error: unknown) => [String(error)]);
    if (faults === null) continue;
    cases.push(drawn);
    calls++;
    if (drawn.pieces > 1) inPieces++;
    if (calls % 1000 === 0) console.log(`${calls} calls`);
    if (faults.length === 0) continue;
    using others = new Contexts(device, profile.subgroup);
    const alone = await tryCase(others, drawn).catch((error: unknown) => [String(error)]);
    return { cases: alone?.length === 0 ? cases : [drawn], faults: faults.join('; ') };
  }
  return null;
}

it('draws every option, and every way to call', () => {
  const drawn = new Set<string>();
  for (const { kind, members } of fc.sample(families(1, false), { seed: 1, numRuns: 200 })) {
    const filled = fillCase({ ...kind, ...members[0]! });
    if (!filled) continue;
    const { way, fused } = filled;
    const { multiply, rotary } = fused.options as Record<string, object | undefined>;
    for (const of of [fused.options, fused.arrays, multiply, rotary]) {
      for (const name of Object.keys(of ?? {})) drawn.add(name);
    }
    drawn.add(way);
  }
  expect([...OPTIONS, ...WAYS].filter((name) => !drawn.has(name))).toEqual([]);
});

interface Wrong {
  cases: Case[];
  faults: string;
}

let [tried, calls, inPieces] = [0, 0, 0];

it(`${wanted} random calls (seed ${seed})`, { timeout: given ? PATIENCE : 600_000 }, async () => {
  let deadline = Infinity;
  /** The number of the first call that failed; and what failed, the smallest last. */
  let first = 0;
  const failed: Wrong[] = [];
  const property = fc.asyncProperty(families(EACH, compilesSlowly), async (family) => {
    const isOver = (): boolean => (first === 0 ? calls >= wanted : performance.now() > deadline);
    const wrong = await firstWrong(family, isOver);
    if (!wrong) return;
    if (first === 0) deadline = performance.now() + SHRINKING;
    first ||= calls;
    failed.push(wrong);
    throw new Error(wrong.faults);
  });
  await fc.check(property, { seed: drawnFrom, numRuns: Math.max(wanted, 100) });
  torch?.close();
  const withTorch = torch ? `, ${compared} with PyTorch` : '';
  console.log(`${calls} calls of ${tried} cases that were drawn or shrunk; ${inPieces} in pieces${withTorch}`);
  const smallest = failed.at(-1);
  if (!smallest) {
    expect(calls).toBe(wanted);
    if (wanted >= 500) expect(inPieces).toBeGreaterThan(0);
    if (torch) expect(compared).toBeGreaterThan(0);
    return;
  }
  const { cases, faults } = smallest;
  const text = JSON.stringify(cases.length > 1 ? cases : cases[0], null, 2);
  const which =
    cases.length > 1
      ? `the last of these, after the others alone: ${faults}\n`
      : `the smallest that fails: ${faults}\n`;
  expect.fail(`call ${first} of seed ${seed}; ${which}For test/gpu/fuzz/found.test.ts:\n${text}`);
});
