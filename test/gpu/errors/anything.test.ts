import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { bridgeCalls } from './anything/bridges.ts';
import { callsOf } from './anything/core.ts';
import { TAKEN } from './anything/taken.ts';
import { outcomesOf } from './anything/values.ts';

/**
 * Whatever is given in the place of any argument or option: the call works where that has a meaning (anything/taken.ts), or is refused by a NormError;
 * nothing else is thrown, nothing is kept, and the next call works.
 */

const context = await norm.createContext({ gpu: await gpu() });
const calls = [...callsOf(context), ...(await bridgeCalls(context))];
/** All that was taken. */
const all = new Set<string>();

it('has every function', () => {
  const names = calls.map(({ name }) => name);
  const functions = Object.keys(norm).filter((name) => name !== 'NormError');
  expect(functions.filter((name) => !names.includes(name))).toEqual([]);
});

describe('anything', () => {
  it.each(calls.map((call) => [call.name, call] as const))('in %s', async (_, call) => {
    const { failed, taken } = await outcomesOf(call, () => context.runtime.ledger.inUse);
    for (const one of taken) all.add(one);
    expect(failed).toEqual([]);
    expect(taken.filter((one) => !TAKEN.has(one))).toEqual([]);
  });
});

it('has no meaning in the table that no call knows', () => {
  expect([...TAKEN].filter((one) => !all.has(one))).toEqual([]);
});
