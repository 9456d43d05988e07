import { describe, expect, it } from 'vitest';
import * as norm from '../../../src/index.ts';
import { gpu } from '../../setup/gpu.ts';
import { bridgeCalls } from './anything/bridges.ts';
import { callsOf } from './anything/core.ts';
import { unguarded } from './anything/values.ts';

/** Whatever is given in the place of any argument or option: the call works, or is refused by a NormError; nothing else is thrown. */

const context = await norm.createContext({ gpu: await gpu() });
const calls = [...callsOf(context), ...(await bridgeCalls(context))];

it('has every function', () => {
  const names = calls.map(({ name }) => name);
  const functions = Object.keys(norm).filter((name) => name !== 'NormError');
  expect(functions.filter((name) => !names.includes(name))).toEqual([]);
});

describe('anything', () => {
  it.each(calls.map((call) => [call.name, call] as const))('in %s', async (_, call) => {
    expect(await unguarded(call)).toEqual([]);
  });
});
