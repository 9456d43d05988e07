import fc from 'fast-check';
import { expect, it } from 'vitest';
import { families } from '../gpu/fuzz/case.ts';
import { seed } from '../gpu/support/seed.ts';
import { DrawnRow, isMade } from './drawn-row.ts';
import { FIRSTS } from './neighbours.ts';
import { NotingDevice } from './noting-device.ts';

/**
 * Whatever a context remembers, a call has the device do what it has it do alone: after a random call each that is another in one thing, and the first
 * again after each of them. `npm run fuzz -- --cases N --seed S` tries more.
 */

/** Calls that are another in one thing. */
const wanted = Number((import.meta.env['CASES'] as string | undefined) ?? 500);
/** Cases that may be drawn beyond those: some are no calls. */
const MANY = 1000;
/** Milliseconds, where somebody asked for more. */
const PATIENCE = 24 * 3_600_000;

it(`${wanted} calls in rows of such as are another in one thing (seed ${seed})`, { timeout: PATIENCE }, async () => {
  // Programs of all rows are on one device: none must serve a call that only seems to be of its kind.
  const noting = new NotingDevice();
  let [made, rows] = [0, 0];
  for (const { kind, members } of fc.sample(families(1, false), { seed, numRuns: wanted + MANY })) {
    if (made >= wanted) break;
    const drawn = { ...kind, ...members[0]! };
    const row = DrawnRow.of(drawn, FIRSTS[(seed + rows) % FIRSTS.length]!);
    if (!row) continue;
    rows++;
    const alone = await row.alone(noting);
    const [fault] = await row.faults(noting, alone);
    if (fault) expect.fail(`${fault}\n${made} calls before the row of ${JSON.stringify(drawn)}`);
    made += alone.filter(isMade).length;
  }
  expect(made).toBeGreaterThanOrEqual(wanted);
});
