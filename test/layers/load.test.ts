import { describe, expect, it } from 'vitest';
import { matchState } from '../../src/layers/load.ts';
import type { LoadOptions } from '../../src/layers/load.ts';
import { caught } from './caught.ts';

const floats = (...numbers: number[]) => ({ dtype: 'F32', shape: [numbers.length], data: Float32Array.from(numbers) });
const count = (dtype: string, data: object, shape: number[] = []) => ({ dtype, shape, data });

const AFFINE = { weight: floats(1, 2), bias: floats(3, 4) };
const RUNNING = { running_mean: floats(5, 6), running_var: floats(7, 8) };
const COUNTED = { num_batches_tracked: count('I64', BigInt64Array.of(9n)) };
const affine = new Map([
  ['weight', [2]],
  ['bias', [2]],
] as const);
const tracked = new Map([
  ...affine,
  ['running_mean', [2]],
  ['running_var', [2]],
  ['num_batches_tracked', [1]],
] as const);

const match = (shapes: ReadonlyMap<string, readonly number[]>, state: unknown, options: LoadOptions = {}) =>
  matchState('Norm', shapes, state, options);
const refused = (state: unknown, options: unknown = {}, shapes: ReadonlyMap<string, readonly number[]> = tracked) =>
  caught(() => match(shapes, state, options as LoadOptions));

describe('a strict state dict', () => {
  it('has every entry', () => {
    const { entries, missingKeys, unexpectedKeys } = match(tracked, { ...AFFINE, ...RUNNING, ...COUNTED });
    expect(Object.fromEntries(entries)).toEqual({ ...AFFINE, ...RUNNING, ...COUNTED });
    expect([missingKeys, unexpectedKeys]).toEqual([[], []]);
  });

  it('may lack the count of batches, which is then 0', () => {
    const { entries, missingKeys } = match(tracked, { ...AFFINE, ...RUNNING });
    expect(entries.get('num_batches_tracked')).toEqual(count('I64', BigInt64Array.of(0n)));
    expect(missingKeys).toEqual([]);
  });

  it.each([
    ['I64, as one element', count('I64', BigInt64Array.of(9n), [1])],
    ['I32', count('I32', Int32Array.of(9))],
    ['F32', count('F32', Float32Array.of(9))],
    ['F32, as one element', count('F32', Float32Array.of(9), [1])],
  ])('may hold the count as %s', (_, given) => {
    const { entries } = match(tracked, { ...AFFINE, ...RUNNING, num_batches_tracked: given });
    expect(entries.get('num_batches_tracked')).toBe(given);
  });

  it.each([
    ['a fraction', count('F32', Float32Array.of(1.5)), '1.5'],
    ['no number', count('F32', Float32Array.of(NaN)), 'NaN'],
    ['negative', count('I32', Int32Array.of(-1)), '-1'],
    ['beyond a u32', count('I64', BigInt64Array.of(2n ** 32n)), '4294967296'],
  ])('does not hold a count that is %s', (_, given, shown) => {
    const { code, message } = refused({ ...AFFINE, ...RUNNING, num_batches_tracked: given });
    expect(code).toBe('state');
    expect(message).toContain(`num_batches_tracked is ${shown}; it must be a whole number between 0 and 2^32 - 1`);
  });

  it.each([
    ['of two elements', count('I64', BigInt64Array.of(1n, 2n), [2]), 'has shape [2]; it must have [] or [1]'],
    ['of another type', count('F64', Float64Array.of(1)), 'holds F64; it must hold I64 or I32 or F32'],
    [
      'whose data is of another',
      count('I64', Int32Array.of(1)),
      'has as data an Int32Array of 1; it must be a BigInt64Array',
    ],
  ])('does not hold a count %s', (_, given, says) => {
    expect(refused({ ...AFFINE, ...RUNNING, num_batches_tracked: given }).message).toContain(says);
  });

  it.each(['constructor', '__proto__', 'toString'])('has no entry %s', (name) => {
    const state = Object.fromEntries([...Object.entries(AFFINE), [name, floats(1)]]);
    expect(refused(state, {}, affine).message).toContain(`${name} is not one of weight, bias`);
    expect(match(affine, state, { strict: false }).unexpectedKeys).toEqual([name]);
  });

  it('has entries of its own only', () => {
    const { message } = refused(Object.create(AFFINE), {}, affine);
    expect(message).toContain('weight is missing; bias is missing');
  });

  it('says what a shape is that looks right', () => {
    const { message } = refused({
      weight: { ...floats(1, 2), shape: Int32Array.of(2) },
      bias: { ...floats(1, 2), shape: ['2'] },
    });
    expect(message).toContain('weight has as shape an Int32Array of 1; it must be an Array of sizes');
    expect(message).toContain('bias has as shape ["2"]; it must be an Array of sizes');
  });

  it.each([
    [
      'a Promise',
      Promise.resolve(AFFINE),
      'the state dict is a Promise (await it first); it must be an object of entries',
    ],
    ['a Map', new Map(Object.entries(AFFINE)), 'the state dict is a Map; it must be an object'],
    ['bytes', new Uint8Array(8), 'the state dict is a Uint8Array of 8'],
  ])('is not %s', (_, given, says) => {
    expect(refused(given)).toMatchObject({ code: 'state', message: expect.stringContaining(says) as string });
  });
});

