import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContext } from '../../../src/index.ts';
import { ACTIVATION_PARAMETERS } from '../../../src/options/activation.ts';
import { ARRAYS, FLAGS, MODULATION, MULTIPLY, QUANTIZATION, ROTARY } from '../../../src/options/names.ts';
import { compilesSlowly, gpu, runtime } from '../../setup/gpu.ts';
import { dtypeOf } from '../support/fused.ts';
import { seed } from '../support/seed.ts';
import { families, MODES } from './case.ts';
import type { Case, Family } from './case.ts';
import { fillCase, WAYS } from './fill-case.ts';
import type { Filled } from './fill-case.ts';
import { Contexts, faultsOf } from './run-case.ts';
import { UNASKED, unaskedOf } from './unasked.ts';

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
  if (!found || !torch) return found;
  const filled = fillCase(drawn)!;
  const unasked = unaskedOf(filled);
  asked[unasked ?? 'all']++;
  return [...found, ...((await torch.faultsOf(filled)) ?? [])];
}
/** Calls by what PyTorch is not asked of them. */
const asked = { all: 0, gradients: 0, anything: 0 };

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

const sampled = fc
  .sample(families(1, false), { seed: 1, numRuns: 600 })
  .flatMap(({ kind, members }) => fillCase({ ...kind, ...members[0]! }) ?? []);

/** What calls have among them: options, ways, functions, and masks of every dtype and along any axes. */
function drawnOf(calls: readonly Filled[]): Set<string> {
  const drawn = new Set<string>();
  for (const { way, fused } of calls) {
    const { multiply, rotary } = fused.options as Record<string, object | undefined>;
    for (const of of [fused.options, fused.arrays, multiply, rotary]) {
      for (const name of Object.keys(of ?? {})) drawn.add(name);
    }
    drawn.add(way).add(fused.op);
    const { mask } = fused.arrays;
    if (!mask) continue;
    const axes =
      mask.shape.length < fused.x.shape.length
        ? 'positions'
        : mask.data.length < fused.x.data.length
          ? 'some axes'
          : 'all';
    drawn.add(`mask of ${dtypeOf(fused, 'mask')}`).add(`mask along ${axes}`);
  }
  return drawn;
}

const MASKS = ['of f32', 'of f16', 'of bf16', 'of u32', 'along positions', 'along some axes', 'along all'].map(
  (name) => `mask ${name}`,
);
const ALL = [...OPTIONS, ...WAYS, ...MASKS, ...MODES.map(({ op }) => op)];

it('draws every option, every way to call, and every mask', () => {
  const drawn = drawnOf(sampled);
  expect(ALL.filter((name) => !drawn.has(name))).toEqual([]);
});

it('asks PyTorch about each of them, forward and backward, and says what it is not asked', () => {
  const whole = drawnOf(sampled.filter((filled) => !unaskedOf(filled)));
  expect(ALL.filter((name) => !whole.has(name))).toEqual([]);
  const unasked = sampled.map(unaskedOf);
  const shareOf = (name: keyof typeof UNASKED): number => unasked.filter((one) => one === name).length / sampled.length;
  expect(shareOf('gradients')).toBeGreaterThan(0);
  expect(shareOf('gradients')).toBeLessThan(0.1);
  expect(shareOf('anything')).toBeLessThan(0.01);
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
  const unasked = Object.entries(UNASKED).map(
    ([what, why]) => `${what} of ${asked[what as keyof typeof UNASKED]}, for ${why}`,
  );
  const withTorch = torch ? `\nPyTorch was asked all of ${asked.all}; not ${unasked.join(';\nnot ')}` : '';
  console.log(`${calls} calls of ${tried} cases that were drawn or shrunk; ${inPieces} in pieces${withTorch}`);
  const smallest = failed.at(-1);
  if (!smallest) {
    expect(calls).toBe(wanted);
    if (wanted >= 500) expect(inPieces).toBeGreaterThan(0);
    if (torch) expect(asked.all + asked.gradients + asked.anything).toBe(calls);
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
