import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { gradientFor, rounded } from '../support/fused.ts';
import { Random } from '../support/random.ts';
import { resultsOf } from '../support/results.ts';
import { callReference, relativeError, sizeOf } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/** The table of docs/precision.md: what becomes of numbers near the largest f32. */

const contexts = Object.entries(await openContexts());
const BOUNDS = { f32: 1e-5, bf16: 2 ** -8 };
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** A divisor from here on has a subnormal reciprocal, which GPUs may flush to 0. */
const FLUSHED = 2 ** 126;

/** Gradients by such a reciprocal are 0, or this small. */
const SUBNORMAL = 1e-36;

/** Groups of numbers between -1 and 1; the first of each is 1. */
const GROUPS: ((random: Random, at: number, length: number) => number)[] = [
  (random) => random.uniform(),
  (random) => 2 * random.uniform() - 1,
  (random) => (random.uniform() < 0.5 ? -1 : 1),
  (random) => 0.9 + 0.1 * random.uniform(),
  (random) => (random.uniform() < 0.1 ? 0 : 1),
  (random, at, length) => (at === length - 1 ? -1 : 0.9 + 0.1 * random.uniform()),
];

type Divisor = (row: Float64Array) => number;
const sum = (row: Float64Array): number => row.reduce((all, each) => all + each, 0);
const rms: Divisor = (row) => Math.sqrt(sum(row.map((each) => each * each)) / row.length);

/** The numbers of a group less their mean. */
function centered(row: Float64Array): Float64Array {
  const mean = sum(row) / row.length;
  return row.map((each) => each - mean);
}

/** What each statistic divides by. */
const DIVISORS: Record<string, Divisor> = {
  'mean-variance': (row) => rms(centered(row)),
  rms,
  l2: (row) => rms(row) * Math.sqrt(row.length),
  l1: (row) => sum(row.map(Math.abs)),
  linf: (row) => row.reduce((most, each) => Math.max(most, Math.abs(each)), 0),
  sum: (row) => Math.abs(sum(row)),
};

/** Those that are right below 2^126 however many elements there are. */
const AVERAGES = ['mean-variance', 'rms', 'linf'];

/** Modes with as many groups as there are above; those of columns have their elements `GROUPS.length` apart. */
type Case = [
  name: string,
  statistic: string,
  op: Filled['op'],
  shape: (n: number) => number[],
  options: Filled['options'],
];
const rows = (n: number): number[] => [6, n];
const columns = (n: number): number[] => [1, n, 6];
const CASES: Case[] = [
  ['layerNorm', 'mean-variance', 'layerNorm', rows, {}],
  ['batchNorm, NCL', 'mean-variance', 'batchNorm', (n) => [1, 6, n], { training: true }],
  ['batchNorm, NLC', 'mean-variance', 'batchNorm', columns, { training: true, layout: 'NLC' }],
  ['instanceNorm, NCL', 'mean-variance', 'instanceNorm', (n) => [2, 3, n], {}],
  ['instanceNorm, NLC', 'mean-variance', 'instanceNorm', columns, { layout: 'NLC' }],
  ['groupNorm, NCL', 'mean-variance', 'groupNorm', (n) => [2, 6, n], { numGroups: 3 }],
  ['groupNorm, NLC', 'mean-variance', 'groupNorm', columns, { numGroups: 6, layout: 'NLC' }],
  ['rmsNorm', 'rms', 'rmsNorm', rows, {}],
  ...Object.keys(DIVISORS).flatMap((statistic): Case[] => [
    [`normalize ${statistic}, rows`, statistic, 'normalize', rows, { axes: [1], statistic }],
    [`normalize ${statistic}, columns`, statistic, 'normalize', columns, { axes: [1], statistic }],
  ]),
];

/** What the table says of a group. */
function outcomeOf(statistic: string, row: Float64Array): 'right' | 'zero' | 'NaN' {
  const apart = row.reduce((most, each) => Math.max(most, Math.abs(each - row[0]!)), 0);
  if (statistic === 'mean-variance' && apart > LARGEST) return 'NaN';
  return DIVISORS[statistic]!(row) < FLUSHED ? 'right' : 'zero';
}

const DTYPES = ['f32', 'bf16'] as const;
const LENGTHS = [3, 64, 9001];
const SIZES = [4e37, 8e37, 1e38, 3e38];

describe.each(DTYPES)('%s', (dtype) => {
  describe.each(LENGTHS)('%d elements', (n) => {
    const cases = part(CASES);
    it.each(cases)('%s', async (_, statistic, op, shapeOf, options) => {
      const shape = shapeOf(n);
      const length = sizeOf(shape) / GROUPS.length;
      const indexOf = (group: number, at: number): number =>
        shapeOf === columns ? at * GROUPS.length + group : group * length + at;
      const grouped = (data: ArrayLike<number>): Float64Array[] =>
        GROUPS.map((__, group) => Float64Array.from({ length }, (___, at) => data[indexOf(group, at)]!));
      for (const size of SIZES) {
        const random = new Random(281);
        const data = new Float32Array(sizeOf(shape));
        for (const [group, number] of GROUPS.entries()) {
          for (let at = 0; at < length; at++) {
            data[indexOf(group, at)] = size * (at === 0 ? 1 : number(random, at, length));
          }
        }
        const call = rounded({ op, x: { data, shape }, options, arrays: {} }, { dtype, like: false });
        const dy = gradientFor(call, random);
        const exact = grouped(callReference(call));
        const outcomes = grouped(call.x.data).map((row) => outcomeOf(statistic, row));
        if (size < FLUSHED && AVERAGES.includes(statistic)) expect(new Set(outcomes)).toEqual(new Set(['right']));
        for (const [plans, context] of contexts) {
          const results = await resultsOf(context, call, dy);
          for (const name of ['alone', 'y', 'dx']) {
            for (const [group, actual] of grouped(results[name]!).entries()) {
              const outcome = outcomes[group]!;
              const holds =
                outcome === 'NaN'
                  ? actual.every(Number.isNaN)
                  : name === 'dx'
                    ? actual.every((value) => Math.abs(value) < (outcome === 'zero' ? SUBNORMAL : Infinity))
                    : relativeError(actual, exact[group]!) <= BOUNDS[dtype] ||
                      // A device that keeps subnormal numbers is right there too.
                      (outcome === 'zero' && actual.every((value) => value === 0));
              expect(holds, `${plans} plans, ${name} of ${size}, group ${group}: ${outcome}`).toBe(true);
            }
          }
        }
      }
    });
  });
});
