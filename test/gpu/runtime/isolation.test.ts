import { describe, expect, it } from 'vitest';
import { openContexts } from '../support/contexts.ts';
import { EVERY_PLACE } from '../support/modes.ts';
import type { Mode, Size } from '../support/modes.ts';
import { Random } from '../support/random.ts';
import { callGpu, callReference, fill, relativeError, upload } from '../support/run.ts';
import type { Filled } from '../support/run.ts';
import { part } from '../support/sweeps.ts';

/**
 * One NaN or infinity, anywhere in any tensor of a call, changes what float64 says it changes, and no bit of anything else:
 * also where neighbours in memory belong to different groups.
 */

const contexts = Object.entries(await openContexts());

/** Channels by fours and not: the layouts with channels last load four groups at once, or one. */
const SIZES: Size[] = [
  { N: 3, C: 8, L: 9 },
  { N: 2, C: 6, L: 8 },
];
/** Columns so long that they are read once, and again where that is not exact enough: fours of channels, and with a rest. */
const LONG: Size[] = [
  { N: 1, C: 8, L: 1500 },
  { N: 1, C: 9, L: 1500 },
];

/** The call with one element of one of its tensors replaced. */
function poisoned(filled: Filled, name: string, at: number, value: number): Filled {
  const array = name === 'x' ? filled.x : filled.arrays[name]!;
  const data = array.data.slice();
  data[at] = value;
  const changed = { data, shape: array.shape };
  return name === 'x' ? { ...filled, x: changed } : { ...filled, arrays: { ...filled.arrays, [name]: changed } };
}

async function check(
  mode: Mode,
  size: Size,
  layout: string,
  value: number,
  tried: typeof contexts = part(contexts, 2),
): Promise<void> {
  const clean = fill(mode, mode.call(size, layout), 'both', new Random(51));
  const exactClean = callReference(clean);
  for (const name of ['x', ...Object.keys(clean.arrays)]) {
    const length = (name === 'x' ? clean.x : clean.arrays[name]!).data.length;
    const call = poisoned(clean, name, Math.floor(length / 3), value);
    const exact = callReference(call);
    for (const [plans, context] of tried) {
      using untouched = callGpu(clean, upload(context));
      using result = callGpu(call, upload(context));
      const [before, after] = [await untouched.read(), await result.read()];
      const said = `${plans} plans, ${layout}, one ${value} in ${name}`;
      expect(relativeError(after, exact), said).toBeLessThanOrEqual(3e-6);
      const strayed = after.findIndex(
        (y, index) => Object.is(exact[index], exactClean[index]) && !Object.is(y, before[index]),
      );
      expect(strayed, `${said}: an element of another group that changed`).toBe(-1);
    }
  }
}

describe.each([NaN, Infinity, -Infinity])('one %d', (value) => {
  it.each(EVERY_PLACE)('$name', async ({ mode, layout }) => {
    for (const size of SIZES) await check(mode, size, layout, value);
  });

  it.each(EVERY_PLACE.filter(({ layout }) => layout === 'NLC'))('$name, long columns', async ({ mode, layout }) => {
    for (const size of LONG) await check(mode, size, layout, value, contexts);
  });
});
