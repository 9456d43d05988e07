import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { formatList, formatName, formatValue } from '../../src/options/format-value.ts';

class Picture {}

describe('a value in a message', () => {
  const long = 'x'.repeat(41);
  it.each<[text: string, value: unknown]>([
    ['1.5', 1.5],
    ['NaN', NaN],
    ['true', true],
    ['undefined', undefined],
    ['null', null],
    ['2n (a BigInt)', 2n],
    ['a Symbol', Symbol('eps')],
    ['the text "768"', '768'],
    [`the text "${long.slice(1)}"`, long.slice(1)],
    [`the text "${long.slice(1)}…"`, long],
    ['a function', () => 1],
    ['a function', Picture],
    ['an AsyncFunction', async () => {}],
    ['an object', {}],
    ['an object', Object.create(null)],
    ['a Picture', new Picture()],
    ['an object', new (class {})()],
    ['an object', { constructor: Picture }],
    ['a Picture', Object.assign(new Picture(), { constructor: null })],
    ['a Float32Array of 8', new Float32Array(8)],
    ['a Float32Array of 8', runInNewContext('new Float32Array(8)')],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['a Map', new Map()],
    ['a Promise (await it first)', Promise.resolve(1)],
    ['an object (await it first)', Object.fromEntries(['then'].map((name) => [name, () => {}]))],
    ['[]', []],
    ['[4,"5"]', [4, '5']],
    ['[1,2,3,4,5,6,7,8]', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['an Array of 9', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['an Array of 2', [4, null]],
  ])('%s', (text, value) => {
    expect(formatValue(value)).toBe(text);
  });

  it('is in quotes only where it is one name of several', () => {
    expect(formatName('relu6')).toBe("'relu6'");
    expect(formatName(long)).toBe(`'${long.slice(1)}…'`);
    expect(formatName(6)).toBe('6');
  });
});

it('a list in a message has its first elements, and text that does not look like numbers', () => {
  expect(formatList([4n, '3', null])).toBe('[4n (a BigInt),"3",null]');
  expect(formatList([[2, 3]])).toBe('[[2,3]]');
  expect(formatList(Array.from({ length: 1000 }, () => 1))).toBe('[1,1,1,1,1,1,1,1,…]');
});
