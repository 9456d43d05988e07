import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/layers/index.ts';
import { caught } from './caught.ts';

const entry = { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) } as const;

describe('writing safetensors', () => {
  it('an entry may be called as what every object has', () => {
    const entries = Object.fromEntries(['__proto__', 'constructor'].map((name) => [name, entry]));
    const read = readSafetensors(writeSafetensors(entries));
    expect(Object.keys(read)).toEqual(['__proto__', 'constructor']);
    expect(Object.values(read)).toEqual([entry, entry]);
  });

  it('a state dict may be empty, and without a prototype', () => {
    expect(readSafetensors(writeSafetensors({}))).toEqual({});
    const bare = Object.assign(Object.create(null) as Record<string, never>, { weight: entry });
    expect(readSafetensors(writeSafetensors(bare))).toEqual({ weight: entry });
  });

  it.each<[string, unknown, string]>([
    [
      'a Promise',
      Promise.resolve({ entry }),
      'the state dict is a Promise (await it first); it must be an object of entries',
    ],
    ['null', null, 'the state dict is null; it must be an object of entries'],
    ['nothing', undefined, 'the state dict is undefined'],
    ['a list', [entry], 'the state dict is an Array of 1'],
    ['a Map', new Map([['weight', entry]]), 'the state dict is a Map'],
    ['numbers', new Float32Array(4), 'the state dict is a Float32Array of 4'],
    ['a text', 'weight', 'the state dict is the text "weight"'],
    ['a number', 5, 'the state dict is 5'],
  ])('%s is refused', (_, given, says) => {
    const { code, message } = caught(() => writeSafetensors(given as never));
    expect(code).toBe('state');
    expect(message).toContain(`writeSafetensors: ${says}`);
  });

  it.each<[string, unknown, string]>([
    ['numbers', Float32Array.of(1), 'a is no entry { dtype, shape, data } but a Float32Array of 1'],
    ['a number', 5, 'a is no entry { dtype, shape, data } but 5'],
    ['null', null, 'a is no entry { dtype, shape, data } but null'],
    ['a list', [1, 2], 'a is no entry { dtype, shape, data } but [1,2]'],
    ['an object of nothing', {}, 'a is no entry { dtype, shape, data } but an object'],
    ['a type of ours', { ...entry, dtype: 'f32' }, 'a holds f32; it must hold F32 or I64'],
    ['doubles', { ...entry, dtype: 'F64', data: new Float64Array(2) }, 'a holds F64; it must hold F32 or I64'],
    ['no shape', { ...entry, shape: undefined }, 'a has as shape undefined; it must be an Array of sizes'],
    [
      'a shape that is an array of a type',
      { ...entry, shape: Int32Array.of(2) },
      'a has as shape an Int32Array of 1; it',
    ],
    ['a size that is text', { ...entry, shape: ['2'] }, 'a has as shape ["2"]; it must be an Array of sizes'],
    ['a negative size', { ...entry, shape: [-2] }, 'a has as shape [-2]'],
    ['a list as data', { ...entry, data: [1, 2] }, 'a has as data [1,2]; it must be a Float32Array'],
    [
      'data of another type',
      { ...entry, data: BigInt64Array.of(1n, 2n) },
      'a has as data a BigInt64Array of 2; it must be',
    ],
    ['too few elements', { ...entry, shape: [3] }, 'a has 2 elements; its shape holds 3'],
  ])('an entry that is %s is refused', (_, given, says) => {
    const { code, message } = caught(() => writeSafetensors({ a: given, b: entry } as never));
    expect(code).toBe('state');
    expect(message).toContain(`writeSafetensors: ${says}`);
  });

  it('all that is wrong is named at once, the name the format keeps too', () => {
    const { message } = caught(() => writeSafetensors({ a: 1, __metadata__: entry, b: 2n } as never));
    expect(message).toMatch(/a is no entry .* but 1; __metadata__ is a name .*; b is no entry .* but 2n \(a BigInt\)/);
  });
});
