import './open.ts';
import * as jax from '@jax-js/jax';
import { expect, it } from 'vitest';
import * as norms from '../../../src/jax/index.ts';
import { TAKEN } from '../../gpu/errors/anything/taken.ts';
import { NAMES, outcomesOf } from '../../gpu/errors/anything/values.ts';
import type { Right } from '../../gpu/errors/anything/values.ts';

/** Whatever is given in the place of any argument or option, on jax-js's Arrays: as test/gpu/errors/anything.test.ts. */

const { numpy: np } = jax;
/** A call uses its Arrays up: each has its own. */
const x = (): jax.Array => np.ones([2, 4, 3]);
const running = (): object => ({ runningMean: np.zeros([4]), runningVar: np.ones([4]) });

const NEEDED: Readonly<Record<string, () => object>> = {
  batchNorm: () => ({ training: true }),
  batchNormTracked: running,
  instanceNormTracked: running,
  groupNorm: () => ({ numGroups: 2 }),
  normalize: () => ({ axes: 1, statistic: 'l2' }),
  dynamicTanh: () => ({ alpha: np.ones([1]) }),
  dynamicErf: () => ({ alpha: np.ones([1]) }),
};

const functions = norms as unknown as Record<string, Right['call']>;
const calls = Object.keys(norms)
  .filter((name) => /^[a-z]/.test(name) && name !== 'connect')
  .map((name): Right => {
    const styles = name === 'adaptiveInstanceNorm' ? 1 : 0;
    const given = (): unknown[] => [x(), ...Array.from({ length: styles }, x), NEEDED[name]?.() ?? {}];
    return { name, call: functions[name]!, given, options: { at: 1 + styles, names: NAMES } };
  });

it.each(calls.map((call) => [call.name, call] as const))('anything in %s', async (_, call) => {
  await norms.connect();
  const { failed, taken } = await outcomesOf(call);
  expect(failed).toEqual([]);
  expect(taken.filter((one) => !TAKEN.has(one))).toEqual([]);
});

it('anything in connect', async () => {
  expect(await outcomesOf({ name: 'connect', call: norms.connect, given: () => [] })).toEqual({
    failed: [],
    taken: [],
  });
});