describe('a state dict that is not strict', () => {
  it('leaves what is missing, and passes over what is unexpected', () => {
    const { entries, ...keys } = match(tracked, { weight: AFFINE.weight, other: 5 }, { strict: false });
    expect([...entries.keys()]).toEqual(['weight']);
    expect(keys).toEqual({
      missingKeys: ['bias', 'running_mean', 'running_var', 'num_batches_tracked'],
      unexpectedKeys: ['other'],
    });
  });

  it('starts the count again where running statistics come without', () => {
    const { entries, missingKeys } = match(tracked, RUNNING, { strict: false });
    expect([...entries.keys()]).toEqual(['running_mean', 'running_var', 'num_batches_tracked']);
    expect(missingKeys).toEqual(['weight', 'bias']);
  });

  it('is refused where an entry is misshapen', () => {
    const { message } = refused({ weight: floats(1, 2, 3), other: 5 }, { strict: false });
    expect(message).toBe('Norm: weight has shape [3]; it must have [2]');
  });
});

describe('entries with other names', () => {
  const rename = {
    gamma: 'weight',
    beta: 'bias',
    moving_mean: 'running_mean',
    moving_variance: 'running_var',
  } as const;

  it('are those of TensorFlow and Keras', () => {
    const state = { gamma: AFFINE.weight, beta: AFFINE.bias };
    expect(Object.fromEntries(match(affine, state, { rename }).entries)).toEqual(AFFINE);
    const keras = { ...state, moving_mean: RUNNING.running_mean, moving_variance: RUNNING.running_var };
    expect([...match(tracked, keras, { rename }).entries.keys()]).toEqual([...tracked.keys()]);
  });

  it('are named as they were given', () => {
    const given = { gamma: floats(1, 2, 3), moving_mean: floats(1) };
    const { message } = refused(given, { rename }, affine);
    expect(message).toContain('gamma (as weight) has shape [3]; it must have [2]');
    expect(message).toContain('bias is missing; moving_mean is not one of weight, bias');
    expect(match(affine, { moving_mean: 1 }, { rename, strict: false }).unexpectedKeys).toEqual(['moving_mean']);
  });

  it('are not given beside the name they become', () => {
    const { message } = refused({ weight: AFFINE.weight, gamma: AFFINE.weight }, { rename, strict: false });
    expect(message).toContain('gamma (as weight) and weight are both given; give one');
  });

  it.each<[string, unknown, string]>([
    ['a name that no layer has', { rename: { gamma: 'wieght' } }, "rename.gamma is 'wieght'; it must be one of weight"],
    ['no name', { rename: { gamma: 5 } }, 'rename.gamma is 5; it must be one of'],
    ['a list', { rename: ['weight'] }, 'rename is ["weight"]; give a plain object'],
    ['null', { rename: null }, "rename is null; give a plain object, { gamma: 'weight' } for example"],
    ['a Map', { rename: new Map([['gamma', 'weight']]) }, 'rename is a Map; give a plain object'],
    ['a Promise', { rename: Promise.resolve({}) }, 'rename is a Promise (await it first); give a plain object'],
    ['a misspelt option', { renames: {} }, "no option 'renames'; the options are strict, rename"],
    ['strict as text', { strict: 'false' }, 'strict is the text "false"; it must be true or false'],
    ['no options', null, 'options are null'],
  ])('%s is refused', (_, options, says) => {
    const { code, message } = refused(AFFINE, options, affine);
    expect(code).toBe('option');
    expect(message).toContain(says);
  });
});
